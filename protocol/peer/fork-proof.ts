/** The proof that a feed forked: its rows, and which of two is kept. */
import { checkEvidenceSync, evidenceId, saysMore } from "../evidence/index.ts";
import type { ForkEvidence } from "../evidence/index.ts";
import type { FeedState } from "./feed-state.ts";
import { evidenceKey, feedEvidenceKey } from "./rows.ts";
import type { StoreOp } from "./types.ts";

/** The rows of the proof that a feed forked: evidence, and that it speaks against the feed. */
export function strangeProof(
  { key, originHash }: FeedState,
  id: string = evidenceId("fork", [key], null),
): readonly StoreOp[] {
  return [evidenceKey(id), feedEvidenceKey(originHash, id)].map((row) => ({ op: "delete", key: row }));
}

/** Whether a proof of a fork is to be kept instead of the one that is. */
export function takesPlaceOf(fork: ForkEvidence, octets: Uint8Array): boolean {
  const known = checkEvidenceSync(octets);
  return known.kind === "fork" && saysMore(fork, known);
}
