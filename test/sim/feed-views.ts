import { Cursor, equalBytes, toHex } from "../../protocol/bytes/index.ts";
import { parseCheckpoint } from "../../protocol/feed/index.ts";
import type { StoreOp } from "../../protocol/peer/index.ts";
import type { SimStore } from "./store.ts";

/** A head as a feed's row has it: its signature was checked before it got there. */
export interface RowHead {
  readonly note: Uint8Array;
  readonly origin: string;
  readonly size: number;
  /** Hex. */
  readonly root: string;
}

/** What one peer wrote last of one feed (`protocol/peer/feed-row.ts`). */
export interface FeedView {
  readonly forked: boolean;
  /** Entries stored once this write is done. */
  readonly stored: number;
  readonly head: RowHead | null;
  readonly proven: RowHead | null;
  readonly unresolved: readonly RowHead[];
}

/** Of the rows that this reads. */
const VERSION = 2;
/** Feeds of one peer in a run. */
const MAX_ROWS = 4_096;
const FEED_ROW = "f".charCodeAt(0);
const KEY_BYTES = 32;

/** Feeds as one peer writes them, by the rows that pass: what a check needs, without asking the peer. */
export class FeedViews {
  readonly #byRow = new Map<string, FeedView>();
  readonly #byOrigin = new Map<string, FeedView>();

  of(origin: string): FeedView | null {
    return this.#byOrigin.get(origin) ?? null;
  }

  /** What a new life begins with: the rows that a crash left. */
  load(store: SimStore): void {
    this.#byRow.clear();
    this.#byOrigin.clear();
    const range = { from: Uint8Array.of(FEED_ROW), to: Uint8Array.of(FEED_ROW + 1), limit: MAX_ROWS };
    this.write(store.read(range).rows.map(({ key, value }) => ({ op: "put", key, value })));
  }

  /** Feeds that a write changes: the view before, if there was one, and the view after. */
  write(ops: readonly StoreOp[]): readonly (readonly [FeedView | null, FeedView])[] {
    const changed: (readonly [FeedView | null, FeedView])[] = [];
    for (const op of ops) {
      if (op.key[0] !== FEED_ROW) continue;
      const row = toHex(op.key);
      const before = this.#byRow.get(row) ?? null;
      if (op.op === "delete") {
        this.#byRow.delete(row);
        const origin = originOf(before);
        if (origin !== null) this.#byOrigin.delete(origin);
        continue;
      }
      const after = readView(op.value, before);
      this.#byRow.set(row, after);
      const origin = originOf(after);
      if (origin !== null) this.#byOrigin.set(origin, after);
      changed.push([before, after]);
    }
    return changed;
  }
}

/** The feed of a view; null while it holds no head. */
export function originOf(view: FeedView | null): string | null {
  return (view?.head ?? view?.proven ?? view?.unresolved[0])?.origin ?? null;
}

function readView(value: Uint8Array, before: FeedView | null): FeedView {
  const cursor = new Cursor(value);
  const version = cursor.u8();
  if (version !== VERSION) throw new Error(`rows of feeds are of version ${version} now: read them here too`);
  const forked = (cursor.u8() & 1) !== 0;
  cursor.take(KEY_BYTES);
  for (let skipped = 0; skipped < 6; skipped++) cursor.u64();
  const range = new Cursor(cursor.take(cursor.u16()));
  const known = before === null ? [] : [before.head, before.proven, ...before.unresolved];
  const [head = null, proven = null] = [0, 1, 2].map(() => readHead(cursor, known));
  const unresolved: RowHead[] = [];
  for (let left = cursor.u8(); left > 0; left--) {
    const one = readHead(cursor, known);
    if (one !== null) unresolved.push(one);
  }
  return { forked, stored: range.u64(), head, proven, unresolved };
}

function readHead(cursor: Cursor, known: readonly (RowHead | null)[]): RowHead | null {
  const note = cursor.take(cursor.u16());
  if (note.length === 0) return null;
  const same = known.find((head) => head !== null && equalBytes(head.note, note));
  if (same !== undefined && same !== null) return same;
  const { origin, size, root } = parseCheckpoint(note);
  return { note: note.slice(), origin, size, root: toHex(root) };
}
