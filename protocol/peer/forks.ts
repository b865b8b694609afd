/** Joins the heads of a feed, or proves that they can't be joined (RULES R15, I2, I3, I4). */
import { toHex } from "../bytes/index.ts";
import { proveFork } from "../evidence/index.ts";
import type { ForkEvidence, ForkJoin } from "../evidence/index.ts";
import type { SignedHead } from "../feed/index.ts";
import { MAX_SEEN_HEADS } from "../limits.ts";
import type { Appender } from "./append.ts";
import type { Context } from "./context.ts";
import { equalRoot, sameHead } from "./feed-state.ts";
import type { FeedState } from "./feed-state.ts";
import type { Findings } from "./findings.ts";
import type { OwnFeed } from "./own-feed.ts";
import { Seen } from "./seen.ts";
import type { Tiles } from "./tiles.ts";
import type { PeerName } from "./types.ts";

export class Forks {
  readonly #ctx: Context;
  readonly #appender: Appender;
  readonly #own: OwnFeed;
  readonly #tiles: Tiles;
  readonly #findings: Findings;
  /** Smaller heads that are shown to lie on the accepted history. */
  readonly #joined = new Seen<true>(MAX_SEEN_HEADS);

  constructor(ctx: Context, appender: Appender, own: OwnFeed, tiles: Tiles, findings: Findings) {
    this.#ctx = ctx;
    this.#appender = appender;
    this.#own = own;
    this.#tiles = tiles;
    this.#findings = findings;
  }

  /** A verified head that a peer showed, or nobody who has the feed (null): kept until it is joined, unless it tells nothing new. */
  consider(feed: FeedState, head: SignedHead, from: PeerName | null): void {
    if (from !== null) feed.heardFrom(from, this.#ctx.turn.now);
    if (feed.class === "own") {
      this.joinOwn(feed, head, () => undefined);
      return;
    }
    if (feed.forked) return;
    if (this.#joined.has(nameOf(head))) {
      this.#keepTime(feed, head);
      return;
    }
    const rival = this.#rivalOf(feed, head);
    if (rival !== null) {
      this.prove(feed, head, rival, null);
      return;
    }
    if (feed.head !== null && sameHead(feed.head, head)) {
      this.#keepTime(feed, head);
      return;
    }
    const news = !feed.unresolved.some((other) => sameHead(other, head));
    feed.keepUnresolved(head);
    if (news) this.#appender.save(feed);
    this.settle(feed);
  }

  /** Compares the heads below what is held with the hashes held; called whenever more is held. */
  settle(feed: FeedState): void {
    const { proven } = feed;
    if (proven === null || feed.forked) return;
    for (const head of feed.unresolved) {
      if (head.size > proven.size) continue;
      if (head.size === proven.size) this.#compare(feed, head, proven, { root: proven.root, proof: [] });
      else {
        this.#tiles.earlier(
          feed,
          head.size,
          proven.size,
          (earlier) => this.#compare(feed, head, proven, earlier),
          () => this.#ctx.counters.add("read-failed"),
        );
      }
    }
  }

  /**
   * Freezes the feed and tells of it if two heads are shown to belong to no one history: of one size, or `join` (what the larger tree was at
   * the smaller size) is not the smaller head's. Says whether they are.
   */
  prove(feed: FeedState, one: SignedHead, other: SignedHead, join: ForkJoin | null): boolean {
    if (feed.forked) return false;
    const evidence: ForkEvidence | null = proveFork(one, other, join, null);
    if (evidence === null) return false;
    this.freeze(feed, evidence);
    this.#findings.add(evidence, true);
    return true;
  }

  /** Takes over evidence that somebody else made. */
  freeze(feed: FeedState, { a, b }: ForkEvidence): void {
    if (feed.forked) return;
    feed.forked = true;
    // Both are told to others, whose own comparison may be all that the proof needs.
    feed.unresolved = [a, b];
    this.#appender.save(feed);
  }

  #compare(feed: FeedState, head: SignedHead, proven: SignedHead, earlier: ForkJoin): void {
    if (equalRoot(head, earlier)) {
      this.#joined.set(nameOf(head), true);
      feed.resolve(head);
      this.#keepTime(feed, head);
    } else this.prove(feed, head, proven, head.size === proven.size ? null : earlier);
  }

  /** A head by our own key: one that our store lacks stops publishing, be it larger or not (I1). `joined` is called for any other. */
  joinOwn(feed: FeedState, head: SignedHead, joined: () => void): void {
    this.#own.saw(head);
    const { proven } = feed;
    if (proven === null || head.size > proven.size) return;
    if (head.size === proven.size || this.#joined.has(nameOf(head))) {
      if (head.size < proven.size || equalRoot(head, proven)) joined();
      return;
    }
    this.#tiles.earlier(
      feed,
      head.size,
      proven.size,
      (earlier) => {
        if (!equalRoot(head, earlier)) {
          this.#own.stop(
            "a head that this feed's key has signed is none of the history that the store holds",
          );
          return;
        }
        this.#joined.set(nameOf(head), true);
        joined();
      },
      () => this.#ctx.counters.add("read-failed"),
    );
  }

  #keepTime(feed: FeedState, head: SignedHead): void {
    if (feed.keepTime(head)) this.#appender.save(feed);
  }

  /** Another head of the same size with another root, or null. */
  #rivalOf(feed: FeedState, head: SignedHead): SignedHead | null {
    const known = [feed.head, feed.proven, feed.timed, ...feed.unresolved];
    return known.find((other) => other?.size === head.size && !equalRoot(other, head)) ?? null;
  }
}

function nameOf(head: SignedHead): string {
  return `${head.origin} ${head.size} ${toHex(head.root)}`;
}
