/**
 * Fetches what is missing of a feed, page by page (DESIGN, "Sync"). A page is appended only when it is shown to belong: the tree that it
 * makes is the head's own, or a consistency proof leads from there to the head. A page that does not belong is either the peer's fault or
 * a fork of the feed, and the proof from the accepted head to the new one tells which.
 */
import { checkConsistency, leafHash, newTileHashes, rangeRoot } from "../feed/index.ts";
import type { Growth, SignedHead } from "../feed/index.ts";
import { ProtocolError } from "../errors.ts";
import {
  ASK_TIMEOUT_MS,
  HEADS_INTERVAL_MS,
  MAX_ANSWER_ITEMS,
  MAX_HEAD_JITTER_MS,
  MAX_STREAM_BYTES,
  MAX_SYNC_ASKS,
  MAX_SYNC_FAILURES,
  SYNC_RETRY_MS,
  WITHHELD_AFTER_MS,
} from "../limits.ts";
import { readTilesAnswer, writeTilesRequest } from "../wire/index.ts";
import type { TilesAnswer, TilesRequest } from "../wire/index.ts";
import type { Appender } from "./append.ts";
import type { Context } from "./context.ts";
import { equalRoot } from "./feed-state.ts";
import type { FeedState } from "./feed-state.ts";
import type { Findings } from "./findings.ts";
import type { Forks } from "./forks.ts";
import { Passing } from "./passing.ts";
import { freshProgress } from "./progress.ts";
import type { Progress } from "./progress.ts";
import type { Room } from "./room.ts";
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
  #asking = 0;

  constructor(ctx: Context, appender: Appender, forks: Forks, findings: Findings, room: Room) {
    this.#ctx = ctx;
    this.#passing = new Passing(ctx);
    this.#appender = appender;
    this.#forks = forks;
    this.#findings = findings;
    this.#room = room;
  }

  /** Goes on with a feed, if anything of it is missing; where `sender` gossiped a head alone, in a little while and with him. */
  kick(feed: FeedState, sender: PeerName | null): void {
    if (feed.class === "own" || feed.missing === null) {
      if (!feed.forked) this.#progress.delete(feed.no);
      return;
    }
    const progress = this.#of(feed);
    if (sender !== null && !progress.asking) {
      const { turn, rng } = this.#ctx;
      const at = turn.now + Math.floor(rng() * MAX_HEAD_JITTER_MS);
      // Another head may come before the pull for the last one: it does not put it off.
      progress.notBefore = progress.notBefore > turn.now ? Math.min(progress.notBefore, at) : at;
      progress.sender = sender;
      turn.emit({ kind: "wake", at: progress.notBefore });
      return;
    }
    this.#ask(feed, progress);
  }

  /** Goes on with all feeds that miss something. */
  tick(): void {
    const { feeds } = this.#ctx;
    for (const feed of feeds.all()) if (feed.class !== "own" && feed.missing !== null) this.#of(feed);
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
    if (progress.asking || head === null || turn.now < progress.notBefore) return;
    if (this.#asking >= MAX_SYNC_ASKS || !this.#appender.hasRoom(feed, MAX_STREAM_BYTES)) return;
    // Entries on their way into the store come first: a page is asked from what is held.
    if (feed.range.size !== feed.held || !this.#room.allows(feed, 1)) return;
    const peer = this.#choose(feed, progress);
    if (peer === null) return;
    progress.asking = true;
    progress.last = peer;
    this.#asking++;
    this.#progress.delete(feed.no);
    this.#progress.set(feed.no, progress);
    const { range } = feed;
    const from = range.size;
    const count = Math.min(head.size - from, MAX_ANSWER_ITEMS);
    this.#question(
      peer,
      { kind: "entries", origin: feed.origin, from, count },
      ({ blobs }) => {
        // Gossip was faster, or the feed forked.
        if (feed.range !== range || feed.forked) this.#done(feed, progress);
        else this.#page(feed, progress, head, peer, blobs.slice(0, count));
      },
      () => this.#failed(feed, progress),
    );
  }

  /**
   * Who sent the head is asked first, who gave the last page for the next; else who showed heads of the feed, and where nobody did or after
   * a failure somebody else.
   */
  #choose(feed: FeedState, progress: Progress): PeerName | null {
    const { last, sender } = progress;
    progress.sender = null;
    const hasFailed = progress.failures > 0 && sender === last;
    if (sender !== null && !hasFailed && this.#ctx.peers.isConnected(sender)) return sender;
    if (progress.serving && last !== null && this.#ctx.peers.isConnected(last)) return last;
    const known = feed.sources.filter((name) => this.#ctx.peers.isConnected(name)).reverse();
    const isKnown = progress.failures === 0 && known.length > 0;
    const others = isKnown ? known : [...known, ...this.#ctx.peers.some(4)];
    const fresh = others.filter((name) => name !== progress.last);
    const choice = progress.failures === 0 ? others : fresh.length > 0 ? fresh : others;
    return choice[Math.min(choice.length - 1, Math.floor(this.#ctx.rng() * choice.length))] ?? null;
  }

  /** A page came: append it if it belongs. */
  #page(
    feed: FeedState,
    progress: Progress,
    head: SignedHead,
    peer: PeerName,
    entries: readonly Uint8Array[],
  ): void {
    if (entries.length === 0) {
      this.#failed(feed, progress);
      return;
    }
    const growth = newTileHashes(feed.range, entries.map(leafHash));
    const root = rangeRoot(growth.range);
    if (growth.range.size === head.size) {
      if (equalRoot({ root }, head)) this.#append(feed, progress, head, entries, growth);
      else this.#doubt(feed, progress, head, peer);
      return;
    }
    const { range } = feed;
    this.#question(
      peer,
      { kind: "consistency", origin: feed.origin, from: growth.range.size, to: head.size },
      ({ blobs }) => {
        if (feed.range !== range) this.#done(feed, progress);
        else if (isProof(growth.range.size, root, head, blobs.slice(1))) {
          this.#append(feed, progress, head, entries, growth);
        } else this.#doubt(feed, progress, head, peer);
      },
      () => this.#failed(feed, progress),
    );
  }

  #append(
    feed: FeedState,
    progress: Progress,
    head: SignedHead,
    entries: readonly Uint8Array[],
    growth: Growth,
  ): void {
    progress.failures = 0;
    progress.serving = true;
    const octets = entries.reduce((sum, entry) => sum + entry.length, 0);
    if (!this.#room.allows(feed, octets)) {
      progress.notBefore = this.#ctx.turn.now + HEADS_INTERVAL_MS;
      this.#release(progress);
      return;
    }
    feed.withheld = false;
    feed.resolve(head);
    this.#ctx.counters.add("entries-from-sync", entries.length);
    this.#appender.append(
      feed,
      { entries, growth, head, durable: false, rows: [] },
      () => {
        this.#passing.on(feed);
        this.#done(feed, progress);
      },
      () => this.#failed(feed, progress),
    );
  }

  /** What came does not belong behind what is held: the peer's fault, unless it can show that the feed forks. */
  #doubt(feed: FeedState, progress: Progress, head: SignedHead, peer: PeerName): void {
    const accepted = feed.head;
    this.#ctx.counters.add("page-refused");
    if (accepted === null || accepted.size >= head.size) {
      this.#failed(feed, progress);
      return;
    }
    this.#question(
      peer,
      { kind: "consistency", origin: feed.origin, from: accepted.size, to: head.size },
      ({ blobs: [root, ...proof] }) => {
        if (root !== undefined) this.#forks.prove(feed, accepted, head, { root, proof });
        this.#failed(feed, progress);
      },
      () => this.#failed(feed, progress),
    );
  }

  #question(
    peer: PeerName,
    request: TilesRequest,
    answered: (answer: TilesAnswer) => void,
    failed: () => void,
  ): void {
    this.#ctx.turn.ask(
      peer,
      "tiles",
      writeTilesRequest(request),
      ASK_TIMEOUT_MS,
      (bytes) => {
        let answer: TilesAnswer;
        try {
          answer = readTilesAnswer(bytes);
        } catch (error) {
          if (!(error instanceof ProtocolError)) throw error;
          this.#ctx.peers.drop(peer, error.code);
          failed();
          return;
        }
        answered(answer);
      },
      failed,
    );
  }

  #failed(feed: FeedState, progress: Progress): void {
    const { now } = this.#ctx.turn;
    if (progress.failures++ === 0) progress.failingSince = now;
    progress.serving = false;
    progress.turns++;
    progress.notBefore = now + SYNC_RETRY_MS * Math.min(progress.failures, MAX_SYNC_FAILURES);
    const isLong = progress.failures >= MAX_SYNC_FAILURES && now - progress.failingSince >= WITHHELD_AFTER_MS;
    if (isLong && !feed.withheld && !feed.forked && feed.missing !== null) {
      feed.withheld = true;
      if (feed.class !== "unknown") this.#findings.observe("withheld", feed, feed.missing.size);
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
    this.#ctx.turn.emit({ kind: "wake", at: this.#ctx.turn.now });
  }
}

function isProof(size: number, root: Uint8Array, head: SignedHead, proof: readonly Uint8Array[]): boolean {
  try {
    checkConsistency(size, head.size, root, head.root, proof);
    return true;
  } catch (error) {
    if (error instanceof ProtocolError) return false;
    throw error;
  }
}
