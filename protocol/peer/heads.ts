/** Anti-entropy: what heads does the other have? On contact, and of some peer every half minute (I2). */
import { concat, equalBytes } from "../bytes/index.ts";
import { ownLines, verifyParsedCheckpoint } from "../feed/index.ts";
import { ProtocolError } from "../errors.ts";
import {
  ASK_TIMEOUT_MS,
  HEADS_INTERVAL_MS,
  MAX_HEADS_ANSWERED,
  MAX_HEADS_KNOWN,
  MAX_HEADS_PAGES,
} from "../limits.ts";
import { readTilesAnswer, writeTilesRequest } from "../wire/index.ts";
import type { TilesAnswer } from "../wire/index.ts";
import type { Context } from "./context.ts";
import type { Cosignatures } from "./cosignatures.ts";
import type { EvidenceDesk } from "./evidence-desk.ts";
import type { FeedState } from "./feed-state.ts";
import type { Forks } from "./forks.ts";
import type { Joins } from "./joins.ts";
import type { Room } from "./room.ts";
import type { Sync } from "./sync.ts";
import { isEvidence, nameOfFork, nameOfNote, notesOf, parseTold } from "./told.ts";
import type { PeerName } from "./types.ts";

/** Something that is here, by the name under which it is asked not to be told. */
interface Known {
  readonly feed: FeedState;
  readonly name: Uint8Array;
}

/** Who is told of what an answer has. */
export interface HeadDoers {
  readonly forks: Forks;
  readonly sync: Sync;
  readonly desk: EvidenceDesk;
  readonly room: Room;
  readonly joins: Joins;
  readonly cosignatures: Cosignatures;
}

export class Heads {
  readonly #ctx: Context;
  readonly #forks: Forks;
  readonly #sync: Sync;
  readonly #desk: EvidenceDesk;
  readonly #room: Room;
  readonly #joins: Joins;
  readonly #cosignatures: Cosignatures;
  /** Steady ms; null until the first look around: who is there by then was asked on contact. */
  #nextAt: number | null = null;

  constructor(ctx: Context, doers: HeadDoers) {
    this.#ctx = ctx;
    this.#joins = doers.joins;
    this.#room = doers.room;
    this.#forks = doers.forks;
    this.#sync = doers.sync;
    this.#desk = doers.desk;
    this.#cosignatures = doers.cosignatures;
  }

  /** Asks one peer for all its heads. */
  exchange(peer: PeerName): void {
    if (!this.#ctx.config.light) this.#page(peer, "", MAX_HEADS_PAGES);
  }

  /** Asks some peer where it is time: what gossip lost is found again. */
  tick(): void {
    const { turn, rng, peers } = this.#ctx;
    if (this.#nextAt !== null && turn.steady < this.#nextAt) return;
    const isFirst = this.#nextAt === null;
    // Spread over half the interval, so that a mesh that was started at once does not ask at once.
    this.#nextAt = turn.steady + HEADS_INTERVAL_MS * (0.75 + rng() / 2);
    if (isFirst) return;
    const [peer] = peers.some(1);
    if (peer !== undefined) this.exchange(peer);
  }

  #page(peer: PeerName, after: string, left: number): void {
    const known = this.#known(after);
    const names = concat(...known.map(({ name }) => name));
    const request = writeTilesRequest({ kind: "heads", after, known: names });
    this.#ctx.turn.ask(
      peer,
      "tiles",
      request,
      ASK_TIMEOUT_MS,
      (bytes) => {
        let answer: TilesAnswer;
        let last: string;
        try {
          answer = readTilesAnswer(bytes);
          last = this.#take(peer, answer.blobs);
          this.#same(peer, known, answer.same);
        } catch (error) {
          if (!(error instanceof ProtocolError)) throw error;
          this.#ctx.peers.drop(peer, error.code);
          return;
        }
        if (answer.next > 0 && left > 1 && last > after) this.#page(peer, last, left - 1);
      },
      () => this.#ctx.counters.add("heads-unanswered"),
    );
  }

  /** What is not to be told again: heads and proofs that are here, of the feeds after that origin in order, as many as a question names. */
  #known(after: string): readonly Known[] {
    const known: Known[] = [];
    for (const feed of this.#ctx.feeds.after(after)) {
      if (known.length >= MAX_HEADS_KNOWN) break;
      for (const note of notesOf(feed)) known.push({ feed, name: nameOfNote(note) });
      if (feed.forked && !feed.unproven) known.push({ feed, name: nameOfFork(feed) });
    }
    return known.slice(0, MAX_HEADS_KNOWN);
  }

  /** The peer has these too: it can be asked how heads go together that nothing joins here, as if it had shown them. */
  #same(peer: PeerName, known: readonly Known[], same: Uint8Array = new Uint8Array(0)): void {
    const feeds = new Set(known.flatMap(({ feed }, i) => (same[i] === 1 ? [feed] : [])));
    for (const feed of feeds) {
      feed.heardFrom(peer, this.#ctx.turn.steady);
      this.#sync.kick(feed, null);
      this.#joins.shown(feed, peer);
    }
  }

  /** Verifies and weighs each head; the origin of the last one. */
  #take(peer: PeerName, blobs: readonly Uint8Array[]): string {
    let last = "";
    const shown = new Set<FeedState>();
    for (const blob of blobs.slice(0, MAX_HEADS_ANSWERED)) {
      if (isEvidence(blob)) {
        this.#desk.receive(blob, peer);
        continue;
      }
      const checkpoint = parseTold(blob);
      const { origin } = checkpoint;
      last = origin;
      if (this.#isKnown(blob, origin, peer) || !this.#mayCost(origin, peer)) continue;
      const head = verifyParsedCheckpoint(checkpoint, this.#ctx.config.network);
      const feed = this.#room.open(origin);
      if (feed === null) continue;
      this.#forks.consider(feed, ownLines(head), peer);
      this.#cosignatures.shown(feed, head, checkpoint.signatures, peer);
      this.#sync.kick(feed, null);
      shown.add(feed);
    }
    for (const feed of shown) this.#joins.shown(feed, peer);
    return last;
  }

  /** Heads that we have to the octet are most of what is exchanged: they cost no signature. */
  #isKnown(note: Uint8Array, origin: string, peer: PeerName): boolean {
    const feed = this.#ctx.feeds.get(origin);
    if (feed === null) return false;
    const known = [feed.head, feed.proven, feed.timed, ...feed.cosigned].some(
      (head) => head !== null && equalBytes(head.note, note),
    );
    if (known) feed.heardFrom(peer, this.#ctx.turn.steady);
    return known;
  }

  /** Strangers' heads cost a signature each: of one peer only so many a second. */
  #mayCost(origin: string, peer: PeerName): boolean {
    if (this.#ctx.feeds.classOf(origin) !== "unknown") return true;
    return this.#ctx.peers.of(peer).exchangedHeads.take(1, this.#ctx.turn.steady);
  }
}
