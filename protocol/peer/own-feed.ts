/**
 * The own feed's head (RULES R12, R13, I1): signed only over entries that are durable, swapped into the own-head file before anybody
 * hears of it. A head that was signed and not swapped never leaves, so signing anew over more entries makes no fork.
 */
import { counted, equalBytes } from "../bytes/index.ts";
import { headBody, rangeRoot, signedCheckpoint, verifyCheckpoint } from "../feed/index.ts";
import type { SignedHead } from "../feed/index.ts";
import type { Appender } from "./append.ts";
import type { Context } from "./context.ts";
import type { FeedState } from "./feed-state.ts";
import { equalRoot } from "./feed-state.ts";
import { begun, headInFile, largestIn, takeHead } from "./own-head.ts";
import { refusalOf } from "./own-refusal.ts";
import type { OwnState, Refusal } from "./own-refusal.ts";
import { OwnTime } from "./own-time.ts";
import { checkRightEdge } from "./right-edge.ts";
import type { Tiles } from "./tiles.ts";
import type { FeedStateName } from "./types.ts";

export class OwnFeed {
  readonly #ctx: Context;
  readonly #appender: Appender;
  readonly #tiles: Tiles;
  readonly #time: OwnTime = new OwnTime();
  #state: OwnState = "none";
  /** Content of the own-head file: the signed head, or the begun feed's body of size 0. */
  #file: Uint8Array | null = null;
  #feed: FeedState | null = null;
  #allowing = false;
  /** Why it is lost. */
  #why = "";
  /** Who was heard after a restore, for people. */
  #heard = "nobody has answered yet";

  constructor(ctx: Context, appender: Appender, tiles: Tiles) {
    this.#ctx = ctx;
    this.#appender = appender;
    this.#tiles = tiles;
  }

  get state(): OwnState {
    return this.#state;
  }

  /** The own feed's state, once there is one. */
  get feed(): FeedState | null {
    return this.#feed;
  }

  /** What is published waits until others were asked about this feed. */
  get isChecking(): boolean {
    return this.#state === "checking";
  }

  /** The store was restored or copied, and nothing is published before others have told what they know of this feed. */
  get isUnconfirmed(): boolean {
    return this.#state === "unconfirmed";
  }

  /** Nothing is signed before others were asked: `allow` ends it. */
  get isHeldBack(): boolean {
    return this.isChecking || this.isUnconfirmed;
  }

  /** For people: a begun feed is open until it is lost or frozen. */
  get stateName(): FeedStateName {
    if (this.#feed?.forked === true) return "forked";
    if (this.#state === "open" || this.#state === "checking") return this.#feed?.state ?? "open";
    return this.#state === "none" ? "not-begun" : this.#state;
  }

  /** Why nothing can be published, or null. */
  refusal(): Refusal | null {
    return refusalOf(this.#state, this.#state === "lost" ? this.#why : this.#heard);
  }

  /**
   * Takes over what the own-head file says, `moved` from where it was written. `ready` is called when it is known what the feed's state is;
   * nothing is signed before `allow`. `failed` is called where the store cannot be read.
   */
  open(
    own: Uint8Array | "none" | "lost",
    moved: boolean,
    ready: () => void,
    failed: (code: string) => void,
  ): void {
    const origin = this.#ctx.feeds.ownOrigin;
    if (origin === null) {
      ready();
      return;
    }
    const held = this.#ctx.feeds.get(origin);
    if (own === "none" && held === null) this.#begin(origin, ready);
    else if (own === "none" || own === "lost") {
      this.#lose("the own-head file, which says what this feed has signed last, is gone");
      ready();
    } else this.#resume(origin, own, { moved, held }, ready, failed);
  }

  /** After a restore: so many of those who must answer have answered. */
  heardOf(count: number, needed: number): void {
    const whom = needed === 1 ? "no source named with --anchor has" : `${count} of ${needed} sources have`;
    this.#heard = `${whom} shown a head of it that is held here`;
  }

  /**
   * Others were asked, and none knows of a head that the store lacks: from now on it may be signed. Entries that a crash left without a
   * head get one now, of which `signed` is told.
   */
  allow(signed: (head: SignedHead) => void): void {
    const [file, feed] = [this.#file, this.#feed];
    if (feed === null || file === null || this.#allowing || !this.isHeldBack) return;
    this.#allowing = true;
    const failed = (): void => {
      this.#allowing = false;
    };
    const open = (): void => {
      this.#allowing = false;
      if (this.isHeldBack) this.#state = "open";
      this.#ctx.turn.wake();
    };
    const goOn = (): void => {
      if (feed.stored.size <= (feed.head?.size ?? 0)) open();
      else {
        this.#commit(
          feed,
          (head) => {
            open();
            signed(head);
          },
          failed,
        );
      }
    };
    // Written anew, the file is where it was written again.
    if (this.isUnconfirmed) this.#swap(file, failed, goOn);
    else goOn();
  }

  /** Signs and swaps the head over all that is stored. Only after `done` may anybody hear of it. */
  commit(done: (head: SignedHead) => void, failed: () => void): void {
    if (this.#feed === null || this.#state !== "open") failed();
    else this.#commit(this.#feed, done, failed);
  }

  #commit(feed: FeedState, done: (head: SignedHead) => void, failed: () => void): void {
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

  /** A head by the own key that came from elsewhere: one that the store lacks stops publishing for good (I1). Says whether it does. */
  saw(head: SignedHead): boolean {
    const mine = this.#feed?.head ?? null;
    if (mine !== null && head.size <= mine.size && (head.size < mine.size || equalRoot(head, mine)))
      return false;
    const held = mine === null ? "none" : counted(mine.size, "entry");
    this.stop(
      `others hold a head of ${counted(head.size, "entry")} that this feed's key has signed, and the store's is of ${held}`,
    );
    return true;
  }

  /** There is a head by the own key that the store lacks: no more publishing, for good (I1). */
  stop(why: string): void {
    if (this.#state !== "none") this.#lose(why);
  }

  /** No more publishing until the store is opened again. */
  freeze(): void {
    if (this.#state === "open" || this.isHeldBack) this.#state = "frozen";
  }

  /** Signs the hourly time line where it is due (RULES R10); `signed` gets the head that bears it. A feed that is lost meanwhile says nothing more. */
  keepTime(signed: (head: SignedHead) => void): void {
    const feed = this.#feed;
    const head = feed?.head ?? null;
    if (feed === null || head === null || this.#state !== "open") return;
    this.#time.keep(this.#ctx, feed, head, (timed) => {
      if (this.#state !== "open") return;
      feed.keepTime(timed, this.#ctx.turn.now);
      this.#appender.save(feed);
      signed(timed);
    });
  }

  #begin(origin: string, ready: () => void): void {
    if (!this.#ctx.config.first) {
      ready();
      return;
    }
    this.#swap(
      begun(origin),
      ready,
      () => {
        this.#feed = this.#ctx.feeds.open(origin);
        ready();
      },
      "checking",
    );
  }

  #resume(
    origin: string,
    own: Uint8Array,
    { moved, held }: { readonly moved: boolean; readonly held: FeedState | null },
    ready: () => void,
    failed: (code: string) => void,
  ): void {
    this.#file = own;
    this.#feed = held ?? this.#ctx.feeds.open(origin);
    const feed = this.#feed;
    if (feed === null || !this.#joins(origin, own, feed)) {
      const size = headInFile(own, this.#ctx.config.network)?.size ?? 0;
      const there = held === null ? "nothing of it" : counted(held.stored.size, "entry");
      this.#lose(
        `this feed's last signed head, in the own-head file, is of ${counted(size, "entry")}, and the store holds ${there}, or another history`,
      );
      ready();
      return;
    }
    checkRightEdge(
      this.#ctx,
      this.#tiles,
      feed,
      (holds) => {
        if (holds) this.#state = moved ? "unconfirmed" : "checking";
        else
          this.#lose(
            "the newest entries in the store, or their hashes, are damaged: they do not make the tree that was signed",
          );
        ready();
      },
      failed,
    );
  }

  /** Whether the store holds what the file's head rests on; takes the head over then. */
  #joins(origin: string, own: Uint8Array, feed: FeedState): boolean {
    if (equalBytes(own, begun(origin))) return largestIn(feed) === 0;
    const head = headInFile(own, this.#ctx.config.network);
    return head !== null && takeHead(feed, head);
  }

  #lose(why: string): void {
    if (this.#state !== "lost") this.#why = why;
    this.#state = "lost";
  }

  #sign(bytes: Uint8Array, failed: () => void, signed: (signature: Uint8Array) => void): void {
    const goOn = this.#unlessLost(failed, signed);
    this.#ctx.turn.sign(bytes, goOn, () => {
      this.freeze();
      failed();
    });
  }

  /** What was signed or written while a head came that the store lacks goes no further (I1). */
  #unlessLost<T>(failed: () => void, goOn: (what: T) => void): (what: T) => void {
    return (what) => (this.#state === "lost" ? failed() : goOn(what));
  }

  #swap(next: Uint8Array, failed: () => void, swapped: () => void, state: OwnState = this.#state): void {
    this.#ctx.turn.swap(
      this.#file,
      next,
      () => {
        this.#file = next;
        if (this.#state === "lost") failed();
        else {
          this.#state = state;
          swapped();
        }
      },
      () => {
        if (this.#state !== "lost") this.#state = "frozen";
        failed();
      },
    );
  }
}
