/**
 * What others know of the own feed, asked before anything is signed (I1): after an ordinary start of whoever is near, for a moment; after a
 * restored or copied store of so many sources, or of those that the operator named, however long that takes.
 */
import { parseCheckpoint, verifyCheckpoint } from "../feed/index.ts";
import type { SignedHead } from "../feed/index.ts";
import { ProtocolError } from "../errors.ts";
import {
  ASK_TIMEOUT_MS,
  MAX_CHECKPOINT_BYTES,
  MAX_OWN_ASKS,
  OWN_ASK_AGAIN_MS,
  OWN_CHECK_MS,
  OWN_SOURCES,
} from "../limits.ts";
import { readTilesAnswer, writeTilesRequest } from "../wire/index.ts";
import type { Context } from "./context.ts";
import type { EvidenceDesk } from "./evidence-desk.ts";
import type { FeedState } from "./feed-state.ts";
import type { Forks } from "./forks.ts";
import type { OwnFeed } from "./own-feed.ts";
import type { Origin, PeerName } from "./types.ts";

/** First octet of evidence, `{`; a note never begins with it. */
const EVIDENCE_START = 0x7b;

export class OwnCheck {
  readonly #ctx: Context;
  readonly #own: OwnFeed;
  readonly #forks: Forks;
  readonly #desk: EvidenceDesk;
  /** Told of a head that was signed when it was allowed again: over entries that a crash had left without one. */
  readonly #signed: (head: SignedHead) => void;
  readonly #askedAt = new Map<PeerName, number>();
  /** Who has said what it knows: after an ordinary start anything, after a restore a head that the store holds. */
  readonly #answered = new Set<PeerName>();
  #asking = 0;
  #since: number | null = null;

  constructor(
    ctx: Context,
    own: OwnFeed,
    forks: Forks,
    desk: EvidenceDesk,
    signed: (head: SignedHead) => void,
  ) {
    this.#ctx = ctx;
    this.#own = own;
    this.#forks = forks;
    this.#desk = desk;
    this.#signed = signed;
  }

  /** Asks whoever is to be asked, and allows signing as soon as enough is known. */
  tick(): void {
    const { feed } = this.#own;
    if (feed === null || !(this.#own.isChecking || this.#own.isUnconfirmed)) return;
    this.#since ??= this.#ctx.turn.now;
    for (const peer of this.#ctx.peers.connected()) this.#ask(feed, peer);
    if (this.#isEnough()) this.#own.allow(this.#signed);
  }

  #isEnough(): boolean {
    const { turn, config, peers } = this.#ctx;
    const anchors = config.caution?.anchors ?? [];
    if (this.#own.isUnconfirmed) {
      const heard = [...this.#answered].filter((name) => anchors.length === 0 || anchors.includes(name));
      const needed = anchors.length === 0 ? OWN_SOURCES : 1;
      this.#own.heardOf(heard.length, needed, anchors.length > 0);
      return heard.length >= needed;
    }
    const end = (this.#since ?? turn.now) + OWN_CHECK_MS;
    if (turn.now >= end) return true;
    turn.emit({ kind: "wake", at: end });
    const isAlone = peers.count === 0 && config.caution?.awaits !== true;
    return isAlone || (this.#answered.size > 0 && this.#asking === 0);
  }

  /** The heads of the own feed are the first that come after this. */
  #ask(feed: FeedState, peer: PeerName): void {
    const { turn } = this.#ctx;
    const isDue = turn.now - (this.#askedAt.get(peer) ?? -Infinity) >= OWN_ASK_AGAIN_MS;
    if (!isDue || this.#answered.has(peer) || this.#asking >= MAX_OWN_ASKS) return;
    this.#askedAt.set(peer, turn.now);
    this.#asking++;
    const ended = (): void => {
      this.#asking--;
      this.tick();
    };
    turn.ask(
      peer,
      "tiles",
      writeTilesRequest({ kind: "heads", after: feed.origin.slice(0, -1) }),
      ASK_TIMEOUT_MS,
      (bytes) => {
        try {
          this.#take(feed, peer, readTilesAnswer(bytes).blobs);
        } catch (error) {
          if (!(error instanceof ProtocolError)) throw error;
          this.#ctx.peers.drop(peer, error.code);
        }
        ended();
      },
      ended,
    );
  }

  #take(feed: FeedState, peer: PeerName, blobs: readonly Uint8Array[]): void {
    for (const blob of blobs) if (blob[0] === EVIDENCE_START) this.#desk.receive(blob, peer);
    const heads = ownHeads(blobs, feed.origin, this.#ctx.config.network);
    // After a restore "I know nothing of it" says nothing, unless there is nothing to know.
    if (heads.length === 0 && (this.#own.isChecking || feed.held === 0)) this.#answered.add(peer);
    let left = heads.length;
    for (const head of heads) {
      this.#forks.joinOwn(feed, head, () => {
        if (--left > 0) return;
        this.#answered.add(peer);
        this.tick();
      });
    }
  }
}

/** The heads of one feed in an answer. Throws for what is none. */
function ownHeads(blobs: readonly Uint8Array[], origin: Origin, network: string): readonly SignedHead[] {
  return blobs.flatMap((blob) => {
    if (blob[0] === EVIDENCE_START) return [];
    if (blob.length > MAX_CHECKPOINT_BYTES)
      throw new ProtocolError("peer/bad-head", `a head of ${blob.length} octets`);
    return parseCheckpoint(blob).origin === origin ? [verifyCheckpoint(blob, network)] : [];
  });
}
