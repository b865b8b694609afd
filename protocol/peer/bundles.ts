/**
 * Fetches the bundles of segments from several sources at once. Each is checked alone against its hash; they are appended in order, so that
 * what is stored never has a gap and a restart goes on from its size. In flight is little of each source, feed and in all; a free place
 * goes to the feed that was asked for longest ago. A bundle that a source does not give, gives wrong or holds up is asked of another one.
 */
import { octetsIn } from "../bytes/index.ts";
import type { SignedHead } from "../feed/index.ts";
import {
  ANSWER_FILL_BYTES,
  MAX_BULK_FEEDS,
  MAX_BUNDLE_ASKS,
  MAX_BUNDLES_BYTES,
  MAX_BUNDLES_WRITE_BYTES,
  MAX_STREAM_BYTES,
  MAX_UNSTORED_BUNDLES_BYTES,
  MIN_OVERFULL_SOURCES,
  TILE_WIDTH,
} from "../limits.ts";
import type { Appender } from "./append.ts";
import { askTiles } from "./ask-tiles.ts";
import { BundleRun } from "./bundle-run.ts";
import type { BundleQuestion } from "./bundle-run.ts";
import { bundlesIn } from "./bundles-in.ts";
import type { KeptBundle } from "./bundles-in.ts";
import type { Context } from "./context.ts";
import type { FeedState } from "./feed-state.ts";
import type { Rests } from "./rests.ts";
import { roomFor } from "./room.ts";
import type { Room } from "./room.ts";
import { growthOf } from "./segment.ts";
import type { Segment } from "./segment.ts";
import { Load, Sources } from "./sources.ts";
import type { PeerName } from "./types.ts";

/**
 * How fetching a segment ends: it is stored, or the feed moved otherwise · nobody gives the next bundle, or the store failed · a bundle
 * fills no answer, or has an entry that is too large · there is no room for the feed.
 */
export type BundlesEnd = "done" | "failed" | "unfit" | "full";

interface Fetch {
  readonly feed: FeedState;
  readonly head: SignedHead;
  readonly run: BundleRun;
  readonly sources: Sources;
  readonly ended: (how: BundlesEnd, at: number) => void;
}

export class Bundles {
  readonly #ctx: Context;
  readonly #appender: Appender;
  readonly #room: Room;
  readonly #load = new Load();
  /** By number of the feed, the one first that was asked for longest ago. */
  readonly #fetches = new Map<number, Fetch>();
  /** Octets that bundles which are here and not appended keep alive. */
  #early = 0;

  constructor(ctx: Context, appender: Appender, room: Room) {
    this.#ctx = ctx;
    this.#appender = appender;
    this.#room = room;
  }

  /** Whether bundles of one more feed may be fetched. */
  get hasRoom(): boolean {
    return this.#fetches.size < MAX_BULK_FEEDS;
  }

  isFetching(feed: FeedState): boolean {
    return this.#fetches.has(feed.no);
  }

  /**
   * Fetches a segment that extends what is held and belongs under `head`; `by` gave its hashes, and who is among `rests` is left alone. `ended` is
   * told where what is missing begins.
   */
  fetch(
    feed: FeedState,
    head: SignedHead,
    segment: Segment,
    by: PeerName,
    rests: Rests,
    ended: (how: BundlesEnd, at: number) => void,
  ): void {
    const sources = new Sources(this.#ctx, feed, this.#load, by, rests);
    this.#fetches.set(feed.no, { feed, head, run: new BundleRun(segment), sources, ended });
    this.tick();
  }

  /** Appends what has come, and asks for more. */
  tick(): void {
    for (const fetch of this.#fetches.values()) while (this.#append(fetch));
    while (this.#load.total < MAX_BUNDLE_ASKS && this.#askOne());
    for (const fetch of this.#fetches.values()) {
      const { run, sources } = fetch;
      const isIdle = run.questions.size === 0 && run.writing === 0 && !run.early.has(run.next);
      if (isIdle && !sources.areThere) this.#end(fetch, run.overfull.size > 0 ? "unfit" : "failed");
    }
  }

  /** Whether somebody was asked. */
  #askOne(): boolean {
    const isFull = this.#early + (this.#load.total + 1) * MAX_STREAM_BYTES > MAX_BUNDLES_BYTES;
    for (const fetch of this.#fetches.values()) {
      const { run, sources } = fetch;
      const [first, count] = run.unasked() ?? run.heldUp(this.#ctx.turn.steady) ?? [];
      if (first === undefined || count === undefined || (isFull && first > run.next)) continue;
      const others = run.askedFor(first);
      const peer = sources.next(others.map((one) => one.peer));
      if (peer === null) continue;
      for (const slow of others) {
        slow.overtaken = true;
        sources.rests.lagged(slow.peer, this.#ctx.turn.steady);
        this.#ctx.counters.add("bundle-overtaken");
      }
      this.#ask(fetch, {
        peer,
        first,
        count,
        since: this.#ctx.turn.steady,
        overtaken: false,
        isBeyond: isFull,
      });
      return true;
    }
    return false;
  }

  #ask(fetch: Fetch, question: BundleQuestion): void {
    const { feed, run, sources } = fetch;
    const { peer, first, count } = question;
    const { turn } = this.#ctx;
    run.questions.add(question);
    this.#load.begin(peer);
    // Whose turn comes last now.
    this.#fetches.delete(feed.no);
    this.#fetches.set(feed.no, fetch);
    const from = run.segment.from + first * TILE_WIDTH;
    const closed = (): void => {
      run.questions.delete(question);
      this.#load.end(peer);
    };
    askTiles(
      this.#ctx,
      peer,
      {
        kind: "entries",
        origin: feed.origin,
        from,
        count: Math.min(count * TILE_WIDTH, run.segment.to - from),
      },
      ({ blobs }, octets) => {
        closed();
        if (this.#isOn(fetch)) this.#take(fetch, question, blobs, octets);
        this.tick();
      },
      (code) => {
        closed();
        if (!sources.rests.waits(peer, code, turn.steady)) sources.rests.failed(peer, turn.steady);
        this.tick();
      },
    );
    turn.wake(turn.steady + run.patience + 1);
  }

  /** Keeps the bundles of an answer that fit. A source that lies rests for long, one that has no more for a while. */
  #take(fetch: Fetch, question: BundleQuestion, blobs: readonly Uint8Array[], octets: number): void {
    const { run, sources } = fetch;
    const { peer, count, since, overtaken } = question;
    const { bundles, wrong } = bundlesIn(run.segment, question, blobs);
    this.#early += run.keep(question, bundles, octets);
    if (wrong === "lie") {
      this.#ctx.counters.add("bundle-refused");
      sources.rests.lied(peer, this.#ctx.turn.steady);
      return;
    }
    if (wrong === "oversized") {
      this.#end(fetch, "unfit");
      return;
    }
    const taken = bundles.length;
    const { steady } = this.#ctx.turn;
    if (!overtaken) {
      run.usual += (steady - since - run.usual) / 8;
      if (taken > 0) sources.rests.served(peer);
    }
    if (taken === count) return;
    // An answer that is not full is all that the source has.
    const isFull = octetsIn(blobs) >= ANSWER_FILL_BYTES / 2;
    if (taken > 0 && isFull) run.stride = taken;
    else if (taken > 0) sources.rests.lagged(peer, steady);
    else if (isFull) this.#overfull(fetch, peer);
    else sources.rests.failed(peer, steady);
  }

  /** What one says of entries that belong nowhere could be made up: another one is asked before that is believed. */
  #overfull(fetch: Fetch, peer: PeerName): void {
    const { run, sources } = fetch;
    run.overfull.add(peer);
    sources.rests.failed(peer, this.#ctx.turn.steady);
    if (run.overfull.size >= MIN_OVERFULL_SOURCES) this.#end(fetch, "unfit");
  }

  /** Appends bundles that stand next, in one write, as far as the store has room. Returns whether there were any. */
  #append(fetch: Fetch): boolean {
    if (!this.#isOn(fetch)) return false;
    const { feed, head, run } = fetch;
    // Gossip was faster, the feed forked or went, or a write was lost.
    if (feed.range.size !== run.at || feed.forked || feed.gone) {
      this.#end(fetch, "done");
      return false;
    }
    const { bundles, isFull } = this.#next(fetch);
    if (bundles.length === 0) {
      if (isFull) this.#end(fetch, "full");
      return false;
    }
    const entries = bundles.flatMap((bundle) => bundle.entries);
    const leaves = bundles.map((bundle) => bundle.leaves);
    const growth = growthOf(run.segment, feed.range, run.next, leaves);
    for (let i = 0; i < bundles.length; i++) run.early.delete(run.next++);
    for (const { holds } of bundles) this.#early -= holds;
    feed.withheld = false;
    feed.resolve(head);
    this.#ctx.counters.add("entries-from-sync", entries.length);
    run.writing++;
    this.#appender.append(
      feed,
      { entries, isBulk: true, growth, head, read: null, durable: run.isWhole, rows: [] },
      () => this.#stored(fetch),
      () => this.#end(fetch, "failed"),
    );
    return true;
  }

  /** The bundles that stand next and go into one write, as far as the store has caught up and there is room for the feed. */
  #next({ feed, run }: Fetch): { readonly bundles: readonly KeptBundle[]; readonly isFull: boolean } {
    const bundles: KeptBundle[] = [];
    let [octets, room] = [0, 0];
    for (let i = run.next; ; i++) {
      const bundle = run.early.get(i);
      if (bundle === undefined) return { bundles, isFull: false };
      octets += bundle.octets;
      if (i > run.next && octets > MAX_BUNDLES_WRITE_BYTES) return { bundles, isFull: false };
      // One that is larger goes when nothing waits.
      if (!this.#appender.hasRoom(feed, octets, Math.max(octets, MAX_UNSTORED_BUNDLES_BYTES)))
        return { bundles, isFull: false };
      room += roomFor(bundle.entries);
      if (!this.#room.allows(feed, room)) return { bundles, isFull: true };
      bundles.push(bundle);
    }
  }

  #stored(fetch: Fetch): void {
    if (--fetch.run.writing === 0 && fetch.run.isWhole) this.#end(fetch, "done");
    this.tick();
  }

  #isOn(fetch: Fetch): boolean {
    return this.#fetches.get(fetch.feed.no) === fetch;
  }

  #end(fetch: Fetch, how: BundlesEnd): void {
    if (!this.#isOn(fetch)) return;
    const { feed, run, ended } = fetch;
    this.#fetches.delete(feed.no);
    for (const { holds } of run.early.values()) this.#early -= holds;
    run.early.clear();
    ended(how, run.at);
  }
}
