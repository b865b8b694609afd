import { verifyOwn } from "../attestation/index.ts";
import type { Attestation } from "../attestation/index.ts";
import { utf8 } from "../bytes/index.ts";
import { sha256 } from "../crypto/index.ts";

/** What makes two entries of a feed the same: signer and signed bytes of attestations by the feed's own key, else the octets. */
export function entryId(entry: Uint8Array, attestation: Attestation, key: Uint8Array | null): Uint8Array {
  const own = key === null ? null : verifyOwn(attestation, key);
  return own === null ? carriedId(entry) : ownId(own.id);
}

/** Of an attestation by the feed's own key: by its claim id. */
export function ownId(claim: string): Uint8Array {
  return sha256(utf8(`own\n${claim}`));
}

/** Of anything else. */
export function carriedId(entry: Uint8Array): Uint8Array {
  return sha256(utf8("carried\n"), entry);
}
