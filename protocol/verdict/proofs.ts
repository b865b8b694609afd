import { compareBytes, compareCodePoints } from "../bytes/index.ts";
import { idOfEvidence, writeEvidence } from "../evidence/index.ts";
import type { Evidence } from "../evidence/index.ts";

/** Of several proofs of one matter the one whose octets come first: the order in which they were found must not show. */
export function oneProofEach(proofs: readonly Evidence[]): readonly Evidence[] {
  const ordered = proofs
    .map((evidence) => ({ evidence, id: idOfEvidence(evidence), bytes: writeEvidence(evidence) }))
    .toSorted((a, b) => compareCodePoints(b.id, a.id) || compareBytes(b.bytes, a.bytes));
  return [...new Map(ordered.map(({ id, evidence }) => [id, evidence])).values()].toReversed();
}
