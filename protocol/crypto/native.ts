/** The primitives on `node:crypto`: the hot path. `portable.ts` has the same six for programs without it; `#crypto` chooses. */
import { createPrivateKey, createPublicKey, hash, sign as signWith, verify } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { equalBytes, toHex, writeEd25519Spki, writePkcs8 } from "../bytes/index.ts";
import { MAX_CACHED_KEYS } from "../limits.ts";

/** SHA-256 (FIPS 180-4), 32 octets. */
export function sha256(data: Uint8Array): Uint8Array {
  return digest("sha256", data);
}

/** SHA-256, written into `out` from octet `at` on. */
export function sha256Into(out: Uint8Array, at: number, data: Uint8Array): void {
  writeBinary(hash("sha256", data, "binary"), out, at);
}

/** SHA-512 (FIPS 180-4), 64 octets. */
export function sha512(data: Uint8Array): Uint8Array {
  return digest("sha512", data);
}

/** SHA-1 (FIPS 180-4), 20 octets: for the fingerprints of OpenPGP keys, by which nothing is decided. */
export function sha1(data: Uint8Array): Uint8Array {
  return digest("sha1", data);
}

/** Ed25519 signature (RFC 8032 5.1.6), 64 octets, with the key of a 32-octet seed. */
export function sign(seed: Uint8Array, message: Uint8Array): Uint8Array {
  return new Uint8Array(signWith(null, message, privateKey(seed)));
}

/** The public key of a seed (RFC 8032 5.1.5), 32 octets. */
export function publicFromSeed(seed: Uint8Array): Uint8Array {
  const spki = createPublicKey(privateKey(seed)).export({ type: "spki", format: "der" });
  return new Uint8Array(spki.subarray(spki.length - 32));
}

/**
 * Whether `SB - hA == R`, byte for byte. OpenSSL computes exactly this, but versions differ on small orders and on encodings that are
 * not canonical: the caller has refused those (`precheck`). A key that is no point of the curve is false.
 */
export function equation(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  return verify(null, message, publicKey(key), signature);
}

/** In one call, and as text of a character an octet: for the 65 octets of a tree node three times as fast as a digest that is a Buffer. */
function digest(algorithm: "sha1" | "sha256" | "sha512", data: Uint8Array): Uint8Array {
  const text = hash(algorithm, data, "binary");
  const octets = new Uint8Array(text.length);
  writeBinary(text, octets, 0);
  return octets;
}

function writeBinary(text: string, out: Uint8Array, at: number): void {
  for (let i = 0; i < text.length; i++) out[at + i] = text.charCodeAt(i);
}

/** As long as somebody holds the seed, and with a copy of it: it may have been overwritten. How long comparing them takes tells of neither. */
const privateKeys = new WeakMap<Uint8Array, { readonly seed: Uint8Array; readonly key: KeyObject }>();

/** The key's object, made once: OpenSSL works out the public key for it, which takes longer than to sign. */
function privateKey(seed: Uint8Array): KeyObject {
  const known = privateKeys.get(seed);
  if (known !== undefined && equalBytes(known.seed, seed)) return known.key;
  const key = createPrivateKey({ key: buffer(writePkcs8(seed)), format: "der", type: "pkcs8" });
  privateKeys.set(seed, { seed: seed.slice(), key });
  return key;
}

const publicKeys = new Map<string, KeyObject>();

/** The key's object, from a cache that forgets the oldest: importing a key costs a third of a verification. */
function publicKey(key: Uint8Array): KeyObject {
  const id = toHex(key);
  const known = publicKeys.get(id);
  if (known !== undefined) return known;
  if (publicKeys.size >= MAX_CACHED_KEYS) {
    for (const oldest of publicKeys.keys()) {
      publicKeys.delete(oldest);
      break;
    }
  }
  const made = createPublicKey({ key: buffer(writeEd25519Spki(key)), format: "der", type: "spki" });
  publicKeys.set(id, made);
  return made;
}

/** `node:crypto` takes DER only as a Buffer. */
function buffer(der: Uint8Array): Buffer {
  return Buffer.from(der);
}
