/** SHA-2 of one or more parts. */
import { sha1 as sha1Of, sha256 as sha256Of, sha256Into as sha256Write, sha512 as sha512Of } from "#crypto";
import { concat, toHex } from "../bytes/index.ts";

/** SHA-256 of all parts joined, 32 octets. */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  return sha256Of(joined(parts));
}

/** SHA-256 of `data`, written into `out` from octet `at` on, where it has 32 octets of room: an object less for each hash of a tree. */
export function sha256Into(out: Uint8Array, at: number, data: Uint8Array): void {
  sha256Write(out, at, data);
}

/** SHA-512 of all parts joined, 64 octets. */
export function sha512(...parts: readonly Uint8Array[]): Uint8Array {
  return sha512Of(joined(parts));
}

/** SHA-256 of all parts joined, in lowercase hex. */
export function sha256Hex(...parts: readonly Uint8Array[]): string {
  return toHex(sha256(...parts));
}

/** SHA-1 of all parts joined, 20 octets: how git names objects in most repositories. It names, and proves nothing: two objects may be made that share one. */
export function gitHash(...parts: readonly Uint8Array[]): Uint8Array {
  return sha1Of(joined(parts));
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : concat(...parts);
}
