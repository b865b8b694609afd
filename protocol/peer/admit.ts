/**
 * Gossip on the topic `feeds`: the numbered list of spec/wire.md. REJECT only what the octets alone show to be wrong: no peer that
 * follows the rules sends or forwards it, so its sender is hung up on. Everything else that we don't forward is IGNORE (RULES R6, R7).
 */
import { equalBytes, octetsIn, toHex } from "../bytes/index.ts";
import {
  appendLeaves,
  consistencyFromRange,
  leafHash,
  newTileHashes,
  parseCheckpoint,
  rangeFromFrontier,
  rangeRoot,
  verifyParsedCheckpoint,
} from "../feed/index.ts";
import type { Checkpoint, CompactRange, Growth, SignedHead } from "../feed/index.ts";
import { ProtocolError } from "../errors.ts";
import {
  FEED_HEADS_BURST,
  FEED_HEADS_PER_SECOND,
  MAX_FEEDS,
  MAX_SEEN_HEADS,
  UNKNOWN_HEADS_PER_SECOND,
} from "../limits.ts";
import { readFeedUpdate } from "../wire/index.ts";
import type { FeedUpdate } from "../wire/index.ts";
import type { Appender } from "./append.ts";
import { Budget } from "./budget.ts";
import type { Context } from "./context.ts";
import { equalRoot } from "./feed-state.ts";
import type { FeedState } from "./feed-state.ts";
import type { Forks } from "./forks.ts";
import { answerGossip, readOrReject } from "./gossip-verdict.ts";
import { roomFor } from "./room.ts";
import type { Room } from "./room.ts";
import { Seen } from "./seen.ts";
import type { Sync } from "./sync.ts";
import type { PeerName, Ticket } from "./types.ts";

/** How often one (origin, size, root) was forwarded. */
interface Forwarded {
  alone: boolean;
  withTail: boolean;
}

/** What of one feed is forwarded: heads that none before was larger than, and others: who sends old ones again keeps no new one from going on. */
interface Share {
  readonly newer: Budget;
  readonly older: Budget;
  /** The largest that was forwarded. */
  largest: number;
}

/** An update whose tree is shown to be what its checkpoint says. */
interface Update {
  readonly from: CompactRange;
  readonly tail: readonly Uint8Array[];
  readonly leaves: readonly Uint8Array[];
  /** What the tail makes of `from`. */
  readonly growth: Growth;
}

export class Admission {
  readonly #ctx: Context;
  readonly #appender: Appender;
  readonly #forks: Forks;
  readonly #sync: Sync;
  readonly #room: Room;
  /** By origin and size: the roots forwarded, at most two. */
  readonly #forwarded = new Seen<Map<string, Forwarded>>(MAX_SEEN_HEADS);
  readonly #unknown = new Budget(UNKNOWN_HEADS_PER_SECOND, 2 * UNKNOWN_HEADS_PER_SECOND);
  readonly #ofFeed = new Seen<Share>(MAX_FEEDS);

  constructor(ctx: Context, appender: Appender, forks: Forks, sync: Sync, room: Room) {
    this.#room = room;
    this.#ctx = ctx;
    this.#appender = appender;
    this.#forks = forks;
    this.#sync = sync;
  }

  receive(bytes: Uint8Array, from: PeerName, ticket: Ticket): void {
    const read = readOrReject(this.#ctx, from, ticket, () => {
      const message = readFeedUpdate(bytes); // 1, 2
      const checkpoint = this.#checkpoint(message.checkpoint); // 3
      return { message, checkpoint, update: rebuilt(message, checkpoint) }; // 5, 6
    });
    if (read === null) return;
    const { message, checkpoint, update } = read;
    const seen = this.#seen(checkpoint, message.tail.length > 0); // 7, 8
    if (seen === "peer/repeated" && this.#isUseless(checkpoint)) {
      answerGossip(this.#ctx, ticket, "ignore", seen);
      return;
    }
    const verify = (): SignedHead => verifyParsedCheckpoint(checkpoint, this.#ctx.config.network);
    const head = readOrReject(this.#ctx, from, ticket, verify); // 3, 4, 9
    if (head === null) return;
    const unwanted = seen ?? this.#overBudget(head, from); // 10
    if (unwanted === null) this.#remember(checkpoint, message.tail.length > 0);
    answerGossip(this.#ctx, ticket, unwanted === null ? "accept" : "ignore", unwanted);
    // Each of a stranger's would displace another feed, and be written.
    const isSpent = seen === null && unwanted !== null;
    if (!isSpent || this.#ctx.feeds.classOf(head.origin) !== "unknown") this.#use(head, update, from);
  }

  /** The one line is the feed's, or the signature check says so. */
  #checkpoint(note: Uint8Array): Checkpoint {
    const checkpoint = parseCheckpoint(note);
    if (checkpoint.signatures.length !== 1) {
      throw new ProtocolError(
        "peer/not-one-signature",
        `a gossiped checkpoint has exactly one signature line, not ${checkpoint.signatures.length}`,
      );
    }
    return checkpoint;
  }

  /** Why what we forwarded or know already speaks against forwarding the message, or null. */
  #seen(checkpoint: Checkpoint, withTail: boolean): string | null {
    if (this.#ctx.feeds.get(checkpoint.origin)?.forked === true) return "peer/forked";
    const roots = this.#forwarded.get(slotOf(checkpoint));
    const known = roots?.get(toHex(checkpoint.root));
    if (known !== undefined && (withTail ? known.withTail : known.alone)) return "peer/repeated";
    return known === undefined && (roots?.size ?? 0) >= 2 ? "peer/third-root" : null;
  }

  #overBudget({ origin, size }: SignedHead, from: PeerName): string | null {
    const { turn, feeds, peers } = this.#ctx;
    const { steady } = turn;
    const share = this.#shareOf(origin);
    const isNews = size >= share.largest && size > (feeds.get(origin)?.proven?.size ?? 0);
    if (!(isNews ? share.newer : share.older).take(1, steady)) return "peer/too-many-heads";
    const isUnknown = feeds.classOf(origin) === "unknown";
    if (isUnknown && !peers.of(from).unknownHeads.take(1, steady)) return "peer/over-budget";
    if (isUnknown && !this.#unknown.take(1, steady)) return "peer/over-budget";
    share.largest = Math.max(share.largest, size);
    return null;
  }

  /** A repeated head that we hold already, or can never use. */
  #isUseless(checkpoint: Checkpoint): boolean {
    const feed = this.#ctx.feeds.get(checkpoint.origin);
    return feed === null || (feed.head !== null && feed.range.size >= checkpoint.size);
  }

  #shareOf(origin: string): Share {
    const known = this.#ofFeed.get(origin);
    if (known !== undefined) return known;
    const budget = (): Budget => new Budget(FEED_HEADS_PER_SECOND, FEED_HEADS_BURST);
    const share = { newer: budget(), older: budget(), largest: 0 };
    this.#ofFeed.set(origin, share);
    return share;
  }

  #remember(checkpoint: Checkpoint, withTail: boolean): void {
    const slot = slotOf(checkpoint);
    const roots = this.#forwarded.get(slot) ?? new Map<string, Forwarded>();
    const root = toHex(checkpoint.root);
    const known = roots.get(root) ?? { alone: false, withTail: false };
    if (!roots.has(root) && roots.size >= 2) return;
    if (withTail) known.withTail = true;
    else known.alone = true;
    roots.set(root, known);
    this.#forwarded.set(slot, roots);
  }

  #use(head: SignedHead, update: Update, from: PeerName): void {
    const feed = this.#room.open(head.origin);
    if (feed === null) return;
    if (feed.class === "own" || feed.forked || update.tail.length === 0 || !this.#fits(feed, head, update)) {
      this.#forks.consider(feed, head, from);
      // All neighbours hear of a head without tail at once: they don't all ask at once (RULES R8).
      this.#sync.kick(feed, from);
      return;
    }
    feed.heardFrom(from, this.#ctx.turn.steady);
    if (!this.#append(feed, head, update) && !this.#showsFork(feed, head, update)) {
      this.#forks.consider(feed, head, from);
    }
  }

  /** Whether the tail goes on exactly where an accepted head ends, and there is room for it. */
  #fits(feed: FeedState, head: SignedHead, { from, tail }: Update): boolean {
    if ((feed.head?.size ?? 0) !== feed.range.size) return false;
    if (from.size > feed.range.size || head.size <= feed.range.size) return false;
    return this.#appender.hasRoom(feed, octetsIn(tail)) && this.#room.allows(feed, roomFor(tail));
  }

  #append(feed: FeedState, head: SignedHead, update: Update): boolean {
    const { from, tail, leaves } = update;
    const known = feed.range.size - from.size;
    // Where the tail begins at the very edge that is held, the tree was made already.
    const isMade = sameRange(feed.range, from);
    const growth = isMade ? update.growth : newTileHashes(feed.range, leaves.slice(known));
    if (!isMade && !equalBytes(rangeRoot(growth.range), head.root)) return false;
    feed.withheld = false;
    feed.resolve(head);
    const addition = { entries: tail.slice(known), growth, head, read: null, durable: false, rows: [] };
    const counted = (): void => this.#ctx.counters.add("entries-from-gossip", tail.length - known);
    this.#appender.append(feed, addition, counted, () => undefined);
    return true;
  }

  /** The tail does not extend what the accepted head says: the message itself holds the proof that joins to neither. */
  #showsFork(feed: FeedState, head: SignedHead, { from, leaves }: Update): boolean {
    if (feed.head === null) return false;
    const known = feed.range.size - from.size;
    const branch = appendLeaves(from, leaves.slice(0, known));
    const join = { root: rangeRoot(branch), proof: consistencyFromRange(branch, leaves.slice(known)) };
    return !equalRoot(feed.head, join) && this.#forks.prove(feed, feed.head, head, join);
  }
}

/** Shows that frontier and tail make the very tree of the checkpoint, also to whoever holds nothing of it. */
function rebuilt(message: FeedUpdate, checkpoint: Checkpoint): Update {
  const from = rangeFromFrontier(message.from, message.frontier);
  const leaves = message.tail.map(leafHash);
  const growth = newTileHashes(from, leaves);
  const whole = growth.range;
  if (whole.size !== checkpoint.size || !equalBytes(rangeRoot(whole), checkpoint.root)) {
    throw new ProtocolError(
      "peer/root-mismatch",
      `frontier and tail make a tree of ${whole.size} entries that is not the checkpoint's (${checkpoint.size} entries)`,
    );
  }
  return { from, tail: message.tail, leaves, growth };
}

function sameRange(a: CompactRange, b: CompactRange): boolean {
  return a.size === b.size && a.hashes.every((hash, i) => equalBytes(hash, b.hashes[i] ?? hash));
}

function slotOf(checkpoint: Checkpoint): string {
  return `${checkpoint.origin} ${checkpoint.size}`;
}
