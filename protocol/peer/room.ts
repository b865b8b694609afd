/**
 * Room for feeds (RULES R11, I9). Those that nobody here follows have a fixed one, in which they displace each other by lot and nobody else; half of
 * it is for those that pinned witnesses vouch for, if there are any, and these displace each other alone.
 * Those that are followed have another, in which nobody displaces anybody: what has no room is not fetched, and no head is forgotten for it.
 */
import { octetsIn } from "../bytes/index.ts";
import {
  ENTRY_ROW_BYTES,
  FOLLOWED_ROOM_HALVES,
  ROOM_AGAIN_MS,
  UNKNOWN_FEED_SHARE,
  VOUCHED_SHARE,
} from "../limits.ts";
import type { Context } from "./context.ts";
import type { Evictor } from "./evict.ts";
import type { FeedState } from "./feed-state.ts";
import type { Origin } from "./types.ts";

/** What entries take of the room. */
export function roomFor(entries: readonly Uint8Array[]): number {
  return octetsIn(entries) + ENTRY_ROW_BYTES * entries.length;
}

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
    const victim = feeds.byLot("unknown");
    if (victim === null) return null;
    this.#evictor.evict(victim);
    return feeds.open(name);
  }

  /** Whether more of this feed may be asked for: what had no room last time is not fetched again before it has, which is looked at now and then. */
  mayAsk(feed: FeedState): boolean {
    const since = this.#ctx.turn.steady - feed.lackedAt;
    if (feed.lacks > 0 && since < ROOM_AGAIN_MS) return false;
    return this.allows(feed, Math.max(1, feed.lacks));
  }

  /** Whether so many octets more of this feed may be stored (`roomFor`); others may have to go for them. */
  allows(feed: FeedState, octets: number): boolean {
    const isThere = this.#isThere(feed, octets);
    if (!isThere && feed.lacks === 0) this.#ctx.counters.add("feed-full");
    feed.lacks = isThere ? 0 : octets;
    feed.lackedAt = this.#ctx.turn.steady;
    return isThere;
  }

  #isThere(feed: FeedState, octets: number): boolean {
    switch (feed.class) {
      case "own":
        return true;
      case "followed":
        return this.#isThereForFollowed(feed, octets);
      case "vouched":
        return this.#isThereForVouched(feed, octets);
      case "unknown":
        return this.#isThereForUnknown(feed, octets);
    }
  }

  /** In all they take no more than `maxFollowedBytes`, and each has its part whatever the others do. */
  #isThereForFollowed(feed: FeedState, octets: number): boolean {
    const { feeds, config } = this.#ctx;
    const half = config.maxFollowedBytes / FOLLOWED_ROOM_HALVES;
    if (feed.room + octets <= half / Math.max(1, feeds.followed.size)) return true;
    return feeds.roomOf("followed") + octets <= half;
  }

  /** Of the room of those whom nobody follows they have one part first, in which no unknown feed displaces them. */
  #isThereForVouched(feed: FeedState, octets: number): boolean {
    const { maxStoreBytes } = this.#ctx.config;
    return (
      this.#displaces("vouched", feed, octets, maxStoreBytes / VOUCHED_SHARE) &&
      this.#displaces("unknown", feed, octets, maxStoreBytes - this.#ctx.feeds.roomOf("vouched"))
    );
  }

  #isThereForUnknown(feed: FeedState, octets: number): boolean {
    const { feeds, config } = this.#ctx;
    return this.#displaces("unknown", feed, octets, config.maxStoreBytes - feeds.roomOf("vouched"));
  }

  /** Whether feeds of a class, and so many octets of this one, have room together; some of them may have to go. */
  #displaces(kind: "vouched" | "unknown", feed: FeedState, octets: number, room: number): boolean {
    const { feeds, config } = this.#ctx;
    if (feed.room + octets > config.maxStoreBytes / UNKNOWN_FEED_SHARE) return false;
    while (feeds.roomOf(kind) + octets > room) {
      const victim = feeds.byLot(kind);
      // Its own lot: it may stay, but gets no more room this time.
      if (victim === null || victim === feed) return false;
      this.#evictor.evict(victim);
    }
    return true;
  }
}
