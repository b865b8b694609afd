/**
 * Tells the DHT which feeds this peer provides: its own and those that it follows, while it holds all of them (DESIGN 4.4). One feed after
 * the other, spread over time, at the two slots of its origin (RULES R26), and again before the records expire. Nothing is taken back: what
 * is no longer held is not renewed.
 */
import { utf8 } from "../bytes/index.ts";
import { sha256 } from "../crypto/index.ts";
import {
  MAX_PROVIDED_FEEDS,
  PROVIDE_AFTER_MS,
  PROVIDE_AGAIN_MS,
  PROVIDE_RETRY_MS,
  PROVIDE_STEP_MS,
} from "../limits.ts";
import type { Context } from "./context.ts";
import type { FeedState } from "./feed-state.ts";
import { provideAt } from "./provide-at.ts";
import { uintOf } from "./rows.ts";

/** ms between two looks at what is due. */
const LOOK_MS = 1_000;
/** Octets of a hash that make a lot. */
const LOT_BYTES = 4;

export class Providing {
  readonly #ctx: Context;
  /** By number of the feed, when it is to be announced. */
  readonly #dueAt = new Map<number, number>();
  #busy = false;
  #notBefore = 0;

  constructor(ctx: Context) {
    this.#ctx = ctx;
  }

  /** Announces the feed whose time has come, if anybody is there to be told. */
  tick(): void {
    const { config, turn, peers } = this.#ctx;
    if (config.light || this.#busy || turn.steady < this.#notBefore || peers.count === 0) return;
    const feed = this.#due();
    this.#notBefore = turn.steady + (feed === null ? LOOK_MS : PROVIDE_STEP_MS);
    if (feed !== null) this.#provide(feed);
  }

  #due(): FeedState | null {
    const { turn } = this.#ctx;
    const whole = this.#whole();
    const numbers = new Set(whole.map(({ no }) => no));
    // Whoever has lost a feed and fetched it again says so again.
    for (const no of this.#dueAt.keys()) if (!numbers.has(no)) this.#dueAt.delete(no);
    let first: FeedState | null = null;
    let firstAt = turn.steady;
    for (const feed of whole) {
      const at = this.#dueAt.get(feed.no) ?? turn.steady + this.#lotOf(feed) * PROVIDE_AFTER_MS;
      this.#dueAt.set(feed.no, at);
      if (at > firstAt) continue;
      first = feed;
      firstAt = at;
    }
    return first;
  }

  /** The own feed first; what is beyond the bound others provide. */
  #whole(): readonly FeedState[] {
    const whole = [...this.#ctx.feeds.all()].filter(isWhole);
    const isOwn = (feed: FeedState): boolean => feed.class === "own";
    return [...whole.filter(isOwn), ...whole.filter((feed) => !isOwn(feed))].slice(0, MAX_PROVIDED_FEEDS);
  }

  #provide(feed: FeedState): void {
    const { turn, counters } = this.#ctx;
    this.#busy = true;
    provideAt(turn, feed.originHash, (isTold) => {
      this.#busy = false;
      if (isTold) counters.add("feeds-provided");
      const wait = isTold ? PROVIDE_AGAIN_MS * (0.75 + this.#lotOf(feed) / 4) : PROVIDE_RETRY_MS;
      this.#dueAt.set(feed.no, turn.steady + wait);
    });
  }

  /** 0 to 1, another one for each peer and feed: who follows the same feeds announces them at other times. */
  #lotOf({ originHash }: FeedState): number {
    return uintOf(sha256(utf8(this.#ctx.config.self), originHash), 0, LOT_BYTES) / 256 ** LOT_BYTES;
  }
}

/** Whether somebody here wants the feed and all of it is held; of a forked one nobody is told. */
function isWhole(feed: FeedState): boolean {
  return feed.isFollowed && !feed.forked && feed.proven !== null && feed.missing === null;
}
