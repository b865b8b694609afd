import { tried } from "../bytes/index.ts";
import { parseAttestation } from "../attestation/index.ts";
import type { Attestation } from "../attestation/index.ts";

/** An entry's attestation, or null: junk in a feed is its publisher's affair, and has no rows. */
export function readable(entry: Uint8Array): Attestation | null {
  return tried(() => parseAttestation(entry));
}
