/** The few DER structures that keys come in (RFC 5280 4.1 SubjectPublicKeyInfo, RFC 5958 OneAsymmetricKey, RFC 8410), octet by octet. */
import { ProtocolError } from "../errors.ts";
import { MAX_RSA_BITS, MIN_RSA_BITS } from "../limits.ts";
import { Cursor } from "./cursor.ts";
import { concat, equalBytes, startsWith } from "./octets.ts";
import { reading } from "./reading.ts";
import { fromHex } from "./text.ts";

/** A public key as its SubjectPublicKeyInfo says. */
export interface SpkiKey {
  readonly type: "ed25519" | "ecdsa-p256" | "rsa";
  /** The raw key for ed25519 (32 octets), the uncompressed point for P-256 (65), the modulus for RSA. */
  readonly key: Uint8Array;
  /** The standard writing of the same key. */
  readonly spki: Uint8Array;
}

/** RFC 8410: AlgorithmIdentifier without parameters. 44 octets in all. */
const ED25519_SPKI = fromHex("302a300506032b6570032100");
/** As in-toto-rs and so rebuilderd write it: with NULL parameters, which RFC 8410 forbids and OpenSSL rejects. 46 octets in all. */
const ED25519_SPKI_REBUILDERD = fromHex("302c300706032b65700500032100");
const P256_SPKI = fromHex("3059301306072a8648ce3d020106082a8648ce3d030107034200");
const UNCOMPRESSED_POINT = 0x04;
const RSA_ALGORITHM = fromHex("300d06092a864886f70d0101010500");

/** PKCS#8 version 1 of RFC 8410: the seed alone. 48 octets in all. */
const ED25519_PKCS8 = fromHex("302e020100300506032b657004220420");
/** Version 2, as rebuilderd writes it: the seed, then the public key as [1]. 83 octets in all. */
const ED25519_PKCS8_V2 = fromHex("3051020101300506032b657004220420");
const ED25519_PKCS8_V2_PUBLIC = fromHex("812100");

const KEY_BYTES = 32;
const POINT_BYTES = 65;

const INTEGER = 0x02;
const BIT_STRING = 0x03;
const SEQUENCE = 0x30;

/** Reads a public key in any writing listed in `protocol/spec/keys.md`. Throws `key/unsupported`, `der/bad-key`. */
export function readSpki(der: Uint8Array): SpkiKey {
  for (const prefix of [ED25519_SPKI, ED25519_SPKI_REBUILDERD]) {
    if (startsWith(der, prefix) && der.length === prefix.length + KEY_BYTES) {
      const key = der.slice(prefix.length);
      return Object.freeze({ type: "ed25519", key, spki: writeEd25519Spki(key) });
    }
  }
  if (startsWith(der, P256_SPKI)) {
    const key = der.slice(P256_SPKI.length);
    if (key.length !== POINT_BYTES || key[0] !== UNCOMPRESSED_POINT) {
      throw new ProtocolError("der/bad-key", "the P-256 key is not an uncompressed point of 65 octets");
    }
    return Object.freeze({ type: "ecdsa-p256", key, spki: new Uint8Array(der) });
  }
  return readRsaSpki(der);
}

/** SubjectPublicKeyInfo of RFC 8410, 44 octets: what OpenSSL reads. */
export function writeEd25519Spki(key: Uint8Array): Uint8Array {
  return concat(ED25519_SPKI, key);
}

/** The same with NULL parameters, 46 octets: what in-toto-rs (rebuilderd, repro-threshold) reads. */
export function writeRebuilderdSpki(key: Uint8Array): Uint8Array {
  return concat(ED25519_SPKI_REBUILDERD, key);
}

/** SubjectPublicKeyInfo of an uncompressed point on P-256 (65 octets). */
export function writeP256Spki(point: Uint8Array): Uint8Array {
  return concat(P256_SPKI, point);
}

/** SubjectPublicKeyInfo of an RSA key: modulus and exponent without leading zeros. */
export function writeRsaSpki(modulus: Uint8Array, exponent: Uint8Array): Uint8Array {
  const key = write(SEQUENCE, write(INTEGER, positive(modulus)), write(INTEGER, positive(exponent)));
  return write(SEQUENCE, RSA_ALGORITHM, write(BIT_STRING, Uint8Array.of(0), key));
}

/** An Ed25519 private key: its seed, and its public key where the file names it (version 2). Throws `der/bad-key`. */
export function readPkcs8(der: Uint8Array): {
  readonly seed: Uint8Array;
  readonly publicKey: Uint8Array | null;
} {
  const cursor = new Cursor(der);
  if (startsWith(der, ED25519_PKCS8) && der.length === ED25519_PKCS8.length + KEY_BYTES) {
    cursor.take(ED25519_PKCS8.length);
    return { seed: cursor.take(KEY_BYTES).slice(), publicKey: null };
  }
  const length = ED25519_PKCS8_V2.length + KEY_BYTES + ED25519_PKCS8_V2_PUBLIC.length + KEY_BYTES;
  if (startsWith(der, ED25519_PKCS8_V2) && der.length === length) {
    cursor.take(ED25519_PKCS8_V2.length);
    const seed = cursor.take(KEY_BYTES).slice();
    if (equalBytes(cursor.take(ED25519_PKCS8_V2_PUBLIC.length), ED25519_PKCS8_V2_PUBLIC)) {
      return { seed, publicKey: cursor.take(KEY_BYTES).slice() };
    }
  }
  throw new ProtocolError(
    "der/bad-key",
    "not an Ed25519 private key in PKCS#8 (RFC 8410); make one with `samebits keygen` or `openssl genpkey -algorithm ed25519`",
  );
}

/** PKCS#8 version 1, 48 octets. */
export function writePkcs8(seed: Uint8Array): Uint8Array {
  return concat(ED25519_PKCS8, seed);
}

/** An ECDSA signature in DER (RFC 3279 2.2.3) as r || s, each of `width` octets. Throws `der/bad-key`. */
export function readEcdsaSignature(der: Uint8Array, width: number): Uint8Array {
  const numbers = reading("der/bad-key", "ECDSA signature", () => {
    const whole = new Cursor(der);
    const pair = new Cursor(element(whole, SEQUENCE));
    whole.done();
    return twoIntegers(pair);
  });
  const raw = new Uint8Array(2 * width);
  for (const [index, number] of numbers.entries()) {
    if (number.length > width) {
      throw new ProtocolError("der/bad-key", `a number of an ECDSA signature exceeds ${width} octets`);
    }
    raw.set(number, (index + 1) * width - number.length);
  }
  return raw;
}

function readRsaSpki(der: Uint8Array): SpkiKey {
  const outer = reading("der/bad-key", "public key", () => {
    const whole = new Cursor(der);
    const contents = element(whole, SEQUENCE);
    whole.done();
    return contents;
  });
  if (!startsWith(outer, RSA_ALGORITHM)) {
    throw new ProtocolError("key/unsupported", "only Ed25519, ECDSA P-256 and RSA public keys are read");
  }
  const [modulus, exponent] = reading("der/bad-key", "RSA key", () => {
    const rest = new Cursor(outer.subarray(RSA_ALGORITHM.length));
    const bits = new Cursor(element(rest, BIT_STRING));
    rest.done();
    if (bits.u8() !== 0) throw new ProtocolError("der/bad-key", "its BIT STRING has unused bits");
    const key = new Cursor(element(bits, SEQUENCE));
    bits.done();
    return twoIntegers(key);
  });
  const size = modulus.length * 8 - Math.clz32(modulus[0] ?? 0) + 24;
  if (size < MIN_RSA_BITS || size > MAX_RSA_BITS) {
    throw new ProtocolError(
      "key/unsupported",
      `RSA of ${size} bits; ${MIN_RSA_BITS} to ${MAX_RSA_BITS} are read`,
    );
  }
  const odd = ((modulus.at(-1) ?? 0) & (exponent.at(-1) ?? 0) & 1) === 1;
  if (!odd || exponent.length > 4 || (exponent.length === 1 && exponent[0] === 1)) {
    throw new ProtocolError("der/bad-key", "RSA needs an odd modulus and an odd exponent from 3 to 2^32 - 1");
  }
  return Object.freeze({ type: "rsa", key: new Uint8Array(modulus), spki: new Uint8Array(der) });
}

/** The contents of the next element, whose tag must be `tag` and whose length must be written in the shortest way. */
function element(cursor: Cursor, tag: number): Uint8Array {
  const found = cursor.u8();
  if (found !== tag) throw new ProtocolError("der/bad-key", `DER tag ${found} where ${tag} is due`);
  const first = cursor.u8();
  if (first < 0x80) return cursor.take(first);
  if (first === 0x81) {
    const length = cursor.u8();
    if (length >= 0x80) return cursor.take(length);
  } else if (first === 0x82) {
    const length = cursor.u16();
    if (length >= 0x100) return cursor.take(length);
  }
  throw new ProtocolError(
    "der/bad-key",
    "a DER length is not written in the shortest way, or exceeds 65,535",
  );
}

/** An element of a few thousand octets, its length written in the shortest way. */
function write(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const content = concat(...contents);
  const size = content.length;
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return concat(Uint8Array.of(tag, ...length), content);
}

/** The contents of a positive INTEGER. */
function positive(magnitude: Uint8Array): Uint8Array {
  return (magnitude[0] ?? 0) >= 0x80 ? concat(Uint8Array.of(0), magnitude) : magnitude;
}

/** Two positive INTEGERs and nothing after them. */
function twoIntegers(cursor: Cursor): readonly [Uint8Array, Uint8Array] {
  const first = unsignedInteger(element(cursor, INTEGER));
  const second = unsignedInteger(element(cursor, INTEGER));
  cursor.done();
  return [first, second];
}

/** The magnitude of a positive DER INTEGER, without the sign octet. */
function unsignedInteger(contents: Uint8Array): Uint8Array {
  const [first, second] = contents;
  const signOctet = first === 0 && second !== undefined && second >= 0x80;
  const magnitude = signOctet ? contents.subarray(1) : contents;
  if (first === undefined || magnitude[0] === 0 || (!signOctet && first >= 0x80)) {
    throw new ProtocolError(
      "der/bad-key",
      "a DER INTEGER is not positive or not written in the shortest way",
    );
  }
  return magnitude;
}
