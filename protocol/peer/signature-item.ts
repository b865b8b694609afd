import type { PublicKey } from "../crypto/index.ts";

/** A signature to check off the engine's path; `key` as in the attestation, Ed25519 or foreign. */
export interface SignatureItem {
  readonly key: PublicKey;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}
