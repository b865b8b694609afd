/** The single path by which entries come in: from gossip, from synchronisation, and from this machine (DESIGN section 5). */
import type { Attestation } from "../attestation/index.ts";
import { octetsIn } from "../bytes/index.ts";
import { HASH_BYTES, leafHash, newTileHashes } from "../feed/index.ts";
import type { Growth, SignedHead, TileHashes } from "../feed/index.ts";
import { MAX_UNSTORED_BYTES, MAX_UNSTORED_FEED_BYTES, TILE_WIDTH } from "../limits.ts";
import type { Context } from "./context.ts";
import { noRows, packedRows, singleRows } from "./entry-rows.ts";
import { feedRow, writeFeedRow } from "./feed-row.ts";
import type { FeedState } from "./feed-state.ts";
import { feedKey, hashKey } from "./rows.ts";
import type { StoreOp } from "./types.ts";

/** Entries on their way into the store of one feed: what comes while one write runs goes into the next. */
interface Pending {
  ops: StoreOp[];
  entries: Uint8Array[];
  /** The entries that came parsed: all, or the index reads what it wants by itself. */
  read: Attestation[];
  bytes: number;
  durable: boolean;
  waiting: { readonly stored: () => void; readonly failed: (code: string) => void }[];
}

/** Entries that are shown to belong behind `feed.range`. */
export interface Addition {
  readonly entries: readonly Uint8Array[];
  /** They are bundles, and stand together in the store. */
  readonly isBulk?: boolean;
  /** The same, parsed, where they came so. */
  readonly read: readonly Attestation[] | null;
  /** What the entries make of `feed.range`. */
  readonly growth: Growth;
  /** The head that they reach, or that they prove to extend all that is held. */
  readonly head: SignedHead | null;
  readonly durable: boolean;
  /** Rows that stand or fall with the entries. */
  readonly rows: readonly StoreOp[];
}

/** Entries that go into one write. */
export interface Tail {
  readonly entries: readonly Uint8Array[];
  /** The same, parsed, where they came so. */
  readonly read: readonly Attestation[] | null;
}

/** Rows of the index, and those of their keys of which the index has to know whether they are new. */
export interface IndexWrite {
  readonly ops: readonly StoreOp[];
  readonly asks: readonly Uint8Array[];
}

/** Told of entries before they are written, so that small tails are indexed in the same write, and when they are stored. */
export interface AppendHooks {
  /** More rows for the write of entries from index `from`; moves `feed.indexed` where it gives any. */
  readonly index: (feed: FeedState, from: number, tail: Tail) => IndexWrite;
  readonly stored: (feed: FeedState, there: readonly boolean[]) => void;
}

export class Appender {
  readonly #ctx: Context;
  readonly #hooks: AppendHooks;
  readonly #pending = new Map<number, Pending>();
  #bytes = 0;

  constructor(ctx: Context, hooks: AppendHooks) {
    this.#ctx = ctx;
    this.#hooks = hooks;
  }

  /** Whether so many octets may still be taken in before the store has caught up (I9), and then no more than `most` of the feed wait. */
  hasRoom(feed: FeedState, bytes: number, most: number = MAX_UNSTORED_FEED_BYTES): boolean {
    const ofFeed = this.#pending.get(feed.no)?.bytes ?? 0;
    return ofFeed + bytes <= most && this.#bytes + bytes <= MAX_UNSTORED_BYTES;
  }

  /** Appends entries. `stored` is called when they are in the store, durably if that was asked. */
  append(feed: FeedState, addition: Addition, stored: () => void, failed: (code: string) => void): void {
    const { entries, isBulk = false, read, growth, head, durable, rows } = addition;
    const pending = this.#of(feed);
    const from = feed.range.size;
    pending.ops.push(...(isBulk ? packedRows : singleRows)(feed.no, from, entries));
    pending.entries.push(...entries);
    const octets = octetsIn(entries);
    pending.bytes += octets;
    this.#bytes += octets;
    feed.bytes += octets;
    if (read !== null) pending.read.push(...read);
    for (const level of growth.levels) pending.ops.push(...hashRows(feed.no, level));
    pending.ops.push(...rows);
    feed.range = growth.range;
    if (head !== null) feed.accept(head);
    pending.durable ||= durable;
    pending.waiting.push({ stored, failed });
    this.#flush(feed, pending);
  }

  /** Writes the feed's row alone, now or with what is being written: its heads or its cursor moved. */
  save(feed: FeedState): void {
    const row = feedRow(feed);
    if (row.length === 0) return;
    this.#ctx.turn.store(
      row,
      false,
      () => undefined,
      () => this.#ctx.counters.add("store-failed"),
    );
  }

  #of(feed: FeedState): Pending {
    const known = this.#pending.get(feed.no);
    if (known !== undefined) return known;
    const fresh: Pending = {
      ops: [],
      entries: [],
      read: [],
      bytes: 0,
      durable: false,
      waiting: [],
    };
    this.#pending.set(feed.no, fresh);
    return fresh;
  }

  #flush(feed: FeedState, pending: Pending): void {
    if (feed.edge === "writing") return;
    if (feed.gone) {
      this.#fallBack(feed, pending, "peer/unknown-feed");
      return;
    }
    if (pending.waiting.length === 0) {
      this.#pending.delete(feed.no);
      if (feed.unsaved) this.save(feed);
      return;
    }
    const { ops, entries, read, waiting, durable, bytes } = pending;
    const from = feed.stored.size;
    const edge = feed.range;
    Object.assign(pending, {
      ops: [],
      entries: [],
      read: [],
      waiting: [],
      durable: false,
    });
    feed.edge = "writing";
    feed.unsaved = false;
    const indexed = this.#hooks.index(feed, from, {
      entries,
      read: read.length === entries.length ? read : null,
    });
    // Remembered: while this is written the accepted head may move on to entries that a crash takes.
    const reached = feed.provenAt(edge);
    const row: StoreOp = { op: "put", key: feedKey(feed.no), value: writeFeedRow(feed, edge) };
    const finish = (): void => {
      pending.bytes -= bytes;
      this.#bytes -= bytes;
    };
    this.#ctx.turn.store(
      [...noRows(feed.no, from, feed.doubtful), ...ops, ...indexed.ops, row],
      durable,
      (there) => {
        finish();
        feed.edge = "known";
        feed.doubtful = 0;
        feed.stored = edge;
        feed.proven = larger(feed.provenAt(edge), reached);
        this.#ctx.pace.stored(feed, from);
        for (const { stored } of waiting) stored();
        this.#hooks.stored(feed, there);
        this.#flush(feed, pending);
      },
      (code) => {
        finish();
        feed.bytes -= bytes;
        feed.edge = "unsure";
        feed.doubtful = Math.max(feed.doubtful, edge.size);
        this.#ctx.counters.add("store-failed");
        this.#fallBack(feed, pending, code);
        for (const { failed } of waiting) failed(code);
      },
      indexed.asks,
    );
  }

  /** A write was lost: what is in memory goes back to what is in the store; foreign entries are fetched again. */
  #fallBack(feed: FeedState, pending: Pending, code: string): void {
    const late = pending.waiting;
    this.#bytes -= pending.bytes;
    feed.bytes -= pending.bytes;
    this.#pending.delete(feed.no);
    feed.range = feed.stored;
    feed.indexed = Math.min(feed.indexed, feed.stored.size);
    for (const { failed } of late) failed(code);
  }
}

/** The first of two heads of one size. */
function larger(one: SignedHead | null, other: SignedHead | null): SignedHead | null {
  return (other?.size ?? 0) > (one?.size ?? 0) ? other : one;
}

/** What these entries make of a feed. */
export function grow(feed: FeedState, entries: readonly Uint8Array[]): Growth {
  return newTileHashes(feed.range, entries.map(leafHash));
}

/** New hashes of one level as rows that end where a tile ends. */
function hashRows(no: number, { level, start, hashes }: TileHashes): StoreOp[] {
  const rows: StoreOp[] = [];
  const count = hashes.length / HASH_BYTES;
  for (let at = 0; at < count;) {
    const width = Math.min(count - at, TILE_WIDTH - ((start + at) % TILE_WIDTH));
    const value = hashes.subarray(HASH_BYTES * at, HASH_BYTES * (at + width));
    rows.push({ op: "put", key: hashKey(no, level, start + at), value });
    at += width;
  }
  return rows;
}
