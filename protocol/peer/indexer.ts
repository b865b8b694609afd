/**
 * Index rows of claims: of small gossip tails, and of what is published here, in the very write that stores them, of bulk by a job with a
 * cursor, so that synchronisation pays no parsing. Rows are hints and say nothing of signatures (RULES R9).
 */
import type { Attestation } from "../attestation/index.ts";
import {
  INDEX_AT_ONCE,
  INDEX_BULK_REST_MS,
  INDEX_REST_MS,
  INDEX_STEP_ENTRIES,
  MIN_BULK_ENTRIES,
} from "../limits.ts";
import type { IndexWrite, Tail } from "./append.ts";
import type { Context } from "./context.ts";
import { entriesIn, entryRange } from "./entry-rows.ts";
import { feedRow } from "./feed-row.ts";
import type { FeedState } from "./feed-state.ts";
import { indexRows } from "./index-rows.ts";
import type { KnownKeys } from "./keys.ts";
import { nameRow } from "./name-row.ts";
import { readable } from "./readable.ts";
import type { StoreOp } from "./types.ts";

/** Rows on their way into the store. */
interface Rows extends IndexWrite {
  /** The targets that they are about, in the order of `asks`, which are the keys of their names: where that is new, so is the target. */
  readonly targets: readonly Touched[];
}

interface Touched {
  readonly key: Uint8Array;
  /** By how many claims that are positive. */
  claims: number;
}

const NO_ROWS: Rows = { ops: [], asks: [], targets: [] };

export class Indexer {
  readonly #ctx: Context;
  readonly #keys: KnownKeys;
  readonly #examine: (targets: readonly Uint8Array[]) => void;
  readonly #isBehind: (feed: FeedState) => boolean;
  /** Rows in the write that is under way, by feed number. */
  readonly #writing = new Map<number, Rows>();
  #busy = false;
  /** Numbers of feeds whose entries could not be read, or written on: others come first. */
  readonly #resting = new Set<number>();
  /** Since when there has been something for the job to do; null for nothing. */
  #since: number | null = null;

  /** `examine` is told of targets whose claims are to be compared, maybe none, after each write. `isBehind`: no more of this feed for now. */
  constructor(
    ctx: Context,
    keys: KnownKeys,
    examine: (targets: readonly Uint8Array[]) => void,
    isBehind: (feed: FeedState) => boolean,
  ) {
    this.#ctx = ctx;
    this.#keys = keys;
    this.#examine = examine;
    this.#isBehind = isBehind;
  }

  /** Rows for entries from `from` on, to go into their write; none where the job is to do it. */
  atOnce(feed: FeedState, from: number, { entries, read }: Tail): IndexWrite {
    if (!feed.wanted || feed.indexed !== from || this.#isBehind(feed)) return NO_ROWS;
    if (read === null && entries.length > INDEX_AT_ONCE) return NO_ROWS;
    const rows = this.#rowsOf(feed, from, read ?? entries.map(readable));
    feed.indexed = from + entries.length;
    this.#writing.set(feed.no, rows);
    return rows;
  }

  /** A write of the feed is stored; `there` says which of the rows asked for were there before. */
  stored(feed: FeedState, there: readonly boolean[]): void {
    const rows = this.#writing.get(feed.no);
    this.#writing.delete(feed.no);
    if (rows !== undefined) {
      feed.visible = Math.min(feed.indexed, feed.held);
      this.#examine(toCompare(rows, there));
    }
    this.work();
  }

  /** Goes on with the job: one step of one feed at a time. Entries that are just streaming in come first, for a moment. */
  work(): void {
    if (this.#busy) return;
    const { turn, feeds } = this.#ctx;
    let next: FeedState | null = null;
    let arriving = false;
    for (const feed of feeds.all()) {
      if (!isWaiting(feed) || this.#isBehind(feed) || this.#resting.has(feed.no)) continue;
      if (next === null || (isBulk(next) && !isBulk(feed))) next = feed;
      arriving ||= isArriving(feed);
    }
    if (next === null) {
      this.#since = null;
      this.#resting.clear();
      return;
    }
    this.#since ??= turn.steady;
    const rested = this.#since + (isBulk(next) ? INDEX_BULK_REST_MS : INDEX_REST_MS);
    if (arriving && turn.steady < rested) turn.wake(rested);
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
      this.#resting.add(feed.no);
      this.#ctx.counters.add("index-failed");
      turn.wake();
    };
    turn.read(
      entryRange(feed.no, from, to),
      (rows) => {
        const entries = entriesIn(rows, from, to);
        if (entries.length === 0 || feed.gone) {
          failed();
          return;
        }
        const made = this.#rowsOf(feed, from, entries.map(readable));
        feed.indexed = from + entries.length;
        const stored = (there: readonly boolean[]): void => {
          this.#busy = false;
          feed.visible = from + entries.length;
          this.#examine(toCompare(made, there));
          this.work();
        };
        const refused = (): void => {
          feed.indexed = from;
          failed();
        };
        turn.store([...made.ops, ...feedRow(feed)], false, stored, refused, made.asks);
      },
      failed,
    );
  }

  #rowsOf(feed: FeedState, from: number, attestations: readonly (Attestation | null)[]): Rows {
    const ops: StoreOp[] = [];
    const asks: Uint8Array[] = [];
    const targets = new Map<string, Touched>();
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
        const touched = targets.get(target.keyHex) ?? { key: target.key, claims: 0 };
        if (kind === "positive") touched.claims++;
        if (targets.has(target.keyHex)) continue;
        targets.set(target.keyHex, touched);
        const name = nameRow(target);
        this.#ctx.leaving.delete(target.keyHex);
        ops.push(name);
        asks.push(name.key);
      }
    }
    return { ops, asks, targets: [...targets.values()] };
  }
}

/**
 * The targets that somebody may contradict: those with a new claim and another one, here or in the store, where a name stands as long as its
 * target has rows. To look for them in the store costs more than all else that is done with a claim; a newcomer's are all new.
 */
function toCompare({ targets }: Rows, there: readonly boolean[]): Uint8Array[] {
  return targets.flatMap(({ key, claims }, i) =>
    claims > 1 || (claims === 1 && there[i] !== false) ? [key] : [],
  );
}

/** Whether there are entries in the store that the index lacks. */
function isWaiting(feed: FeedState): boolean {
  return feed.wanted && !feed.gone && feed.indexed < feed.held;
}

/** Whether more entries are on their way. */
function isArriving(feed: FeedState): boolean {
  return feed.range.size > feed.held || feed.missing !== null;
}

/** Whether many are. */
function isBulk({ missing, held }: FeedState): boolean {
  return missing !== null && missing.size - held > MIN_BULK_ENTRIES;
}
