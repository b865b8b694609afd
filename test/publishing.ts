import { parseAttestation } from "../protocol/index.ts";
import type { Command } from "../protocol/index.ts";

/** The command that publishes these entries. Throws where one is no attestation. */
export function publishing(entries: readonly Uint8Array[]): Command {
  return { do: "publish", attestations: entries.map(parseAttestation) };
}
