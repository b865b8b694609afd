/** Value of an `f` row: one feed as the store keeps it. Our own bytes, read exactly all the same. */
import { Cursor, concat, u16be, u64be } from "../bytes/index.ts";
import { origin, readRange, verifyCheckpoint, writeRange } from "../feed/index.ts";
import type { CompactRange, SignedHead } from "../feed/index.ts";
import { ProtocolError } from "../errors.ts";
import type { FeedState } from "./feed-state.ts";
import { feedKey } from "./rows.ts";
import type { StoreOp } from "./types.ts";

const VERSION = 2;
/** Rows of before `since` was kept. */
const WITHOUT_SINCE = 1;
const FORKED = 1;
const KEY_BYTES = 32;

/** Octets of the row for a store that holds the entries up to `edge` once this write is done. */
export function writeFeedRow(feed: FeedState, edge: CompactRange): Uint8Array {
  const range = writeRange(edge);
  const proven = feed.provenAt(edge);
  return concat(
    Uint8Array.of(VERSION, feed.forked ? FORKED : 0),
    feed.key,
    u64be(feed.indexed),
    u64be(feed.examined),
    u64be(feed.claims),
    u64be(feed.bytes),
    u64be(feed.heardAt),
    u64be(feed.since ?? 0),
    u16be(range.length),
    range,
    ...[feed.head, proven, feed.timed].flatMap(noteField),
    Uint8Array.of(feed.unresolved.length),
    ...feed.unresolved.flatMap(noteField),
  );
}

/**
 * The row of a feed, to go into a write without entries: none while they are written, or may have been. A row that says more than is stored, or
 * less, has a publisher take its feed for lost.
 */
export function feedRow(feed: FeedState): readonly StoreOp[] {
  if (feed.gone) return [];
  feed.unsaved = feed.edge !== "known";
  if (feed.unsaved) return [];
  return [{ op: "put", key: feedKey(feed.no), value: writeFeedRow(feed, feed.stored) }];
}

/** The feed's key, from which the state is made that `readFeedRow` fills. */
export function keyOfFeedRow(value: Uint8Array): Uint8Array {
  const cursor = new Cursor(value);
  const version = cursor.u8();
  if (version !== VERSION && version !== WITHOUT_SINCE) {
    throw new ProtocolError("peer/bad-row", "a feed's row was written by another version of samebits");
  }
  cursor.u8();
  return cursor.take(KEY_BYTES).slice();
}

/** Fills a new state from its row. Heads are verified again: they are what all else rests on. Throws `peer/bad-row` and others. */
export function readFeedRow(feed: FeedState, value: Uint8Array, network: string): void {
  const cursor = new Cursor(value);
  const version = cursor.u8();
  feed.forked = (cursor.u8() & FORKED) !== 0;
  cursor.take(KEY_BYTES);
  const indexed = cursor.u64();
  feed.examined = cursor.u64();
  // What a crash left unexamined is indexed once more, which puts the same rows.
  feed.indexed = Math.min(indexed, feed.examined);
  feed.visible = feed.indexed;
  feed.claims = cursor.u64();
  feed.bytes = cursor.u64();
  feed.heardAt = cursor.u64();
  const since = version === WITHOUT_SINCE ? 0 : cursor.u64();
  feed.range = readRange(cursor.take(cursor.u16()));
  feed.stored = feed.range;
  const known = new Map<string, SignedHead>();
  feed.head = readHead(cursor, feed, network, known);
  feed.proven = readHead(cursor, feed, network, known);
  feed.timed = readHead(cursor, feed, network, known);
  feed.since = since === 0 ? (feed.timed?.time ?? null) : since;
  const unresolved: SignedHead[] = [];
  for (let left = cursor.u8(); left > 0; left--) {
    const head = readHead(cursor, feed, network, known);
    if (head !== null) unresolved.push(head);
  }
  feed.unresolved = unresolved;
  cursor.done();
}

function noteField(head: SignedHead | null): Uint8Array[] {
  const note = head?.note ?? new Uint8Array(0);
  return [u16be(note.length), note];
}

function readHead(
  cursor: Cursor,
  feed: FeedState,
  network: string,
  known: Map<string, SignedHead>,
): SignedHead | null {
  const note = cursor.take(cursor.u16());
  if (note.length === 0) return null;
  // Head, proven head and timed head are the same as a rule: one check for all.
  const name = note.join();
  const head = known.get(name) ?? verifyCheckpoint(note, network);
  known.set(name, head);
  if (head.origin !== origin(network, feed.key)) {
    throw new ProtocolError("peer/bad-row", "a feed's row holds the head of another feed");
  }
  return head;
}
