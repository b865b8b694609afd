/**
 * Puts the rows of a feed in order for its publisher, out of a running peer: before a recovery what is there is checked and what no head
 * stands over is taken away; after it the feed is checked whole and the ids of its entries are written anew. Reads and writes are the caller's.
 */
import { parseAttestation } from "../attestation/index.ts";
import { equalBytes } from "../bytes/index.ts";
import type { PublicKey } from "../crypto/index.ts";
import {
  EMPTY_ROOT,
  emptyRange,
  HASH_BYTES,
  leafHash,
  newTileHashes,
  origin,
  rangeRoot,
} from "../feed/index.ts";
import type { CompactRange, SignedHead } from "../feed/index.ts";
import { ProtocolError } from "../errors.ts";
import { MAX_FEEDS, MAX_ROWS_READ, MAX_TILE_LEVEL, TILE_WIDTH } from "../limits.ts";
import { entryId } from "./entry-id.ts";
import { entriesIn, entryRange, runOf, singleRows } from "./entry-rows.ts";
import { feedRemoval } from "./evict.ts";
import { keyOfFeedRow, readFeedRow, writeFeedRow } from "./feed-row.ts";
import { FeedState, equalRoot } from "./feed-state.ts";
import { tileIn } from "./hash-rows.ts";
import { indexRows } from "./index-rows.ts";
import { KnownKeys } from "./keys.ts";
import { takeHead } from "./own-head.ts";
import { readable } from "./readable.ts";
import { feedKey, feedNumberOf, hashRange, ownEntryKey, rowsOf, writeIndex } from "./rows.ts";
import type { Range, Row, StoreOp } from "./types.ts";

/** Rows to be read, whole, or to be written, durably: then the answer is empty. */
export type StoreStep =
  | { readonly kind: "read"; readonly range: Range }
  | { readonly kind: "write"; readonly ops: readonly StoreOp[] };
type Steps<Result> = Generator<StoreStep, Result, readonly Row[]>;

/** What of the own feed is to be kept before it is recovered. */
export interface Kept {
  /** Entries that were there and are good, those that a stopped recovery has fetched among them; what is above them is fetched. */
  readonly entries: number;
  /** The store was damaged below its head: all of the feed is fetched anew. */
  readonly damaged: boolean;
}

/**
 * Readies a store for the recovery of the feed with this key. `file` is the head in the own-head file, `builders` are those whose claims were
 * indexed. Entries that no known head stands over go: whoever holds a larger head gives the feed's own.
 */
export function* beginRecovery(
  network: string,
  key: Uint8Array,
  file: SignedHead | null,
  builders: readonly PublicKey[],
): Steps<Kept> {
  const row = yield* rowOf(key);
  if (row === null) return { entries: 0, damaged: false };
  const no = feedNumberOf(row.key);
  const feed = readRow(row, network);
  if (feed === null) return yield* forget(no);
  if (file !== null) takeHead(feed, file);
  const shown = shownOf(feed);
  const range = yield* walk(no, shown.size);
  if (range === null || !equalBytes(rangeRoot(range), shown.root)) return yield* forget(no);
  if (feed.stored.size > range.size) yield* cut(feed, range, new KnownKeys(builders));
  yield write({ op: "put", key: feedKey(no), value: writeFeedRow(feed, range) });
  return { entries: range.size, damaged: false };
}

/**
 * What of the feed is to be in the store: what its head stands over or, where a recovery was stopped while that was fetched, the part that has
 * come. That was shown to belong behind what was there before its row said so, and is shown to lie under the head with what comes behind it.
 */
function shownOf({ head, stored }: FeedState): { readonly size: number; readonly root: Uint8Array } {
  if (head === null) return { size: 0, root: EMPTY_ROOT };
  return head.size > stored.size ? { size: stored.size, root: rangeRoot(stored) } : head;
}

/**
 * Checks the whole feed against its head, and writes under which index each of its entries stands. Null where the store does not hold what
 * `head` stands over: nothing is changed then.
 */
export function* endRecovery(network: string, key: Uint8Array, head: SignedHead): Steps<SignedHead | null> {
  const row = yield* rowOf(key);
  const feed = row === null ? null : readRow(row, network);
  if (row === null || feed?.head?.size !== head.size || !equalRoot(feed.head, head)) return null;
  const no = feedNumberOf(row.key);
  const range = yield* walk(no, head.size);
  if (range === null || !equalBytes(rangeRoot(range), head.root)) return null;
  for (;;) {
    const rows = yield { kind: "read", range: rowsOf("i", MAX_ROWS_READ) };
    if (rows.length === 0) break;
    yield write(...rows.map((one): StoreOp => ({ op: "delete", key: one.key })));
  }
  const seen = new Set<string>();
  for (let from = 0; from < head.size; from += TILE_WIDTH) {
    const entries = yield* entriesOf(no, from, Math.min(head.size, from + TILE_WIDTH));
    const ids = entries.flatMap((entry, i) => idRow(entry, from + i, key));
    // The first of two that are the same is the one that counts.
    yield write(...ids.filter((op) => !seen.has(String(op.key)) && seen.add(String(op.key))));
  }
  return head;
}

function idRow(entry: Uint8Array, index: number, key: Uint8Array): StoreOp[] {
  try {
    const id = entryId(entry, parseAttestation(entry), key);
    return [{ op: "put", key: ownEntryKey(id), value: writeIndex(index) }];
  } catch (error) {
    if (error instanceof ProtocolError) return [];
    throw error;
  }
}

function* rowOf(key: Uint8Array): Steps<Row | null> {
  const rows = yield { kind: "read", range: rowsOf("f", MAX_FEEDS) };
  return rows.find(({ value }) => isRowOf(value, key)) ?? null;
}

function isRowOf(value: Uint8Array, key: Uint8Array): boolean {
  try {
    return equalBytes(keyOfFeedRow(value), key);
  } catch (error) {
    if (error instanceof ProtocolError) return false;
    throw error;
  }
}

/** Null where the row cannot be read. */
function readRow({ key, value }: Row, network: string): FeedState | null {
  try {
    const raw = keyOfFeedRow(value);
    const feed = new FeedState(feedNumberOf(key), origin(network, raw), raw, "own", true);
    readFeedRow(feed, value, network);
    return feed;
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw error;
  }
}

/** Entries `from` … `to - 1`, as far as they are there without a gap. */
function* entriesOf(no: number, from: number, to: number): Steps<readonly Uint8Array[]> {
  return entriesIn(yield { kind: "read", range: entryRange(no, from, to) }, from, to);
}

/** The compact range of the first `size` entries; null where one is not there, or a hash in the store is not that of what stands below it. */
function* walk(no: number, size: number): Steps<CompactRange | null> {
  let range = emptyRange;
  while (range.size < size) {
    const to = Math.min(size, range.size + TILE_WIDTH);
    const entries = yield* entriesOf(no, range.size, to);
    if (entries.length !== to - range.size) return null;
    const growth = newTileHashes(range, entries.map(leafHash));
    for (const { level, start, hashes } of growth.levels) {
      const index = Math.floor(start / TILE_WIDTH);
      const end = start + hashes.length / HASH_BYTES;
      // From where the tile begins: a row may have come with hashes before these.
      const rows = yield { kind: "read", range: hashRange(no, level, index * TILE_WIDTH, end) };
      const stored = tileIn(rows, index).subarray(HASH_BYTES * (start - index * TILE_WIDTH));
      if (!equalBytes(stored.subarray(0, hashes.length), hashes)) return null;
    }
    range = growth.range;
  }
  return range;
}

/** Takes away what stands above `range`, and moves the feed's cursors down to it. */
function* cut(feed: FeedState, range: CompactRange, keys: KnownKeys): Steps<void> {
  const { no } = feed;
  const rows = yield { kind: "read", range: entryRange(no, range.size, feed.stored.size) };
  const gone = rows.map(({ key }) => key);
  // Entries that stood together with some that go have rows of their own.
  const kept = rows
    .map(runOf)
    .filter(({ index }) => index < range.size)
    .flatMap(({ index, entries }) => singleRows(no, index, entries.slice(0, range.size - index)));
  for (const [i, entry] of entriesIn(rows, range.size, feed.stored.size).entries()) {
    const attestation = readable(entry);
    if (attestation === null) continue;
    gone.push(...indexRows(keys, no, range.size + i, attestation).map((row) => row.key));
  }
  for (let level = 0; level <= MAX_TILE_LEVEL; level++) {
    const from = Math.floor(range.size / TILE_WIDTH ** level);
    const hashes = yield { kind: "read", range: hashRange(no, level, from, feed.stored.size + 1) };
    gone.push(...hashes.map(({ key }) => key));
  }
  yield write(...gone.map((key): StoreOp => ({ op: "delete", key })), ...kept);
  feed.indexed = Math.min(feed.indexed, range.size);
  feed.examined = Math.min(feed.examined, range.size);
}

/** Forgets the feed's rows: they are deleted by the next peer that opens the store, and their number is not given out again. */
function* forget(no: number): Steps<Kept> {
  yield write(...feedRemoval(no));
  return { entries: 0, damaged: true };
}

function write(...ops: readonly StoreOp[]): StoreStep {
  return { kind: "write", ops };
}
