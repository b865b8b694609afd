/**
 * Entries in the store (spec/peer.md, "Rows"): each in a row of its own, or, where they came as a bundle, PACK_ENTRIES in one, as the answers of `tiles`
 * write them. An entry stands in one row only: what a failed write may have left goes with the next one (append.ts).
 */
import { octetsIn } from "../bytes/index.ts";
import { MAX_PACK_BYTES, PACK_ENTRIES } from "../limits.ts";
import { blobsInPlace, joinBlobs, splitBlobs } from "../wire/index.ts";
import { INDEX_BYTES, putUint, rowsUnder, uintOf } from "./rows.ts";
import type { Range, Row, StoreOp } from "./types.ts";

const ENTRY: number = "e".charCodeAt(0);
const NUMBER_BYTES = 4;
const KEY_BYTES: number = 1 + NUMBER_BYTES + INDEX_BYTES;
const NONE = new Uint8Array(0);

/** Entries of a row, and the index of the first. */
export interface EntryRun {
  readonly index: number;
  readonly entries: readonly Uint8Array[];
}

/** Blobs of an answer, one behind the other, and how many they are. */
export interface BlobRun {
  readonly blobs: Uint8Array;
  readonly count: number;
}

/** `e` feed number, index: one entry. */
export function entryKey(no: number, index: number): Uint8Array {
  return keyOf(no, index, KEY_BYTES);
}

/** `e` feed number, index of the last, their number: the PACK_ENTRIES entries among which `index` is. Whoever reads from any of them on comes by it. */
export function packKey(no: number, index: number): Uint8Array {
  const key = keyOf(no, packEnd(index) - 1, KEY_BYTES + 1);
  key[KEY_BYTES] = PACK_ENTRIES;
  return key;
}

function keyOf(no: number, index: number, length: number): Uint8Array {
  // Made by the thousand: one array, and none for its fields.
  const key = new Uint8Array(length);
  key[0] = ENTRY;
  putUint(key, 1, no, NUMBER_BYTES);
  putUint(key, 1 + NUMBER_BYTES, index, INDEX_BYTES);
  return key;
}

/** The rows of entries from index `from` on, each with its own. */
export function singleRows(no: number, from: number, entries: readonly Uint8Array[]): StoreOp[] {
  return entries.map((value, i) => ({ op: "put", key: entryKey(no, from + i), value }));
}

/** The same for entries of bundles: together, as far as they fill a row and are not too large for it. */
export function packedRows(no: number, from: number, entries: readonly Uint8Array[]): StoreOp[] {
  const rows: StoreOp[] = [];
  for (let at = from; at - from < entries.length; at = packEnd(at)) {
    const some = entries.slice(at - from, packEnd(at) - from);
    if (some.length === PACK_ENTRIES && octetsIn(some) <= MAX_PACK_BYTES)
      rows.push({ op: "put", key: packKey(no, at), value: blobsInPlace(some) });
    else rows.push(...singleRows(no, at, some));
  }
  return rows;
}

/** Takes away all rows in which entries `from` … `to - 1` of a feed could stand, where `from` is no part of a larger row. */
export function noRows(no: number, from: number, to: number): StoreOp[] {
  const rows: StoreOp[] = [];
  for (let index = from; index < to; index++) {
    rows.push({ op: "delete", key: entryKey(no, index) });
    if (index + 1 === packEnd(index)) rows.push({ op: "delete", key: packKey(no, index) });
  }
  return rows;
}

/** The rows in which entries `from` … `to - 1` of a feed stand; they may hold others too. */
export function entryRange(no: number, from: number, to: number): Range {
  return { from: entryKey(no, from), to: entryKey(no, packEnd(to - 1)), limit: to - from };
}

/** The first rows with entries of a feed. */
export function firstEntries(no: number, limit: number): Range {
  return rowsUnder(entryKey(no, 0).subarray(0, 1 + NUMBER_BYTES), limit);
}

/** What an `e` row holds; no entries where that is none of what is written. */
export function runOf({ key, value }: Row): EntryRun {
  const index = uintOf(key, 1 + NUMBER_BYTES, INDEX_BYTES);
  if (!isPack(key)) return { index, entries: [value] };
  const entries = splitBlobs(value) ?? [];
  return { index: packStart(index), entries: entries.length === PACK_ENTRIES ? entries : [] };
}

/** Entries `from` … `to - 1`, as far as these rows of an `entryRange` have them without a gap. */
export function entriesIn(rows: readonly Row[], from: number, to: number): Uint8Array[] {
  return piecesOf(rows, from, to).flatMap(({ entries }) => entries);
}

/** The same, with the row in which each of them stands. */
function piecesOf(
  rows: readonly Row[],
  from: number,
  to: number,
): readonly { readonly row: Row; readonly entries: readonly Uint8Array[] }[] {
  const pieces = [];
  let next = from;
  for (const row of rows) {
    const { index, entries } = runOf(row);
    if (index > next) break;
    const some = entries.slice(next - index, to - index);
    pieces.push({ row, entries: some });
    next += some.length;
  }
  return pieces;
}

/**
 * The same as an answer's blobs are written (`joinBlobs`): a row that holds nothing else as it is, others in pieces of MAX_PACK_BYTES or one entry.
 * `count` is how many entries each has.
 */
export function blobsIn(rows: readonly Row[], from: number, to: number): readonly BlobRun[] {
  const runs: BlobRun[] = [];
  let loose: Uint8Array[] = [];
  let octets = 0;
  const join = (): void => {
    if (loose.length > 0) runs.push({ blobs: joinBlobs(loose, NONE), count: loose.length });
    [loose, octets] = [[], 0];
  };
  for (const { row, entries } of piecesOf(rows, from, to)) {
    if (isPack(row.key) && entries.length === PACK_ENTRIES) {
      join();
      runs.push({ blobs: row.value, count: PACK_ENTRIES });
      continue;
    }
    for (const entry of entries) {
      if (octets + entry.length > MAX_PACK_BYTES) join();
      loose.push(entry);
      octets += entry.length;
    }
  }
  join();
  return runs;
}

function isPack(key: Uint8Array): boolean {
  return key.length > KEY_BYTES;
}

/** The index of the first entry with which this one may stand together. */
export function packStart(index: number): number {
  return index - (index % PACK_ENTRIES);
}

function packEnd(index: number): number {
  return packStart(index) + PACK_ENTRIES;
}
