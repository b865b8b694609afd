/**
 * The own feed's head (RULES R12, R13, I1): signed only over entries that are durable, swapped into the own-head file before anybody
 * hears of it. A head that was signed and not swapped never leaves, so signing anew over more entries makes no fork.
 */
import { equalBytes } from "../bytes/index.ts";
import {
  EMPTY_ROOT,
  cosignatureMessage,
  headBody,
  rangeRoot,
  signedCheckpoint,
  verifyCheckpoint,
  withOwnTime,
} from "../feed/index.ts";
import type { SignedHead } from "../feed/index.ts";
import { TIME_LINE_MS, TIME_LINE_OF_NEW_HEAD_MS } from "../limits.ts";
import type { Appender } from "./append.ts";
import type { Context } from "./context.ts";
import type { FeedState } from "./feed-state.ts";
import { equalRoot } from "./feed-state.ts";
import type { FeedStateName } from "./types.ts";

/** `none`: never begun here. `lost`: store or file are not what this feed's last head rests on. `frozen`: a write failed. */
export type OwnState = "none" | "open" | "lost" | "frozen";

const REFUSALS: Readonly<Record<Exclude<OwnState, "open">, readonly [code: string, message: string]>> = {
  none: [
    "peer/feed-not-begun",
    "this node has no feed: start it once with --first to begin one, if its key never had a feed anywhere; a key that has one elsewhere " +
      "must not begin it again, since that would fork it: make a new key",
  ],
  lost: [
    "peer/feed-lost",
    "the store does not hold what this feed's last signed head rests on (lost, restored or copied); it never appends again by " +
      "itself, because a second head of that size would be a fork: restore the newest store, or begin a feed with a new key",
  ],
  frozen: [
    "peer/publishing-frozen",
    "a write of the own feed failed and may or may not have persisted: nothing is signed until the node has started anew and read what is there; " +
      "it does so by itself once it can write, and its log says why it could not",
  ],
};

export class OwnFeed {
  readonly #ctx: Context;
  readonly #appender: Appender;
  #state: OwnState = "none";
  /** Content of the own-head file: the signed head, or the begun feed's body of size 0. */
  #file: Uint8Array | null = null;
  #feed: FeedState | null = null;
  #signingTime = false;

  constructor(ctx: Context, appender: Appender) {
    this.#ctx = ctx;
    this.#appender = appender;
  }

  get state(): OwnState {
    return this.#state;
  }

  /** The own feed's state, once there is one. */
  get feed(): FeedState | null {
    return this.#feed;
  }

  /** For people: a begun feed is open until it is lost or frozen. */
  get stateName(): FeedStateName {
    if (this.#state === "open") return this.#feed?.state ?? "open";
    return this.#state === "none" ? "not-begun" : this.#state;
  }

  /** Why nothing can be published, or null. */
  refusal(): { readonly code: string; readonly message: string } | null {
    if (this.#state === "open") return null;
    const [code, message] = REFUSALS[this.#state];
    return { code, message };
  }

  /** Takes over what the own-head file says; `ready` is called when publishing may begin, or never will. */
  open(own: Uint8Array | "none" | "lost", ready: () => void): void {
    const origin = this.#ctx.feeds.ownOrigin;
    if (origin === null) {
      ready();
      return;
    }
    const held = this.#ctx.feeds.get(origin);
    if (own === "none" && held === null) this.#begin(origin, ready);
    else if (own === "none" || own === "lost") this.#settle("lost", ready);
    else this.#resume(origin, own, held, ready);
  }

  /** Signs and swaps the head over all that is stored. Only after `done` may anybody hear of it. */
  commit(done: (head: SignedHead) => void, failed: () => void): void {
    const feed = this.#feed;
    if (feed === null || this.#state !== "open") {
      failed();
      return;
    }
    const size = feed.stored.size;
    const root = rangeRoot(feed.stored);
    this.#sign(headBody({ origin: feed.origin, size, root }), failed, (signature) => {
      const note = signedCheckpoint(feed.origin, size, root, signature);
      const head = verifyCheckpoint(note, this.#ctx.config.network);
      this.#swap(note, failed, () => {
        feed.head = head;
        feed.proven = head;
        this.#appender.save(feed);
        done(head);
      });
    });
  }

  /** A head by the own key that came from elsewhere: one that the store lacks stops publishing for good (I1). */
  saw(head: SignedHead): void {
    const mine = this.#feed?.head ?? null;
    const lacks =
      mine === null || head.size > mine.size || (head.size === mine.size && !equalRoot(head, mine));
    if (lacks) this.stop();
  }

  /** There is a head by the own key that the store lacks: no more publishing, for good (I1). */
  stop(): void {
    if (this.#state !== "none") this.#state = "lost";
  }

  /** No more publishing until the store is opened again. */
  freeze(): void {
    if (this.#state === "open") this.#state = "frozen";
  }

  /** Signs the hourly time line where it is due (RULES R10); `signed` gets the head that bears it. */
  keepTime(signed: (head: SignedHead) => void): void {
    const feed = this.#feed;
    const head = feed?.head ?? null;
    if (feed === null || head === null || this.#state !== "open" || this.#signingTime) return;
    const age = this.#ctx.turn.now - 1_000 * (feed.timed?.time ?? 0);
    if (age < (feed.timed?.size === head.size ? TIME_LINE_MS : TIME_LINE_OF_NEW_HEAD_MS)) return;
    this.#signingTime = true;
    const seconds = Math.floor(this.#ctx.turn.now / 1_000);
    this.#ctx.turn.sign(
      cosignatureMessage(seconds, headBody(head)),
      (signature) => {
        this.#signingTime = false;
        const timed = verifyCheckpoint(withOwnTime(head, seconds, signature), this.#ctx.config.network);
        feed.keepTime(timed);
        this.#appender.save(feed);
        signed(timed);
      },
      () => {
        this.#signingTime = false;
        this.#ctx.counters.add("sign-failed");
      },
    );
  }

  #begin(origin: string, ready: () => void): void {
    if (!this.#ctx.config.first) {
      this.#settle("none", ready);
      return;
    }
    this.#swap(
      begun(origin),
      ready,
      () => {
        this.#feed = this.#ctx.feeds.open(origin);
        ready();
      },
      "open",
    );
  }

  #resume(origin: string, own: Uint8Array, held: FeedState | null, ready: () => void): void {
    this.#file = own;
    this.#feed = held ?? this.#ctx.feeds.open(origin);
    const feed = this.#feed;
    if (feed === null || !this.#joins(origin, own, feed)) {
      this.#settle("lost", ready);
      return;
    }
    this.#state = "open";
    // Entries that a crash left without a head: stored, so they get one now.
    if (feed.stored.size > (feed.head?.size ?? 0)) this.commit(ready, ready);
    else ready();
  }

  /** Whether the store holds what the file's head rests on; takes the head over then. */
  #joins(origin: string, own: Uint8Array, feed: FeedState): boolean {
    if (equalBytes(own, begun(origin))) return feed.head === null;
    const head = this.#headOf(own);
    if (head === null || head.origin !== origin) return false;
    // The row's head is that of the file, or the file is one batch ahead of it: a crash came after the swap.
    const isEdge = head.size === feed.stored.size && equalBytes(head.root, rangeRoot(feed.stored));
    const isRow = feed.head?.size === head.size && equalRoot(feed.head, head);
    if (!isEdge && !(isRow && feed.stored.size > head.size)) return false;
    feed.head = head;
    if (isEdge) feed.proven = head;
    return true;
  }

  #headOf(own: Uint8Array): SignedHead | null {
    try {
      return verifyCheckpoint(own, this.#ctx.config.network);
    } catch {
      return null;
    }
  }

  #settle(state: OwnState, ready: () => void): void {
    this.#state = state;
    ready();
  }

  #sign(bytes: Uint8Array, failed: () => void, signed: (signature: Uint8Array) => void): void {
    this.#ctx.turn.sign(bytes, signed, () => {
      this.freeze();
      failed();
    });
  }

  #swap(next: Uint8Array, failed: () => void, swapped: () => void, state: OwnState = this.#state): void {
    this.#ctx.turn.swap(
      this.#file,
      next,
      () => {
        this.#file = next;
        if (this.#state !== "lost") this.#state = state;
        swapped();
      },
      () => {
        this.#state = "frozen";
        failed();
      },
    );
  }
}

/** What the file holds between the feed's beginning and its first head: nobody signs size 0 (RULES R15). */
function begun(origin: string): Uint8Array {
  return headBody({ origin, size: 0, root: EMPTY_ROOT });
}
