/** Frames of the topics `feeds`, `evidence` and `cosignatures`. */
import { frontierLength } from "../feed/index.ts";
import {
  MAX_CHECKPOINT_BYTES,
  MAX_ENTRY_BYTES,
  MAX_FRONTIER_HASHES,
  MAX_GOSSIP_BYTES,
  MAX_TAIL_ENTRIES,
} from "../limits.ts";
import {
  badField,
  checkCount,
  checkFilled,
  checkHashes,
  checkIndex,
  checkLength,
  checkOneOf,
  decodeExact,
  encodeWithin,
} from "./frame.ts";
import { CosignatureNoticeMessage, EvidenceNoticeMessage, FeedUpdateMessage } from "./messages.ts";

/**
 * A feed has grown (RULES R6): `frontier` are the roots of the perfect subtrees at size `from`, left to right; `tail` are all entries
 * from `from` up to the checkpoint's size, or none where `from` is that size.
 */
export interface FeedUpdate {
  /** Signed note with exactly one signature line. */
  readonly checkpoint: Uint8Array;
  readonly from: number;
  readonly frontier: readonly Uint8Array[];
  readonly tail: readonly Uint8Array[];
}

/** Evidence, or the id of one that is too big for gossip: it is fetched on the `tiles` stream from whoever sent this. */
export type EvidenceNotice = { readonly evidence: Uint8Array } | { readonly id: Uint8Array };

/** Reads a frame of the topic `feeds`; whether root and signature hold is not looked at. Throws `wire/…`. */
export function readFeedUpdate(bytes: Uint8Array): FeedUpdate {
  const update = decodeExact(FeedUpdateMessage, bytes, MAX_GOSSIP_BYTES, {
    frontier: MAX_FRONTIER_HASHES,
    tail: MAX_TAIL_ENTRIES,
  });
  checkFeedUpdate(update);
  return Object.freeze(update);
}

/** Throws `wire/too-big` where the tail does not fit: send the head only then (R8). */
export function writeFeedUpdate(update: FeedUpdate): Uint8Array {
  checkFeedUpdate(update);
  const message = { ...update, frontier: [...update.frontier], tail: [...update.tail] };
  return encodeWithin(FeedUpdateMessage, message, MAX_GOSSIP_BYTES);
}

function checkFeedUpdate({ checkpoint, from, frontier, tail }: FeedUpdate): void {
  checkFilled(checkpoint, "checkpoint", MAX_CHECKPOINT_BYTES);
  checkIndex(from, "from");
  checkHashes(frontier, "frontier", MAX_FRONTIER_HASHES);
  if (frontier.length !== frontierLength(from)) {
    throw badField(
      "frontier",
      `has ${frontier.length} hashes; a tree of ${from} entries has ${frontierLength(from)} perfect subtrees`,
    );
  }
  checkCount(tail, "tail", MAX_TAIL_ENTRIES);
  for (const entry of tail) checkFilled(entry, "tail", MAX_ENTRY_BYTES);
}

/** Reads a frame of the topic `evidence`; the proof itself is checked by `protocol/evidence`. Throws `wire/…`. */
export function readEvidenceNotice(bytes: Uint8Array): EvidenceNotice {
  const { evidence, id } = decodeExact(EvidenceNoticeMessage, bytes, MAX_GOSSIP_BYTES, {});
  checkOneOf({ evidence: evidence.length > 0, id: id.length > 0 });
  if (evidence.length > 0) return Object.freeze({ evidence });
  checkLength(id, "id");
  return Object.freeze({ id });
}

/** Throws `wire/too-big` where the evidence does not fit: send its id then. */
export function writeEvidenceNotice(notice: EvidenceNotice): Uint8Array {
  const none = new Uint8Array(0);
  const evidence = "evidence" in notice ? notice.evidence : none;
  const id = "id" in notice ? notice.id : none;
  if ("id" in notice) checkLength(id, "id");
  else checkFilled(evidence, "evidence", MAX_GOSSIP_BYTES);
  return encodeWithin(EvidenceNoticeMessage, { evidence, id }, MAX_GOSSIP_BYTES);
}

/** Reads a frame of the topic `cosignatures`: a head with one line of a witness, as `parseCosigned` reads it. Throws `wire/…`. */
export function readCosignatureNotice(bytes: Uint8Array): Uint8Array {
  const { checkpoint } = decodeExact(CosignatureNoticeMessage, bytes, MAX_GOSSIP_BYTES, {});
  checkFilled(checkpoint, "checkpoint", MAX_CHECKPOINT_BYTES);
  return checkpoint;
}

export function writeCosignatureNotice(checkpoint: Uint8Array): Uint8Array {
  checkFilled(checkpoint, "checkpoint", MAX_CHECKPOINT_BYTES);
  return encodeWithin(CosignatureNoticeMessage, { checkpoint }, MAX_GOSSIP_BYTES);
}
