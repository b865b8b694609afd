/**
 * Heads that pinned witnesses cosigned some time ago (spec/peer.md, "Old cosignatures"): they show how long a claim has been in a feed. Of heads
 * of one size the first says all; and only some are kept, so that they stay few however often a witness cosigns. The clock is the witness's
 * own, whose times rise.
 */
import { equalBytes, toHex } from "../bytes/index.ts";
import type { CosignedHead, Cosigner, SignedHead } from "../feed/index.ts";
import {
  EVICT_STEP_ROWS,
  MAX_PAST_READS,
  MAX_SEEN_COSIGNATURES,
  PAST_FOR_S,
  PAST_VOUCHED_S,
} from "../limits.ts";
import type { Context } from "./context.ts";
import type { FeedState } from "./feed-state.ts";
import {
  dayOf,
  isSameHour,
  pastBy,
  pastKey,
  pastOf,
  pastOfFeed,
  readPast,
  thinnedOut,
  timeOfPast,
} from "./past-row.ts";
import { readAll, readWhole } from "./reads.ts";
import { Seen } from "./seen.ts";
import type { StoreOp } from "./types.ts";

/** A cosigned head as it is kept: whoever is given it verifies it. */
export type PastHead = Pick<SignedHead, "origin" | "size" | "root" | "note">;

/** By feed, each head once. */
export type PastHeads = ReadonlyMap<FeedState, readonly PastHead[]>;

const NONE: PastHeads = new Map();

export class Past {
  readonly #ctx: Context;
  readonly #pinned: readonly Cosigner[];
  /** Heads of a size that their witness had cosigned earlier, which is kept. */
  readonly #again = new WeakSet<CosignedHead>();
  /** By origin and witness's key: the day on which the rows were thinned. */
  readonly #thinned = new Seen<number>(MAX_SEEN_COSIGNATURES);

  constructor(ctx: Context) {
    this.#ctx = ctx;
    const { witness, witnesses = [] } = ctx.config;
    this.#pinned = witness === undefined ? witnesses : [witness, ...witnesses];
  }

  /** The write that goes with that of `next`, which takes the place of `old` as the newest that a pinned witness cosigned of a feed. */
  displaced(feed: FeedState, old: CosignedHead, next: CosignedHead): readonly StoreOp[] {
    if (feed.class === "unknown" || isSameHour(old.time, next.time)) return [];
    const isKept = this.#again.has(old);
    if (old.head.size === next.head.size) this.#again.add(next);
    if (isKept) return [];
    this.#thinDaily(feed, next);
    return [{ op: "put", key: pastKey(feed.originHash, next.witness.raw, old.time), value: old.note }];
  }

  /** Of each of these feeds, each pinned witness and each time, in seconds since 1970, the newest head that is not later. Never fails; it may lack some. */
  at(feeds: readonly FeedState[], times: readonly number[], done: (past: PastHeads) => void): void {
    const asked = feeds.flatMap((feed) =>
      this.#pinned.flatMap((witness) =>
        times.filter((time) => !isNewest(feed, witness, time)).map((time) => ({ feed, witness, time })),
      ),
    );
    const some = asked.slice(0, MAX_PAST_READS);
    if (some.length === 0) {
      done(NONE);
      return;
    }
    readAll(
      this.#ctx.turn,
      some.map(({ feed, witness, time }) => pastBy(feed.originHash, witness.raw, time)),
      (rows) => {
        const found = rows.flatMap((few, i) =>
          few.map((row) => ({ feed: some[i]?.feed, head: readPast(row) })),
        );
        done(new Map(feeds.map((feed) => [feed, distinct(found.filter((one) => one.feed === feed))])));
      },
      () => {
        this.#ctx.counters.add("read-failed");
        done(NONE);
      },
    );
  }

  /** Once a day, when there is something new; what fails is done the next day. */
  #thinDaily(feed: FeedState, { witness, time }: CosignedHead): void {
    const name = `${feed.origin} ${toHex(witness.raw)}`;
    if (this.#thinned.get(name) === dayOf(time)) return;
    this.#thinned.set(name, dayOf(time));
    const { turn, counters } = this.#ctx;
    const failed = (): void => counters.add("past-not-thinned");
    readWhole(
      turn,
      pastOf(feed.originHash, witness.raw),
      (rows) => {
        const forS = feed.isFollowed ? PAST_FOR_S : PAST_VOUCHED_S;
        const times = rows.map(({ key }) => timeOfPast(key));
        const ops = thinnedOut(times, time, forS).map((one): StoreOp => ({
          op: "delete",
          key: pastKey(feed.originHash, witness.raw, one),
        }));
        if (ops.length > 0) turn.store(ops, false, () => undefined, failed);
      },
      failed,
    );
  }
}

/** Deletes all that is kept of a feed, step by step. What fails is left: it is bounded, and thinned when the feed comes back. */
export function forgetPast(ctx: Context, feed: FeedState): void {
  const { turn, counters } = ctx;
  const failed = (): void => counters.add("past-not-thinned");
  const step = (): void =>
    turn.read(
      pastOfFeed(feed.originHash, EVICT_STEP_ROWS),
      (rows) => {
        const ops = rows.map(({ key }): StoreOp => ({ op: "delete", key }));
        if (ops.length > 0) turn.store(ops, false, step, failed);
      },
      failed,
    );
  step();
}

/** Whether what is told as the newest of the witness is old enough. */
function isNewest({ cosigned }: FeedState, { raw }: Cosigner, time: number): boolean {
  return cosigned.some((one) => one.time <= time && equalBytes(one.witness.raw, raw));
}

function distinct(found: readonly { readonly head: PastHead | null }[]): readonly PastHead[] {
  const heads = found.flatMap(({ head }) => (head === null ? [] : [[toHex(head.note), head] as const]));
  return [...new Map(heads).values()];
}
