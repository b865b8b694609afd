/** Who is asked for bundles of a feed: each source has its own bound, and one that fails, lags or lies rests while the others go on. */
import { MAX_FEED_SOURCES, MAX_PEER_BUNDLE_ASKS } from "../limits.ts";
import type { Context } from "./context.ts";
import type { FeedState } from "./feed-state.ts";
import type { PeerName } from "./types.ts";

/** Questions for bundles in flight to each peer, of all feeds. */
export class Load {
  readonly #asks = new Map<PeerName, number>();
  total = 0;

  of(peer: PeerName): number {
    return this.#asks.get(peer) ?? 0;
  }

  begin(peer: PeerName): void {
    this.total++;
    this.#asks.set(peer, this.of(peer) + 1);
  }

  end(peer: PeerName): void {
    this.total--;
    const left = this.of(peer) - 1;
    if (left > 0) this.#asks.set(peer, left);
    else this.#asks.delete(peer);
  }
}

/** The sources of one feed. */
export class Sources {
  readonly #ctx: Context;
  readonly #feed: FeedState;
  readonly #load: Load;
  /** Until when each is left alone. */
  readonly #rests = new Map<PeerName, number>();
  /** Who gave the hashes: has the entries, whether it ever showed a head or not. */
  readonly #first: PeerName;

  constructor(ctx: Context, feed: FeedState, load: Load, first: PeerName) {
    this.#ctx = ctx;
    this.#feed = feed;
    this.#load = load;
    this.#first = first;
  }

  /** For so long this one is asked for nothing of this feed. It loses nothing else: its octets alone prove nothing (RULES R7). */
  rest(peer: PeerName, ms: number): void {
    this.#rests.set(peer, this.#ctx.turn.now + ms);
  }

  /** Whether anybody is left to ask, now or when other answers have come. */
  get areThere(): boolean {
    return this.#usable().length > 0;
  }

  /** The one with the fewest questions in flight, of several by lot; null where all have as many as they may. */
  next(without: readonly PeerName[]): PeerName | null {
    const free = this.#usable().filter(
      (peer) => this.#load.of(peer) < MAX_PEER_BUNDLE_ASKS && !without.includes(peer),
    );
    const fewest = Math.min(...free.map((peer) => this.#load.of(peer)));
    const idle = free.filter((peer) => this.#load.of(peer) === fewest);
    return idle[Math.floor(this.#ctx.rng() * idle.length)] ?? null;
  }

  #usable(): readonly PeerName[] {
    const { peers, turn } = this.#ctx;
    const names = new Set([...this.#feed.sources, this.#first].slice(0, MAX_FEED_SOURCES + 1));
    return [...names].filter((name) => peers.isConnected(name) && turn.now >= (this.#rests.get(name) ?? 0));
  }
}
