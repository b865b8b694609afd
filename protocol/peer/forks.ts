/** Joins the heads of a feed, or proves that they can't be joined (RULES R15, I2, I3, I4). */
import { proveFork } from "../evidence/index.ts";
import type { ForkEvidence, ForkJoin } from "../evidence/index.ts";
import { nameOfHead } from "../feed/index.ts";
import type { SignedHead } from "../feed/index.ts";
import { MAX_SEARCHES, MAX_SEEN_HEADS, SEARCH_RETRY_MS } from "../limits.ts";
import type { Appender } from "./append.ts";
import type { CommonSearch } from "./fork-point.ts";
import type { Context } from "./context.ts";
import { equalRoot, sameHead } from "./feed-state.ts";
import type { FeedState } from "./feed-state.ts";
import type { Findings } from "./findings.ts";
import type { OwnFeed } from "./own-feed.ts";
import { isRolledBack } from "./rollback.ts";
import { Seen } from "./seen.ts";
import type { Tiles } from "./tiles.ts";
import { isTimedAhead } from "./time-ahead.ts";
import type { PeerName } from "./types.ts";

/** Why the own feed signs nothing more. */
const OWN_FORKED = "its key has signed two histories, and there is a proof of that";

interface Parting {
  readonly evidence: ForkEvidence;
  readonly tries: number;
  readonly at: number;
}

export class Forks {
  readonly #ctx: Context;
  readonly #appender: Appender;
  readonly #own: OwnFeed;
  readonly #tiles: Tiles;
  readonly #findings: Findings;
  readonly #common: CommonSearch;
  /** By feed number: proofs that do not show yet where the branches part. */
  readonly #parting = new Map<number, Parting>();
  /** Smaller heads that are shown to lie on the accepted history. */
  readonly #joined = new Seen<true>(MAX_SEEN_HEADS);

  constructor(
    ctx: Context,
    appender: Appender,
    own: OwnFeed,
    tiles: Tiles,
    findings: Findings,
    common: CommonSearch,
  ) {
    this.#common = common;
    this.#ctx = ctx;
    this.#appender = appender;
    this.#own = own;
    this.#tiles = tiles;
    this.#findings = findings;
  }

  /** A verified head that a peer showed, or nobody who has the feed (null): kept until it is joined, unless it tells nothing new. */
  consider(feed: FeedState, head: SignedHead, from: PeerName | null): void {
    if (from !== null) feed.heardFrom(from, this.#ctx.turn.steady);
    if (feed.class === "own") {
      this.joinOwn(feed, head, () => undefined);
      return;
    }
    if (feed.forked) return;
    if (this.#joined.has(nameOfHead(head))) {
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
    const isKnown = feed.unresolved.some((other) => sameHead(other, head));
    feed.keepUnresolved(head);
    const isKept = feed.unresolved.includes(head);
    if (!isKnown && isKept) this.#appender.save(feed);
    this.settle(feed);
    // Larger ones, of which nobody has anything, may take all the room: what can be compared needs none.
    if (!isKept && feed.proven !== null && !feed.forked) this.#compareBelow(feed, head, feed.proven);
  }

  /** Compares the heads below what is held with the hashes held; called whenever more is held. */
  settle(feed: FeedState): void {
    const { proven } = feed;
    if (proven === null || feed.forked) return;
    // The head under which entries came in may bear the newest time line.
    this.#keepTime(feed, proven);
    for (const head of feed.unresolved) this.#compareBelow(feed, head, proven);
  }

  #compareBelow(feed: FeedState, head: SignedHead, proven: SignedHead): void {
    if (head.size > proven.size) return;
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

  /**
   * Freezes the feed and tells of it if two heads are shown to belong to no one history: of one size, or `join` (what the larger tree was at
   * the smaller size) is not the smaller head's. Says whether they are.
   */
  prove(feed: FeedState, one: SignedHead, other: SignedHead, join: ForkJoin | null): boolean {
    if (feed.forked && !feed.unproven) return false;
    const evidence: ForkEvidence | null = proveFork(one, other, join, null);
    if (evidence === null) return false;
    this.freeze(feed, evidence);
    // Told at once; where the branches part is told as soon as it is known.
    this.#findings.add(evidence, true, () => this.part(feed, evidence));
    return true;
  }

  /** The larger of two heads is shown to extend the smaller. */
  joined(feed: FeedState, small: SignedHead, large: SignedHead): void {
    if (
      feed.nearer !== null &&
      feed.head !== null &&
      sameHead(small, feed.nearer) &&
      sameHead(large, feed.head)
    )
      feed.nearer = null;
    if (feed.rival !== null && sameHead(large, feed.rival)) feed.rival = null;
  }

  /** Looks for where the branches part, again after a while where that is not served. */
  part(feed: FeedState, evidence: ForkEvidence): void {
    const { a, b, join, common } = evidence;
    if (common !== null) return;
    const tries = (this.#parting.get(feed.no)?.tries ?? 0) + 1;
    this.#parting.set(feed.no, { evidence, tries, at: this.#ctx.turn.steady + SEARCH_RETRY_MS });
    this.#common.find(feed, a, b, (found) => {
      const better = found === null ? null : proveFork(a, b, join, found);
      if (better === null) return;
      this.#parting.delete(feed.no);
      this.#findings.add(better, true);
    });
  }

  tick(): void {
    const { turn, feeds, peers } = this.#ctx;
    for (const [no, { evidence, tries, at }] of this.#parting) {
      if (turn.steady < at || peers.count === 0) continue;
      const feed = feeds.byNo(no);
      if (feed === null || tries >= MAX_SEARCHES) this.#parting.delete(no);
      else this.part(feed, evidence);
    }
  }

  /**
   * A frozen feed without its proof, which a crash took: the two heads that it was about prove it anew, with hashes held or with what others
   * are asked for (`Joins`). It stays frozen meanwhile.
   */
  proveAgain(feed: FeedState): void {
    if (feed.class === "own") this.#own.stop(OWN_FORKED);
    feed.unproven = true;
    const [large, small] = feed.unresolved.toSorted((a, b) => b.size - a.size);
    if (large === undefined || small === undefined) return;
    if (large.size === small.size) {
      this.prove(feed, small, large, null);
      return;
    }
    if (large.size > feed.held) return;
    this.#tiles.earlier(
      feed,
      small.size,
      large.size,
      (earlier) => this.prove(feed, small, large, earlier),
      () => this.#ctx.counters.add("read-failed"),
    );
  }

  /** Takes over evidence that somebody else made, or that is kept from before. */
  freeze(feed: FeedState, { a, b }: ForkEvidence): void {
    if (feed.class === "own") {
      this.#own.stop(OWN_FORKED);
      this.#tellElsewhere(feed);
    }
    if (feed.forked && !feed.unproven) return;
    feed.forked = true;
    feed.unproven = false;
    feed.nearer = null;
    feed.rival = null;
    // Both are told to others, whose own comparison may be all that the proof needs.
    feed.unresolved = [a, b];
    this.#appender.save(feed);
  }

  #compare(feed: FeedState, head: SignedHead, proven: SignedHead, earlier: ForkJoin): void {
    if (equalRoot(head, earlier)) {
      this.#joined.set(nameOfHead(head), true);
      feed.resolve(head);
      this.#keepTime(feed, head);
    } else this.prove(feed, head, proven, head.size === proven.size ? null : earlier);
  }

  /** A head by our own key: one that our store lacks stops publishing, be it larger or not (I1). `joined` is called for any other. */
  joinOwn(feed: FeedState, head: SignedHead, joined: () => void): void {
    if (this.#own.saw(head)) this.#tellElsewhere(feed);
    const { proven } = feed;
    if (proven === null || feed.forked) return;
    if (head.size > proven.size) {
      feed.rival = head;
      return;
    }
    if (head.size === proven.size || this.#joined.has(nameOfHead(head))) {
      if (head.size < proven.size || equalRoot(head, proven)) joined();
      else this.prove(feed, head, proven, null);
      return;
    }
    this.#tiles.earlier(
      feed,
      head.size,
      proven.size,
      (earlier) => {
        if (!equalRoot(head, earlier)) {
          this.prove(feed, head, proven, earlier);
          return;
        }
        this.#joined.set(nameOfHead(head), true);
        joined();
      },
      () => this.#ctx.counters.add("read-failed"),
    );
  }

  /** One matter as long as this store stays what it is: what others hold of it may grow. */
  #tellElsewhere(feed: FeedState): void {
    this.#findings.observe("own-elsewhere", [feed.key], `${feed.head?.size ?? 0}`);
  }

  #keepTime(feed: FeedState, head: SignedHead): void {
    const { turn, counters } = this.#ctx;
    if (isTimedAhead(head, turn.now)) {
      feed.aheadAt = turn.now;
      counters.add("time-ahead");
      return;
    }
    const isBack = feed.timed !== null && isRolledBack(feed.timed, head, turn.now);
    if (isBack && this.#findings.concernsKey(feed.key)) this.#findings.observe("rollback", [feed.key], "");
    if (feed.keepTime(head, turn.now)) this.#appender.save(feed);
  }

  /** Another head of the same size with another root, or null. */
  #rivalOf(feed: FeedState, head: SignedHead): SignedHead | null {
    const known = [feed.head, feed.proven, feed.timed, ...feed.unresolved];
    return known.find((other) => other?.size === head.size && !equalRoot(other, head)) ?? null;
  }
}
