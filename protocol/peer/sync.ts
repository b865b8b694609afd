/**
 * Fetches what is missing of a feed (DESIGN, "Sync"): little of it page by page, much of it as bundles from several sources (bundles.ts). A
 * page, or the hashes of bundles, are used only when they are shown to belong: the tree that they make is the head's own, or a consistency
 * proof leads from there to the head. What does not belong is either the peer's fault or a fork of the feed, and the proof from the accepted
 * head to the new one tells which.
 */
import { octetsIn } from "../bytes/index.ts";
import type { Growth, SignedHead } from "../feed/index.ts";
import {
  ANSWER_FILL_BYTES,
  MAX_ANSWER_ITEMS,
  MAX_HEAD_JITTER_MS,
  MAX_STREAM_BYTES,
  MAX_SYNC_ASKS,
  MIN_BULK_ENTRIES,
  SOURCE_BUSY_MS,
  TILE_WIDTH,
} from "../limits.ts";
import { grow } from "./append.ts";
import type { Appender } from "./append.ts";
import { askTiles } from "./ask-tiles.ts";
import { Belonging } from "./belonging.ts";
import type { Belongs } from "./belonging.ts";
import { Bundles } from "./bundles.ts";
import type { Context } from "./context.ts";
import type { FeedState } from "./feed-state.ts";
import type { Findings } from "./findings.ts";
import type { Forks } from "./forks.ts";
import { takable } from "./oversized.ts";
import { Passing } from "./passing.ts";
import { failed, freshProgress, isFailing, served } from "./progress.ts";
import type { Progress } from "./progress.ts";
import { roomFor } from "./room.ts";
import type { Room } from "./room.ts";
import { planSegment, readSegment } from "./segment.ts";
import type { Segment } from "./segment.ts";
import { chooseSource, hasFreeSource, haveAllFailed, timeFor } from "./sources.ts";
import type { PeerName } from "./types.ts";

export class Sync {
  readonly #ctx: Context;
  readonly #appender: Appender;
  readonly #forks: Forks;
  readonly #findings: Findings;
  readonly #room: Room;
  /** By number of the feed, the one first that was asked for longest ago. */
  readonly #progress = new Map<number, Progress>();
  readonly #passing: Passing;
  readonly #bundles: Bundles;
  readonly #belonging: Belonging;
  #asking = 0;

  constructor(ctx: Context, appender: Appender, forks: Forks, findings: Findings, room: Room) {
    this.#ctx = ctx;
    this.#passing = new Passing(ctx);
    this.#appender = appender;
    this.#forks = forks;
    this.#findings = findings;
    this.#room = room;
    this.#bundles = new Bundles(ctx, appender, room);
    this.#belonging = new Belonging(ctx, forks);
  }

  /** Goes on with a feed, if anything is missing; where `sender` gossiped a head alone, in a little while and with him. */
  kick(feed: FeedState, sender: PeerName | null): void {
    if (feed.class === "own" || feed.missing === null) {
      if (!feed.forked) this.#progress.delete(feed.no);
      return;
    }
    const progress = this.#of(feed);
    if (sender !== null && !progress.asking) {
      const { turn, rng } = this.#ctx;
      const at = turn.steady + Math.floor(rng() * MAX_HEAD_JITTER_MS);
      // Another head may come before the pull for the last one: it does not put it off.
      progress.notBefore = progress.notBefore > turn.steady ? Math.min(progress.notBefore, at) : at;
      progress.sender = sender;
      turn.wake(progress.notBefore);
      return;
    }
    this.#ask(feed, progress);
  }

  /** Goes on with all feeds that miss something. */
  tick(): void {
    const { feeds } = this.#ctx;
    for (const feed of feeds.all()) if (feed.class !== "own" && feed.missing !== null) this.#of(feed);
    this.#bundles.tick();
    this.#next();
    for (const [no, { asking }] of this.#progress)
      if (!asking && feeds.byNo(no) === null) this.#progress.delete(no);
  }

  /** Fills free places, a page a feed in turn: one that misses much does not hold up those that came after it. */
  #next(): void {
    for (const [no, progress] of this.#progress) {
      if (this.#asking >= MAX_SYNC_ASKS) return;
      const feed = this.#ctx.feeds.byNo(no);
      if (feed !== null && feed.class !== "own" && feed.missing !== null) this.#ask(feed, progress);
    }
  }

  /** A peer came that may have what others withheld. */
  joined(): void {
    for (const progress of this.#progress.values()) {
      if (progress.asking) continue;
      progress.notBefore = 0;
      progress.turns = 0;
    }
  }

  #of(feed: FeedState): Progress {
    const progress = this.#progress.get(feed.no) ?? freshProgress();
    this.#progress.set(feed.no, progress);
    return progress;
  }

  #ask(feed: FeedState, progress: Progress): void {
    const { turn } = this.#ctx;
    const head = feed.wantedAfter(progress.turns);
    if (progress.asking || head === null || this.#bundles.isFetching(feed)) return;
    if (turn.steady < progress.notBefore) return;
    if (this.#asking >= MAX_SYNC_ASKS || !this.#appender.hasRoom(feed, MAX_STREAM_BYTES)) return;
    // Entries on their way into the store come first: a page is asked from what is held.
    if (feed.range.size !== feed.held || feed.isOversized || !this.#room.mayAsk(feed)) return;
    const peer = chooseSource(this.#ctx, feed, progress);
    if (peer === null) return;
    progress.asking = true;
    progress.last = peer;
    progress.askedAt = turn.steady;
    this.#asking++;
    this.#progress.delete(feed.no);
    this.#progress.set(feed.no, progress);
    const { range } = feed;
    const from = range.size;
    const isBulk = this.#isBulk(feed, progress, head);
    if (isBulk && from % TILE_WIDTH === 0) {
      this.#segment(feed, progress, head, peer);
      return;
    }
    // Bundles begin where the page ends.
    const count = isBulk ? TILE_WIDTH - (from % TILE_WIDTH) : Math.min(head.size - from, MAX_ANSWER_ITEMS);
    askTiles(
      this.#ctx,
      peer,
      { kind: "entries", origin: feed.origin, from, count },
      ({ blobs }) => {
        // Gossip was faster, or the feed forked.
        if (feed.range !== range || feed.forked) this.#done(feed, progress);
        else this.#page(feed, progress, head, peer, blobs, count);
      },
      (code) => this.#refused(feed, progress, peer, code),
      timeFor(this.#ctx, feed, progress, peer),
    );
  }

  /** After a failure a page tells more: it shows whose fault it is. */
  #isBulk({ range }: FeedState, { failures, pagedTo }: Progress, head: SignedHead): boolean {
    const isMuch = head.size - range.size > MIN_BULK_ENTRIES;
    return isMuch && failures === 0 && range.size >= pagedTo && this.#bundles.hasRoom;
  }

  /** A page came: append it if it belongs. */
  #page(
    feed: FeedState,
    progress: Progress,
    head: SignedHead,
    peer: PeerName,
    entries: readonly Uint8Array[],
    count: number,
  ): void {
    if (entries.length === 0) {
      this.#failed(feed, progress, true);
      return;
    }
    const growth = grow(feed, entries);
    this.#belonging.check(feed, head, peer, growth.range, {
      belongs: () => {
        const isFull = entries.length === count || octetsIn(entries) >= ANSWER_FILL_BYTES / 2;
        served(progress, isFull, this.#ctx.turn.steady);
        // Where none is taken the head is accepted all the same: people are told of it.
        const taken = takable(this.#ctx, feed, entries);
        this.#append(feed, progress, head, taken, taken === entries ? growth : grow(feed, taken));
      },
      ...this.#otherwise(feed, progress),
    });
  }

  /** Fetches the hashes of the next bundles from one source, and then the bundles from all. */
  #segment(feed: FeedState, progress: Progress, head: SignedHead, peer: PeerName): void {
    const { range, origin } = feed;
    const plan = planSegment(range.size, head.size);
    askTiles(
      this.#ctx,
      peer,
      { kind: "tiles", origin, tiles: plan.tiles },
      ({ blobs }) => {
        if (feed.range !== range || feed.forked) {
          this.#done(feed, progress);
          return;
        }
        const segment = readSegment(range, plan, blobs);
        if (segment === null) {
          this.#failed(feed, progress, true);
          return;
        }
        this.#belonging.check(feed, head, peer, segment.end, {
          belongs: () => this.#fetch(feed, progress, head, peer, segment),
          ...this.#otherwise(feed, progress),
        });
      },
      (code) => this.#refused(feed, progress, peer, code),
      timeFor(this.#ctx, feed, progress, peer),
    );
  }

  #fetch(feed: FeedState, progress: Progress, head: SignedHead, peer: PeerName, segment: Segment): void {
    served(progress, true, this.#ctx.turn.steady);
    this.#release(progress);
    this.#bundles.fetch(feed, head, segment, peer, progress.rests, (how, at) => {
      if (how === "done") this.#passing.on(feed);
      if (how === "unfit") progress.pagedTo = segment.to;
      if (how === "failed") {
        progress.pagedTo = at + TILE_WIDTH;
        this.#failed(feed, progress, false);
      } else this.#done(feed, progress);
    });
  }

  #otherwise(feed: FeedState, progress: Progress): Omit<Belongs, "belongs"> {
    return { moved: () => this.#done(feed, progress), failed: () => this.#failed(feed, progress, true) };
  }

  #append(
    feed: FeedState,
    progress: Progress,
    head: SignedHead,
    entries: readonly Uint8Array[],
    growth: Growth,
  ): void {
    progress.failures = 0;
    if (!this.#room.allows(feed, roomFor(entries))) {
      this.#release(progress);
      return;
    }
    feed.withheld = false;
    feed.resolve(head);
    this.#ctx.counters.add("entries-from-sync", entries.length);
    this.#appender.append(
      feed,
      { entries, growth, head, read: null, durable: false, rows: [] },
      () => {
        this.#passing.on(feed);
        this.#done(feed, progress);
      },
      () => this.#failed(feed, progress, false),
    );
  }

  /** No answer came; who has no time is asked again a little later, as if it had not been asked. */
  #refused(feed: FeedState, progress: Progress, peer: PeerName, code: string): void {
    const { steady } = this.#ctx.turn;
    if (!progress.rests.waits(peer, code, steady)) {
      this.#failed(feed, progress, true);
      return;
    }
    progress.serving = false;
    progress.notBefore = hasFreeSource(this.#ctx, feed, progress) ? steady : steady + SOURCE_BUSY_MS;
    this.#release(progress);
  }

  /** Of the source that was asked, which rests, or of the store. While there are others that do not rest, one is asked at once. */
  #failed(feed: FeedState, progress: Progress, isSource: boolean): void {
    const { steady } = this.#ctx.turn;
    if (isSource && progress.last !== null) progress.rests.failed(progress.last, steady);
    failed(progress, isSource && hasFreeSource(this.#ctx, feed, progress), steady);
    const isLong = isFailing(progress, steady) && haveAllFailed(this.#ctx, feed, progress);
    if (isLong && !feed.withheld && !feed.forked && feed.missing !== null) {
      feed.withheld = true;
      if (feed.isFollowed) this.#findings.observe("withheld", [feed.key], `${feed.missing.size}`);
    }
    this.#release(progress);
  }

  #done(feed: FeedState, progress: Progress): void {
    this.#release(progress);
    this.#forks.settle(feed);
    if (feed.missing === null) this.kick(feed, null);
    this.#next();
  }

  /** Whoever waited for a place is next. */
  #release(progress: Progress): void {
    if (!progress.asking) return;
    progress.asking = false;
    this.#asking--;
    this.#ctx.turn.wake();
  }
}
