/**
 * Asks whoever has the larger tree how two heads go together that can't be compared with what is held here: one question a pair joins them
 * or shows a fork, without any entry (RULES R15, I2).
 */
import { checkConsistency, nameOfHead } from "../feed/index.ts";
import type { SignedHead } from "../feed/index.ts";
import { ProtocolError } from "../errors.ts";
import {
  JOIN_AFTER_MS,
  JOIN_RETRY_MS,
  MAX_FEED_JOINS,
  MAX_SEEN_HEADS,
  MAX_SLOW_JOINS,
  QUICK_JOINS,
} from "../limits.ts";
import { askTiles } from "./ask-tiles.ts";
import type { Context } from "./context.ts";
import { equalRoot, sameHead } from "./feed-state.ts";
import type { FeedState } from "./feed-state.ts";
import type { Forks } from "./forks.ts";
import { Seen } from "./seen.ts";
import type { PeerName } from "./types.ts";

interface Pair {
  readonly small: SignedHead;
  readonly large: SignedHead;
}

/** How it goes with the pairs of one feed. */
interface Effort {
  asking: number;
  notBefore: number;
  failures: number;
}

export class Joins {
  readonly #ctx: Context;
  readonly #forks: Forks;
  readonly #efforts = new Map<number, Effort>();
  /** Pairs of which the larger is shown to extend the smaller. */
  readonly #joined = new Seen<true>(MAX_SEEN_HEADS);

  constructor(ctx: Context, forks: Forks) {
    this.#ctx = ctx;
    this.#forks = forks;
  }

  /** A peer has shown heads of a feed: it is asked at once how they go together with those that are known. */
  shown(feed: FeedState, by: PeerName): void {
    if (!this.#isOpen(feed)) return;
    const effort = this.#of(feed);
    this.#ask(feed, effort, by);
  }

  /** Asks somebody about heads that nothing else has joined meanwhile. */
  tick(): void {
    const { turn, feeds, peers } = this.#ctx;
    for (const feed of feeds.all()) {
      if (!this.#isOpen(feed)) {
        this.#efforts.delete(feed.no);
        continue;
      }
      const effort = this.#of(feed);
      if (effort.asking > 0 || turn.steady < effort.notBefore) continue;
      const known = feed.sources.filter((name) => peers.isConnected(name)).reverse();
      const candidates = [...known, ...peers.some(4).filter((name) => !known.includes(name))];
      const round = Math.floor(effort.failures / Math.max(1, this.#pairs(feed).length));
      const peer = candidates[round % candidates.length];
      if (peer !== undefined) this.#ask(feed, effort, peer);
    }
    for (const no of this.#efforts.keys()) if (feeds.byNo(no) === null) this.#efforts.delete(no);
  }

  #isOpen(feed: FeedState): boolean {
    if (feed.forked) return feed.unproven;
    return feed.unresolved.length > 0 || feed.nearer !== null || feed.rival !== null;
  }

  #of(feed: FeedState): Effort {
    const known = this.#efforts.get(feed.no);
    if (known !== undefined) return known;
    const fresh = { asking: 0, notBefore: this.#ctx.turn.steady + JOIN_AFTER_MS, failures: 0 };
    this.#efforts.set(feed.no, fresh);
    return fresh;
  }

  /** The pairs of one large head, of the next one after a failure: nobody may have the largest. */
  #ask(feed: FeedState, effort: Effort, peer: PeerName): void {
    if (effort.asking > 0) return;
    const groups = this.#pairs(feed);
    const pairs = (groups[effort.failures % groups.length] ?? []).slice(0, MAX_FEED_JOINS);
    let hasFailed = false;
    effort.notBefore = this.#ctx.turn.steady + JOIN_RETRY_MS;
    effort.asking = pairs.length;
    for (const pair of pairs) {
      this.#question(feed, pair, peer, (isAnswered) => {
        hasFailed ||= !isAnswered;
        if (--effort.asking > 0) return;
        effort.failures = hasFailed ? effort.failures + 1 : 0;
        const wait = effort.failures < QUICK_JOINS ? 0 : Math.min(effort.failures, MAX_SLOW_JOINS);
        effort.notBefore = this.#ctx.turn.steady + JOIN_RETRY_MS * wait;
      });
    }
  }

  /** The largest head with each smaller one that is not joined to it, which joins all of them where it is served; then the next one. */
  #pairs(feed: FeedState): readonly (readonly Pair[])[] {
    const heads: SignedHead[] = [];
    // A frozen feed has the two in question, and the others change nothing any more.
    const others = feed.unproven ? [] : [feed.head, feed.proven, feed.nearer, feed.rival];
    for (const head of [...others, ...feed.unresolved]) {
      if (head !== null && !heads.some((other) => sameHead(other, head))) heads.push(head);
    }
    heads.sort((a, b) => b.size - a.size);
    const below = (large: SignedHead): readonly Pair[] =>
      heads
        .filter((small) => small.size < large.size && this.#isNews(feed, small, large))
        .map((small) => ({ small, large }));
    return heads.map(below).filter((pairs) => pairs.length > 0);
  }

  /** What both lie below what is held is compared with that; entries are fetched only where they extend what is held. */
  #isNews(feed: FeedState, small: SignedHead, large: SignedHead): boolean {
    if (feed.unproven) return true;
    if (large.size <= (feed.proven?.size ?? 0)) return false;
    const isFetched = feed.nearer === null && feed.head === large && feed.proven === small;
    return !isFetched && !this.#joined.has(nameOf(small, large));
  }

  #question(feed: FeedState, pair: Pair, peer: PeerName, done: (isAnswered: boolean) => void): void {
    const { small, large } = pair;
    askTiles(
      this.#ctx,
      peer,
      { kind: "consistency", origin: feed.origin, from: small.size, to: large.size },
      ({ blobs: [root, ...proof] }) => done(root !== undefined && this.#take(feed, pair, root, proof)),
      () => done(false),
    );
  }

  /** Whether the answer tells how the two go together. One that leads to another tree does not: the peer may hold another branch. */
  #take(feed: FeedState, { small, large }: Pair, root: Uint8Array, proof: readonly Uint8Array[]): boolean {
    try {
      checkConsistency(small.size, large.size, root, large.root, proof);
    } catch (error) {
      if (error instanceof ProtocolError) return false;
      throw error;
    }
    if (!equalRoot(small, { root })) return this.#forks.prove(feed, small, large, { root, proof });
    this.#joined.set(nameOf(small, large), true);
    this.#forks.joined(feed, small, large);
    return true;
  }
}

function nameOf(small: SignedHead, large: SignedHead): string {
  return `${nameOfHead(small)} ${nameOfHead(large)}`;
}
