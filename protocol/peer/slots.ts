/** Where attestations are stored in the DHT: two slots for each target key (RULES R5, R26). */
import { legacyKey } from "../attestation/index.ts";
import type { Attestation } from "../attestation/index.ts";
import { sha256 } from "../crypto/index.ts";

/** Copies at two places of the key space: the neighbourhood of one can be ground in seconds. */
const COPIES = [0, 1];

/** SHA-256(i ‖ target key), i = 0, 1, each i one octet. */
export function slotsOf(key: Uint8Array): readonly Uint8Array[] {
  return COPIES.map((copy) => sha256(Uint8Array.of(copy), key));
}

/**
 * The keys under which an attestation by `signer` is found: its targets; where it names a file only, its product's digest and
 * (signer, file name).
 */
export function keysOf(attestation: Attestation, signer: Uint8Array): readonly Uint8Array[] {
  return attestation.claims.flatMap(({ target, sha256: digest, file, kind }) => {
    if (target !== null) return [target.key];
    if (kind === "retraction") return [];
    return digest === null ? [legacyKey(signer, file)] : [digest, legacyKey(signer, file)];
  });
}
