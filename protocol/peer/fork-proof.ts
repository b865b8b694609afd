/** The proof that a feed forked: its rows, and which of two is kept. */
import { checkEvidenceSync, evidenceId, saysMore } from "../evidence/index.ts";
import type { ForkEvidence } from "../evidence/index.ts";
import type { FeedState } from "./feed-state.ts";
import { evidenceKey, feedEvidenceKey } from "./rows.ts";
import type { StoreOp } from "./types.ts";

/** The row of the proof that a feed forked: there is one a feed. */
export function forkProofKey(feed: FeedState): Uint8Array {
  return evidenceKey(proofId(feed));
}

/** What takes the proof out of the store. */
export function forkProofRemoval(feed: FeedState): readonly StoreOp[] {
  const keys = [forkProofKey(feed), feedEvidenceKey(feed.originHash, proofId(feed))];
  return keys.map((key) => ({ op: "delete", key }));
}

function proofId({ key }: FeedState): string {
  return evidenceId("fork", [key], null);
}

/** Whether a proof of a fork is to be kept instead of the one that is. */
export function takesPlaceOf(fork: ForkEvidence, octets: Uint8Array): boolean {
  const known = checkEvidenceSync(octets);
  return known.kind === "fork" && saysMore(fork, known);
}
