/**
 * Finds peers that hold a followed feed of which nobody connected has anything (DESIGN 4.4): asks the DHT who provides it, calls a few of
 * those that are named, and sees whether they show a head of it. Anybody can name himself: whoever does and has nothing costs one call,
 * and rests.
 */
import { originHash } from "../feed/index.ts";
import {
  LOOKUP_TIMEOUT_MS,
  MAX_FEED_SOURCES,
  MAX_PROVIDER_CALLS,
  MAX_RESTING_PROVIDERS,
  PROVIDER_CALL_MS,
  PROVIDER_CALLS_BURST,
  PROVIDER_CALLS_PER_SECOND,
  PROVIDER_REST_MS,
  PROVIDER_TRIAL_MS,
  PROVIDERS_AFTER_MS,
  PROVIDERS_RETRY_MAX_MS,
  PROVIDERS_RETRY_MS,
  PROVIDERS_STEP_MS,
  PROVIDERS_STUCK_MS,
  TIME_LINE_MS,
} from "../limits.ts";
import { Budget } from "./budget.ts";
import type { Context } from "./context.ts";
import type { Heads } from "./heads.ts";
import { likeliest } from "./named-peers.ts";
import type { NamedPeer } from "./provider-effects.ts";
import { slotsOf } from "./slots.ts";
import type { Origin, PeerName } from "./types.ts";

/** How often the DHT was asked for providers of a feed, and when it may be asked again. */
interface Asked {
  readonly times: number;
  /** Of them in a row, after which nobody was left to be tried. */
  readonly vain: number;
  readonly notBefore: number;
}

/** How much of a feed is held, and since when. */
interface Holding {
  readonly size: number;
  readonly since: number;
}

/** A named provider that has until then to show a head of the feed. */
interface Trial {
  readonly origin: Origin;
  readonly until: number;
}

export class Providers {
  readonly #ctx: Context;
  readonly #heads: Heads;
  readonly #asked = new Map<Origin, Asked>();
  /** Of feeds of which something is missing. */
  readonly #holdings = new Map<Origin, Holding>();
  readonly #trials = new Map<PeerName, Trial>();
  /** Until when each is not called, the oldest first. */
  readonly #resting = new Map<PeerName, number>();
  readonly #calls = new Budget(PROVIDER_CALLS_PER_SECOND, PROVIDER_CALLS_BURST);
  /** Since when anybody is connected. */
  #since: number | null = null;
  #busy = false;
  #notBefore = 0;

  constructor(ctx: Context, heads: Heads) {
    this.#ctx = ctx;
    this.#heads = heads;
  }

  /** Asks for providers of one feed after the other, where nobody connected has it. */
  tick(): void {
    const { config, turn, peers } = this.#ctx;
    if (config.light) return;
    this.#judge();
    this.#since = peers.count === 0 ? null : (this.#since ?? turn.steady);
    if (this.#busy || this.#since === null || turn.steady < this.#since + PROVIDERS_AFTER_MS) return;
    if (turn.steady < this.#notBefore) return;
    this.#notBefore = turn.steady + PROVIDERS_STEP_MS;
    const origin = this.#due();
    if (origin !== null) this.#ask(origin);
  }

  #due(): Origin | null {
    const { feeds, turn } = this.#ctx;
    let due: Origin | null = null;
    for (const origin of feeds.followed) {
      if (!this.#isMissed(origin)) this.#asked.delete(origin);
      else if (due === null && turn.steady >= (this.#asked.get(origin)?.notBefore ?? 0)) due = origin;
    }
    return due;
  }

  /** Whether nobody connected is known to have the feed, or to give what is missing of it. */
  #isMissed(origin: Origin): boolean {
    const { feeds, peers, turn } = this.#ctx;
    if (origin === feeds.ownOrigin) return false;
    const feed = feeds.get(origin);
    if (feed === null) return true;
    if (feed.forked) return false;
    const hasSource = feed.sources.some((peer) => peers.isConnected(peer));
    if (feed.missing !== null) return !hasSource || this.#isStuck(origin, feed.range.size);
    this.#holdings.delete(origin);
    // Who has all of it, and heard of its hourly time lines, lacks nothing.
    return !hasSource && (feed.proven === null || turn.steady - feed.heardAt > 2 * TIME_LINE_MS);
  }

  /** Whoever forwards a head shows it too, and need not have what stands under it. */
  #isStuck(origin: Origin, size: number): boolean {
    const { steady } = this.#ctx.turn;
    const holding = this.#holdings.get(origin);
    const since = holding?.size === size ? holding.since : steady;
    this.#holdings.set(origin, { size, since });
    return steady - since >= PROVIDERS_STUCK_MS;
  }

  #ask(origin: Origin): void {
    const { turn, counters } = this.#ctx;
    const { times, vain } = this.#asked.get(origin) ?? { times: 0, vain: 0 };
    const wait = Math.min(PROVIDERS_RETRY_MAX_MS, PROVIDERS_RETRY_MS * 2 ** Math.min(vain, 10));
    this.#asked.set(origin, { times: times + 1, vain: vain + 1, notBefore: turn.steady + wait });
    // The two slots in turn: the neighbourhood of one can be ground (RULES R26).
    const slots = slotsOf(originHash(origin));
    const slot = slots[times % slots.length];
    if (slot === undefined) return;
    this.#busy = true;
    counters.add("providers-asked");
    turn.providers(
      slot,
      LOOKUP_TIMEOUT_MS,
      (named) => {
        this.#busy = false;
        this.#try(origin, named);
      },
      () => {
        this.#busy = false;
      },
    );
  }

  #try(origin: Origin, named: readonly NamedPeer[]): void {
    const { config, turn, rng, peers, counters } = this.#ctx;
    const fresh = named.filter(
      ({ peer }) => peer !== config.self && !this.#isResting(peer) && !this.#trials.has(peer),
    );
    const asked = this.#asked.get(origin);
    if (asked !== undefined && fresh.length > MAX_PROVIDER_CALLS)
      this.#asked.set(origin, { times: asked.times, vain: 0, notBefore: turn.steady + PROVIDERS_RETRY_MS });
    for (const peer of likeliest(fresh, rng, MAX_PROVIDER_CALLS)) {
      if (peers.isConnected(peer)) {
        this.#trials.set(peer, { origin, until: turn.steady + PROVIDER_TRIAL_MS });
        this.#heads.exchange(peer);
        continue;
      }
      if (!this.#calls.take(1, turn.steady)) return;
      counters.add("providers-called");
      this.#trials.set(peer, { origin, until: turn.steady + PROVIDER_CALL_MS + PROVIDER_TRIAL_MS });
      // Who comes is asked for its heads, as everybody.
      turn.call(
        peer,
        PROVIDER_CALL_MS,
        () => undefined,
        () => this.#rest(peer),
      );
    }
  }

  /** Ends trials: whoever has shown nothing of the feed rests, and whoever has where it is missed all the same. */
  #judge(): void {
    const { turn, feeds } = this.#ctx;
    for (const [peer, { origin, until }] of this.#trials) {
      if (turn.steady < until) continue;
      this.#trials.delete(peer);
      const sources = feeds.get(origin)?.sources ?? [];
      // Of many sources the newest are remembered.
      const hasShown = sources.includes(peer) || sources.length >= MAX_FEED_SOURCES;
      if (!hasShown || this.#isMissed(origin)) this.#rest(peer);
    }
  }

  #rest(peer: PeerName): void {
    this.#trials.delete(peer);
    this.#ctx.counters.add("providers-rested");
    this.#resting.delete(peer);
    this.#resting.set(peer, this.#ctx.turn.steady + PROVIDER_REST_MS);
    if (this.#resting.size <= MAX_RESTING_PROVIDERS) return;
    const [oldest] = this.#resting.keys();
    if (oldest !== undefined) this.#resting.delete(oldest);
  }

  #isResting(peer: PeerName): boolean {
    return this.#ctx.turn.steady < (this.#resting.get(peer) ?? 0);
  }
}
