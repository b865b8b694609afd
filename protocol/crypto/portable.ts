/** The primitives on @noble: where there is no `node:crypto` (browsers), and the second opinion in tests. Same six as `native.ts`. */
import { getPublicKey, hashes, Point, sign as signWith } from "@noble/ed25519";
import { sha1 as nobleSha1 } from "@noble/hashes/legacy.js";
import { sha256 as nobleSha256, sha512 as nobleSha512 } from "@noble/hashes/sha2.js";
import { concat, equalBytes } from "../bytes/index.ts";

hashes.sha512 = nobleSha512;

/** SHA-256 (FIPS 180-4), 32 octets. */
export function sha256(data: Uint8Array): Uint8Array {
  return nobleSha256(data);
}

/** SHA-256, written into `out` from octet `at` on. */
export function sha256Into(out: Uint8Array, at: number, data: Uint8Array): void {
  out.set(nobleSha256(data), at);
}

/** SHA-512 (FIPS 180-4), 64 octets. */
export function sha512(data: Uint8Array): Uint8Array {
  return nobleSha512(data);
}

/** SHA-1 (FIPS 180-4), 20 octets: for the fingerprints of OpenPGP keys, by which nothing is decided. */
export function sha1(data: Uint8Array): Uint8Array {
  return nobleSha1(data);
}

/** Ed25519 signature (RFC 8032 5.1.6), 64 octets, with the key of a 32-octet seed. */
export function sign(seed: Uint8Array, message: Uint8Array): Uint8Array {
  return signWith(message, seed);
}

/** The public key of a seed (RFC 8032 5.1.5), 32 octets. */
export function publicFromSeed(seed: Uint8Array): Uint8Array {
  return getPublicKey(seed);
}

/**
 * Whether `SB - hA == R`, byte for byte, computed here from noble's points: noble's own `verify` multiplies by the cofactor and so
 * accepts more. The caller has refused small orders and encodings that are not canonical (`precheck`).
 */
export function equation(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const point = decompress(key);
  if (point === null) return false;
  const r = signature.subarray(0, 32);
  const s = littleEndian(signature.subarray(32));
  const h = littleEndian(nobleSha512(concat(r, key, message))) % Point.CURVE().n;
  const expected = Point.BASE.multiply(s, false).subtract(point.multiply(h, false));
  return equalBytes(expected.toBytes(), r);
}

function decompress(key: Uint8Array): Point | null {
  try {
    return Point.fromBytes(key, false);
  } catch {
    return null; // not on the curve
  }
}

function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const octet of bytes.toReversed()) value = (value << 8n) | BigInt(octet);
  return value;
}
