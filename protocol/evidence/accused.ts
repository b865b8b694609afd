import { ProtocolError } from "../errors.ts";
import { parseCheckpoint, parseOrigin } from "../feed/index.ts";
import { equalBytes } from "../bytes/index.ts";
import { readEvidenceFile } from "./file.ts";
import type { EvidenceFile } from "./file.ts";

/**
 * Raw keys or SPKI of whom evidence speaks by its own word, nothing of it checked, each once; none where the octets are not of the form. For telling
 * whom somebody tried to frame with what did not hold, and for nothing else.
 */
export function accusedIn(bytes: Uint8Array): readonly Uint8Array[] {
  try {
    return accused(readEvidenceFile(bytes));
  } catch (error) {
    if (error instanceof ProtocolError) return [];
    throw error;
  }
}

function accused(file: EvidenceFile): readonly Uint8Array[] {
  switch (file.kind) {
    case "fork":
      return [keyOf(file.a)];
    case "bad-leaf":
      return [keyOf(file.checkpoint)];
    case "self-contradiction":
    case "disagreement": {
      const [a, b] = [file.a.signer, file.b.signer];
      return equalBytes(a, b) ? [a] : [a, b];
    }
  }
}

function keyOf(note: Uint8Array): Uint8Array {
  return parseOrigin(parseCheckpoint(note).origin).key;
}
