/** Who is asked for what of a feed: each source has its own bound, and one that fails, lags or lies rests while the others go on. */
import { ASK_TIMEOUT_MS, MAX_FEED_SOURCES, MAX_PEER_BUNDLE_ASKS } from "../limits.ts";
import type { Context } from "./context.ts";
import type { FeedState } from "./feed-state.ts";
import { byLot } from "./lot.ts";
import type { Progress } from "./progress.ts";
import type { Rests } from "./rests.ts";
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

/** The sources of one feed's bundles. */
export class Sources {
  readonly rests: Rests;
  readonly #ctx: Context;
  readonly #feed: FeedState;
  readonly #load: Load;
  /** Who gave the hashes: has the entries, whether it ever showed a head or not. */
  readonly #first: PeerName;

  constructor(ctx: Context, feed: FeedState, load: Load, first: PeerName, rests: Rests) {
    this.#ctx = ctx;
    this.#feed = feed;
    this.#load = load;
    this.#first = first;
    this.rests = rests;
  }

  /** Whether anybody is left to ask, now, when other answers have come, or when it has time again. */
  get areThere(): boolean {
    return this.#connected().some((peer) => this.#isFree(peer) || this.rests.isBusy(peer));
  }

  /** The one with the fewest questions in flight, of several by lot; null where all have as many as they may. */
  next(without: readonly PeerName[]): PeerName | null {
    const free = this.#connected().filter(
      (peer) => this.#isFree(peer) && this.#load.of(peer) < MAX_PEER_BUNDLE_ASKS && !without.includes(peer),
    );
    const fewest = Math.min(...free.map((peer) => this.#load.of(peer)));
    return byLot(
      free.filter((peer) => this.#load.of(peer) === fewest),
      this.#ctx.rng,
    );
  }

  #isFree(peer: PeerName): boolean {
    return !this.rests.isResting(peer, this.#ctx.turn.steady);
  }

  #connected(): readonly PeerName[] {
    const names = new Set([...this.#feed.sources, this.#first].slice(0, MAX_FEED_SOURCES + 1));
    return [...names].filter((name) => this.#ctx.peers.isConnected(name));
  }
}

/**
 * Who is asked for a page, or for hashes: who sent the head, who gave the last page; else by lot one who showed heads of the feed; and where
 * nobody did or after a failure one of others too. One that rests only where all do, and one that failed only where all have.
 */
export function chooseSource(ctx: Context, feed: FeedState, progress: Progress): PeerName | null {
  const { last, sender, rests } = progress;
  progress.sender = null;
  const isFree = (name: PeerName): boolean =>
    ctx.peers.isConnected(name) && !rests.isResting(name, ctx.turn.steady);
  if (sender !== null && isFree(sender)) return sender;
  if (progress.serving && last !== null && isFree(last)) return last;
  const known = connectedSources(ctx, feed);
  const others =
    progress.failures === 0 && known.some(isFree) ? known : [...new Set([...known, ...ctx.peers.some(4)])];
  const choices = [
    others.filter(isFree),
    others.filter((name) => !rests.hasFailed(name)),
    others.filter((name) => name !== last),
  ];
  return byLot(choices.find((names) => names.length > 0) ?? others, ctx.rng);
}

/** Whether one of those who showed a head of the feed does not rest. */
export function hasFreeSource(ctx: Context, feed: FeedState, { rests }: Progress): boolean {
  return connectedSources(ctx, feed).some((peer) => !rests.isResting(peer, ctx.turn.steady));
}

/** ms that `peer` has for its answer: little where others can be asked. */
export function timeFor(
  ctx: Context,
  feed: FeedState,
  { rests, patience }: Progress,
  peer: PeerName,
): number {
  const isFree = (other: PeerName): boolean => other !== peer && !rests.isResting(other, ctx.turn.steady);
  return connectedSources(ctx, feed).some(isFree) ? patience : ASK_TIMEOUT_MS;
}

/** Whether each of them was asked, and failed. */
export function haveAllFailed(ctx: Context, feed: FeedState, { rests }: Progress): boolean {
  return connectedSources(ctx, feed).every((peer) => rests.hasFailed(peer));
}

function connectedSources({ peers }: Context, { sources }: FeedState): readonly PeerName[] {
  return sources.filter((name) => peers.isConnected(name));
}
