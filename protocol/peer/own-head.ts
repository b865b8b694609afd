/** What the own-head file holds, and whether a store holds what it rests on (RULES R13). */
import { equalBytes, tried } from "../bytes/index.ts";
import { EMPTY_ROOT, headBody, rangeRoot, verifyCheckpoint } from "../feed/index.ts";
import type { SignedHead } from "../feed/index.ts";
import { equalRoot } from "./feed-state.ts";
import type { FeedState } from "./feed-state.ts";
import type { Origin } from "./types.ts";

/** What the file holds between the feed's beginning and its first head: nobody signs size 0 (RULES R15). */
export function begun(origin: Origin): Uint8Array {
  return headBody({ origin, size: 0, root: EMPTY_ROOT });
}

/** The head in the file; null where there is none. */
export function headInFile(own: Uint8Array, network: string): SignedHead | null {
  return tried(() => verifyCheckpoint(own, network));
}

/**
 * Makes the file's head the feed's, if the store holds what it rests on: it is the head over all of it, or the one in the feed's row, and a
 * crash has left entries above it without a head. Not where the row knows a larger one, which a recovery has found and was stopped before it held
 * that: who signed over less would fork the feed (I1).
 */
export function takeHead(feed: FeedState, head: SignedHead): boolean {
  if (head.origin !== feed.origin || largestIn(feed) > head.size) return false;
  const isEdge = head.size === feed.stored.size && equalBytes(head.root, rangeRoot(feed.stored));
  const isRow = feed.head?.size === head.size && equalRoot(feed.head, head);
  if (!isEdge && !(isRow && feed.stored.size > head.size)) return false;
  feed.head = head;
  if (isEdge) feed.proven = head;
  return true;
}

/** The size of the largest head that the feed's row knows, 0 without one. Of a forked feed, with which nothing goes on, the accepted one. */
export function largestIn({ head, unresolved, forked }: FeedState): number {
  return Math.max(head?.size ?? 0, ...(forked ? [] : unresolved).map(({ size }) => size));
}
