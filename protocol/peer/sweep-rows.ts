/** Rows of the sweep: what of the own feed is to be stored in the DHT, in the order of the key space, and where that stands. */
import { Cursor, concat, u64be, utf8 } from "../bytes/index.ts";
import { jobKey, rowsUnder, uintOf, uintOctets } from "./rows.ts";
import type { Range, StoreOp } from "./types.ts";

/** Octets of a place in a row's key: at 65,536 times a distribution two places in a hundred million share them. */
export const SWEEP_PLACE_BYTES = 6;
const INDEX_BYTES = 5;
const EMPTY = new Uint8Array(0);
/** Octets of a mark: place and index. */
const MARK_BYTES: number = SWEEP_PLACE_BYTES + INDEX_BYTES;
const LETTER = utf8("s");
/** Where the sweep stands. */
export const SWEEP_JOB: Uint8Array = jobKey(utf8("sweep"));

/** `fresh`: nobody has it yet. `stored`: it stands in the DHT, and is stored again each round. */
export type SweepState = "fresh" | "stored";

/** One record to be stored: where its slot stands (its first octets), and the entry. */
export interface SweepRow {
  readonly place: Uint8Array;
  readonly index: number;
}

/** How far the sweep has come. */
export interface SweepProgress {
  /** Own entries below have their rows. */
  readonly planned: number;
  /** Rows of either state. */
  readonly fresh: number;
  readonly stored: number;
  /** The round, and the mark in it up to which stored rows were stored again. */
  readonly round: number;
  readonly mark: Uint8Array;
}

export const SWEEP_START: Uint8Array = new Uint8Array(MARK_BYTES);

/** `s` state, place, index: nothing. */
function sweepKey(state: SweepState, { place, index }: SweepRow): Uint8Array {
  return concat(under(state), place.subarray(0, SWEEP_PLACE_BYTES), uintOctets(index, INDEX_BYTES));
}

/** Rows of one state from a mark on. */
export function sweepRange(state: SweepState, mark: Uint8Array, limit: number): Range {
  return { ...rowsUnder(under(state), limit), from: concat(under(state), mark) };
}

/** What the key of a row says. */
export function sweepRowOf(key: Uint8Array): SweepRow {
  const at = LETTER.length + 1;
  const end = at + SWEEP_PLACE_BYTES;
  return { place: key.slice(at, end), index: uintOf(key, end, INDEX_BYTES) };
}

/** The mark behind a row. */
export function markBehind({ place, index }: SweepRow): Uint8Array {
  return concat(place.subarray(0, SWEEP_PLACE_BYTES), uintOctets(index + 1, INDEX_BYTES));
}

/** The mark up to which a round has come when this part (0 to 1) of it is over. */
export function markAt(part: number): Uint8Array {
  const place = Math.floor(part * 256 ** SWEEP_PLACE_BYTES);
  return concat(uintOctets(place, SWEEP_PLACE_BYTES), uintOctets(0, INDEX_BYTES));
}

/** What part of a round a mark stands for. */
export function partOf(mark: Uint8Array): number {
  return uintOf(mark, 0, SWEEP_PLACE_BYTES) / 256 ** SWEEP_PLACE_BYTES;
}

/** What a batch has made of rows of one state: those in `kept` are stored now, others of `made` fresh, and the rest is gone. */
export function settle(
  state: SweepState,
  rows: readonly SweepRow[],
  made: ReadonlySet<SweepRow>,
  kept: ReadonlySet<SweepRow>,
): { readonly ops: readonly StoreOp[]; readonly fresh: number; readonly stored: number } {
  const ops: StoreOp[] = [];
  const more = { fresh: 0, stored: 0 };
  for (const row of rows) {
    const next = kept.has(row) ? "stored" : made.has(row) ? "fresh" : null;
    if (next === state) continue;
    ops.push({ op: "delete", key: sweepKey(state, row) });
    more[state]--;
    if (next === null) continue;
    ops.push(putRow(next, row));
    more[next]++;
  }
  return { ops, ...more };
}

export function putRow(state: SweepState, row: SweepRow): StoreOp {
  return { op: "put", key: sweepKey(state, row), value: EMPTY };
}

export function putProgress(progress: SweepProgress): StoreOp {
  const { planned, fresh, stored, round, mark } = progress;
  const value = concat(u64be(planned), u64be(fresh), u64be(stored), u64be(round), mark);
  return { op: "put", key: SWEEP_JOB, value };
}

/** Null for what an earlier version wrote: all is planned anew then. */
export function readProgress(value: Uint8Array): SweepProgress | null {
  if (value.length !== 32 + MARK_BYTES) return null;
  const cursor = new Cursor(value);
  return {
    planned: cursor.u64(),
    fresh: cursor.u64(),
    stored: cursor.u64(),
    round: cursor.u64(),
    mark: cursor.take(MARK_BYTES),
  };
}

function under(state: SweepState): Uint8Array {
  return concat(LETTER, Uint8Array.of(state === "fresh" ? 0 : 1));
}
