import { parseAttestation } from "../attestation/index.ts";
import type { Attestation } from "../attestation/index.ts";
import { ProtocolError } from "../errors.ts";

/** An entry's attestation, or null: junk in a feed is its publisher's affair, and has no rows. */
export function readable(entry: Uint8Array): Attestation | null {
  try {
    return parseAttestation(entry);
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw error;
  }
}
