/** Keys of OpenPGP (RFC 9580 5.5.2, version 4), each by itself: the octets of its packet, which are what its fingerprint is made of. */
import { sha1 } from "#crypto";
import {
  concat,
  Cursor,
  equalBytes,
  fromHex,
  readSpki,
  toHex,
  u16be,
  writeEd25519Spki,
  writeP256Spki,
  writeRsaSpki,
} from "../bytes/index.ts";
import type { SpkiKey } from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import { assertUsableKey, KEY_BYTES } from "./ed25519.ts";

/** What an OpenPGP key is, beside what certificates say about it. */
export interface OpenPgpKey {
  /** ms since 1970. */
  readonly created: number;
  readonly material: SpkiKey;
}

/** Public-key algorithms (RFC 9580 9.1) whose signatures are read. */
export const OPENPGP: {
  readonly rsa: 1;
  readonly ecdsa: 19;
  readonly eddsaLegacy: 22;
  readonly ed25519: 27;
} = { rsa: 1, ecdsa: 19, eddsaLegacy: 22, ed25519: 27 };

const VERSION = 4;
const P256_OID = fromHex("2a8648ce3d030107");
export const ED25519_OID: Uint8Array = fromHex("2b06010401da470f01");
/** Before the 32 octets of an EdDSA key: "in its native writing". */
export const NATIVE_POINT = 0x40;
const FINGERPRINT_PREFIX = Uint8Array.of(0x99);

/**
 * Reads the octets of a public-key (or public-subkey) packet: RSA of 2,048 to 4,096 bits, Ed25519, ECDSA on P-256. Throws
 * `key/unsupported` for others, `key/bad-openpgp` for what is none, `key/small-order`.
 */
export function readOpenPgpKey(body: Uint8Array): OpenPgpKey {
  try {
    return readBody(body);
  } catch (cause) {
    if (!(cause instanceof ProtocolError) || cause.code.startsWith("key/")) throw cause;
    throw new ProtocolError("key/bad-openpgp", `OpenPGP key: ${cause.message}`, { cause });
  }
}

function readBody(body: Uint8Array): OpenPgpKey {
  const cursor = new Cursor(body);
  const version = cursor.u8();
  if (version !== VERSION) {
    throw new ProtocolError("key/unsupported", `an OpenPGP key of version ${version}; version 4 is read`);
  }
  const created = 1_000 * cursor.u32();
  const material = readMaterial(cursor);
  cursor.done();
  return Object.freeze({ created, material });
}

/** Fingerprint of version 4, 20 octets in hex: how people and GnuPG name the key. */
export function openPgpFingerprint(body: Uint8Array): string {
  return toHex(sha1(concat(FINGERPRINT_PREFIX, u16be(body.length), body)));
}

function readMaterial(cursor: Cursor): SpkiKey {
  const algorithm = cursor.u8();
  switch (algorithm) {
    case OPENPGP.rsa:
      return readSpki(writeRsaSpki(readMpi(cursor), readMpi(cursor)));
    case OPENPGP.ecdsa:
      assertCurve(cursor, P256_OID);
      return readSpki(writeP256Spki(readMpi(cursor)));
    case OPENPGP.eddsaLegacy: {
      assertCurve(cursor, ED25519_OID);
      const point = readMpi(cursor);
      if (point[0] !== NATIVE_POINT || point.length !== 1 + KEY_BYTES) throw bad("its point is no EdDSA key");
      return ed25519Material(point.subarray(1));
    }
    case OPENPGP.ed25519:
      return ed25519Material(cursor.take(KEY_BYTES));
    default:
      throw new ProtocolError(
        "key/unsupported",
        `OpenPGP's public-key algorithm ${algorithm} is not read: RSA, Ed25519 and ECDSA P-256 are`,
      );
  }
}

function ed25519Material(raw: Uint8Array): SpkiKey {
  assertUsableKey(raw);
  return readSpki(writeEd25519Spki(raw));
}

function assertCurve(cursor: Cursor, due: Uint8Array): void {
  const oid = cursor.take(cursor.u8());
  if (!equalBytes(oid, due)) {
    throw new ProtocolError(
      "key/unsupported",
      `an OpenPGP key on the curve ${toHex(oid)}, which is not read: Ed25519 and P-256 are`,
    );
  }
}

/** A multiprecision integer (RFC 9580 3.2): its length in bits, exactly, then its octets without leading zeros. */
export function readMpi(cursor: Cursor): Uint8Array {
  const bits = cursor.u16();
  const octets = cursor.take(Math.ceil(bits / 8));
  const first = octets[0];
  if (first === undefined || 8 * octets.length - Math.clz32(first) + 24 !== bits) {
    throw bad("the length of one of its numbers is not that number's");
  }
  return octets;
}

/** A number as such, without its zeros in front. */
export function writeMpi(value: Uint8Array): Uint8Array {
  const start = value.findIndex((octet) => octet !== 0);
  const number = start === -1 ? new Uint8Array() : value.subarray(start);
  const bits = number.length === 0 ? 0 : 8 * number.length - Math.clz32(number[0] ?? 0) + 24;
  return concat(u16be(bits), number);
}

function bad(problem: string): ProtocolError {
  return new ProtocolError("key/bad-openpgp", `OpenPGP key: ${problem}`);
}
