/** Ed25519 by the one rule of `protocol/spec/ed25519.md`: every runtime gives the same answer for the same octets. */
import { equation, publicFromSeed as publicOf, sign } from "#crypto";
import { fromHex, toHex } from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";

export const KEY_BYTES = 32;
export const SEED_BYTES = 32;
export const SIGNATURE_BYTES = 64;

/** L, the order of the base point, little-endian (RFC 8032 5.1). */
const ORDER: Uint8Array = fromHex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
/** p = 2^255 - 19, little-endian. */
const PRIME: Uint8Array = fromHex("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");

/** The canonical y of the eight points of small order (two share each of three of them), sign bit cleared. */
const SMALL_ORDER_Y: ReadonlySet<string> = new Set([
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
]);

/**
 * Whether `signature` (64 octets) is `key`'s (32 octets) on `message`: the PRE conditions, then the cofactorless equation. False for
 * whatever else is given; never throws.
 */
export function verifyEd25519(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  return precheck(key, signature) && equation(key, message, signature);
}

/** PRE: lengths, y of A and R below p, S below L, neither A nor R of small order. */
export function precheck(key: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_BYTES) return false;
  const r = signature.subarray(0, 32);
  const s = signature.subarray(32);
  return isUsableEncoding(key) && isUsableEncoding(r) && isBelow(s, ORDER);
}

/** 32 octets, y below p, not of small order. Says nothing about being on the curve: that the equation finds out. */
function isUsableEncoding(encoded: Uint8Array): boolean {
  if (encoded.length !== KEY_BYTES) return false;
  const y = withoutSign(encoded);
  return isBelow(y, PRIME) && !SMALL_ORDER_Y.has(toHex(y));
}

/** Whether the point that 32 octets encode, canonically or not, has small order (a divisor of 8). */
export function isSmallOrder(encoded: Uint8Array): boolean {
  const y = withoutSign(encoded);
  // Below 2^255 only p and p + 1 are second writings of small orders, namely of y = 0 and y = 1.
  if (!isBelow(y, PRIME)) return y[0] === 0xed || y[0] === 0xee;
  return SMALL_ORDER_Y.has(toHex(y));
}

/** Admission of a public key: 32 octets, canonical, not of small order. Throws `key/small-order`. */
export function assertUsableKey(key: Uint8Array): void {
  if (!isUsableEncoding(key)) {
    throw new ProtocolError(
      "key/small-order",
      `${toHex(key.subarray(0, KEY_BYTES))} is no usable Ed25519 key: not 32 octets, y not below p, or of small order`,
    );
  }
}

/** Signature of any octets at all. Outside this folder only `signDomain` signs (RULES R2). */
export function signEd25519(seed: Uint8Array, message: Uint8Array): Uint8Array {
  return sign(assertSeed(seed), message);
}

/** The public key, 32 octets, of a 32-octet seed. */
export function publicFromSeed(seed: Uint8Array): Uint8Array {
  return publicOf(assertSeed(seed));
}

function assertSeed(seed: Uint8Array): Uint8Array {
  if (seed.length === SEED_BYTES) return seed;
  throw new ProtocolError("der/bad-key", `an Ed25519 seed has ${SEED_BYTES} octets, not ${seed.length}`);
}

/** The encoding with the sign of x cleared: y alone. */
function withoutSign(encoded: Uint8Array): Uint8Array {
  const y = new Uint8Array(encoded);
  y[31] = (y[31] ?? 0) & 0x7f;
  return y;
}

/** Whether a < b, both 32 octets little-endian. Not constant in time: public values. */
function isBelow(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 31; i >= 0; i--) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
