/**
 * Index rows of claims: of small gossip tails, and of what is published here, in the very write that stores them, of bulk by a job with a
 * cursor, so that synchronisation pays no parsing. Rows are hints and say nothing of signatures (RULES R9).
 */
import type { Attestation } from "../attestation/index.ts";
import { INDEX_AT_ONCE, INDEX_REST_MS, INDEX_STEP_ENTRIES } from "../limits.ts";
import type { Tail } from "./append.ts";
import type { Context } from "./context.ts";
import { writeFeedRow } from "./feed-row.ts";
import type { FeedState } from "./feed-state.ts";
import { indexRows } from "./index-rows.ts";
import type { KnownKeys } from "./keys.ts";
import { nameRow } from "./name-row.ts";
import { readable } from "./readable.ts";
import { entryRange, feedKey } from "./rows.ts";
import type { StoreOp } from "./types.ts";

/** What became visible with a write: targets whose claims are to be compared. */
export type Touched = readonly Uint8Array[];

export class Indexer {
  readonly #ctx: Context;
  readonly #keys: KnownKeys;
  readonly #examine: (touched: Touched) => void;
  readonly #isBehind: (feed: FeedState) => boolean;
  /** Targets in the write that is under way, by feed number. */
  readonly #writing = new Map<number, Uint8Array[]>();
  #busy = false;
  /** Since when there has been something for the job to do; null for nothing. */
  #since: number | null = null;

  /** `isBehind`: no more of this feed for now. */
  constructor(
    ctx: Context,
    keys: KnownKeys,
    examine: (touched: Touched) => void,
    isBehind: (feed: FeedState) => boolean,
  ) {
    this.#ctx = ctx;
    this.#keys = keys;
    this.#examine = examine;
    this.#isBehind = isBehind;
  }

  /** Rows for entries from `from` on, to go into their write; none where the job is to do it. */
  atOnce(feed: FeedState, from: number, { entries, read }: Tail): readonly StoreOp[] {
    if (!feed.wanted || feed.indexed !== from || this.#isBehind(feed)) return [];
    if (read === null && entries.length > INDEX_AT_ONCE) return [];
    const { ops, touched } = this.#rowsOf(feed, from, read ?? entries.map(readable));
    feed.indexed = from + entries.length;
    this.#writing.set(feed.no, touched);
    return ops;
  }

  /** A write of the feed is stored. */
  stored(feed: FeedState): void {
    const touched = this.#writing.get(feed.no);
    if (touched !== undefined) feed.visible = Math.min(feed.indexed, feed.held);
    this.#writing.delete(feed.no);
    if (touched !== undefined && touched.length > 0) this.#examine(touched);
    this.work();
  }

  /** Goes on with the job: one step of one feed at a time. Entries that are just streaming in come first, for a moment. */
  work(): void {
    if (this.#busy) return;
    const { turn, feeds } = this.#ctx;
    let next: FeedState | null = null;
    let arriving = false;
    for (const feed of feeds.all()) {
      if (!isWaiting(feed) || this.#isBehind(feed)) continue;
      next ??= feed;
      arriving ||= isArriving(feed);
    }
    if (next === null) {
      this.#since = null;
      return;
    }
    this.#since ??= turn.now;
    const rested = this.#since + INDEX_REST_MS;
    if (arriving && turn.now < rested) turn.emit({ kind: "wake", at: rested });
    else {
      this.#busy = true;
      this.#step(next);
    }
  }

  #step(feed: FeedState): void {
    const { turn } = this.#ctx;
    const from = feed.indexed;
    const to = Math.min(feed.held, from + INDEX_STEP_ENTRIES);
    const failed = (): void => {
      this.#busy = false;
      this.#ctx.counters.add("index-failed");
    };
    turn.read(
      entryRange(feed.no, from, to),
      (rows) => {
        if (rows.length === 0) {
          failed();
          return;
        }
        const { ops, touched } = this.#rowsOf(
          feed,
          from,
          rows.map(({ value }) => readable(value)),
        );
        if (feed.gone) {
          failed();
          return;
        }
        feed.indexed = from + rows.length;
        const row: StoreOp = { op: "put", key: feedKey(feed.no), value: writeFeedRow(feed, feed.issued) };
        const stored = (): void => {
          this.#busy = false;
          feed.visible = from + rows.length;
          if (touched.length > 0) this.#examine(touched);
          this.work();
        };
        turn.store([...ops, row], false, stored, () => {
          feed.indexed = from;
          failed();
        });
      },
      failed,
    );
  }

  #rowsOf(
    feed: FeedState,
    from: number,
    attestations: readonly (Attestation | null)[],
  ): { readonly ops: StoreOp[]; readonly touched: Uint8Array[] } {
    const ops: StoreOp[] = [];
    const touched = new Map<string, Uint8Array>();
    for (const [i, attestation] of attestations.entries()) {
      if (attestation === null) {
        this.#ctx.counters.add("unreadable-entry");
        continue;
      }
      this.#ctx.recent.set(`${feed.no}/${from + i}`, attestation);
      ops.push(...this.#ctx.endings.take(feed, from + i, attestation));
      for (const row of indexRows(this.#keys, feed.no, from + i, attestation))
        ops.push({ op: "put", ...row });
      for (const { kind, target } of attestation.claims) {
        feed.claims++;
        if (target === null) continue;
        ops.push(nameRow(target));
        if (kind === "positive") touched.set(target.keyHex, target.key);
      }
    }
    return { ops, touched: [...touched.values()] };
  }
}

/** Whether there are entries in the store that the index lacks. */
function isWaiting(feed: FeedState): boolean {
  return feed.wanted && !feed.gone && feed.indexed < feed.held;
}

/** Whether more entries are on their way. */
function isArriving(feed: FeedState): boolean {
  return feed.range.size > feed.held || feed.missing !== null;
}
