/** Room for feeds that nobody here follows: a fixed one, in which they displace each other by lot and nobody else (RULES R11, I9). */
import { UNKNOWN_FEED_SHARE } from "../limits.ts";
import type { Context } from "./context.ts";
import type { Evictor } from "./evict.ts";
import type { FeedState } from "./feed-state.ts";
import type { Origin } from "./types.ts";

export class Room {
  readonly #ctx: Context;
  readonly #evictor: Evictor;

  constructor(ctx: Context, evictor: Evictor) {
    this.#ctx = ctx;
    this.#evictor = evictor;
  }

  /** The feed's state, for which another unknown feed may have to go; null where a light peer keeps none. */
  open(name: Origin): FeedState | null {
    const { feeds, config } = this.#ctx;
    const feed = feeds.open(name);
    if (feed !== null || config.light) return feed;
    const victim = feeds.unknownByLot();
    if (victim === null) return null;
    this.#evictor.evict(victim);
    return feeds.open(name);
  }

  /** Whether so many octets more of this feed may be stored; others may have to go for them. */
  allows(feed: FeedState, octets: number): boolean {
    if (feed.class !== "unknown") return true;
    const { feeds, config } = this.#ctx;
    if (feed.bytes + octets > config.maxStoreBytes / UNKNOWN_FEED_SHARE) return false;
    while (feeds.unknownBytes() + octets > config.maxStoreBytes) {
      const victim = feeds.unknownByLot();
      // Its own lot: it may stay, but gets no more room this time.
      if (victim === null || victim === feed) return false;
      this.#evictor.evict(victim);
    }
    return true;
  }
}
