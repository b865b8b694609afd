/**
 * Heads that witnesses have cosigned (RULES R10, R11; spec/wire.md, "Gossip: cosignatures"): of each witness and feed the newest, its times
 * rising and a minute apart. Those of pinned witnesses are kept of every feed that is held, a few others of feeds that are followed.
 */
import { equalBytes, toHex } from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import {
  cosignedBy,
  isCosignatureOf,
  parseCosigned,
  parseOrigin,
  readCosignatureLine,
  verifyCheckpoint,
  verifyParsedCheckpoint,
  witnessOfName,
} from "../feed/index.ts";
import type { CosignedHead, CosignedNote, Cosigner, NoteSignature, SignedHead } from "../feed/index.ts";
import {
  COSIGN_INTERVAL_S,
  MAX_SEEN_COSIGNATURES,
  MAX_STRANGE_COSIGNATURES,
  UNKNOWN_HEADS_PER_SECOND,
} from "../limits.ts";
import { isAhead } from "../lifecycle/index.ts";
import { readCosignatureNotice, writeCosignatureNotice } from "../wire/index.ts";
import { Budget } from "./budget.ts";
import type { Context } from "./context.ts";
import { cosignatureKey, cosignatureRange } from "./cosignature-row.ts";
import type { FeedState } from "./feed-state.ts";
import type { Forks } from "./forks.ts";
import { answerGossip, readOrReject, rejectGossip } from "./gossip-verdict.ts";
import { byLot } from "./lot.ts";
import { readWhole } from "./reads.ts";
import type { Past } from "./past.ts";
import type { Room } from "./room.ts";
import { feedNumberOf } from "./rows.ts";
import { Seen } from "./seen.ts";
import type { Sync } from "./sync.ts";
import type { PeerName, Row, StoreOp, Ticket } from "./types.ts";

/** Whom the shelf works with. */
export interface CosignatureDoers {
  readonly room: Room;
  readonly forks: Forks;
  readonly sync: Sync;
  /** Keeps some of those that newer ones displace. */
  readonly past: Past;
  /** Told of lines by this peer's own witness that came from elsewhere. */
  readonly sawOwn: (seen: CosignedHead) => void;
}

/** A witness whose line can be verified here. */
interface Known {
  readonly witness: Cosigner;
  readonly pinned: boolean;
  /** Its name is its key: a bad line of it is bad for everybody. */
  readonly selfNamed: boolean;
}

/** What is known of the newest line of a witness. */
interface Newest {
  readonly time: number;
  readonly size: number;
}

export class Cosignatures {
  readonly #ctx: Context;
  readonly #doers: CosignatureDoers;
  readonly #pinned: readonly Cosigner[];
  /** By origin and witness's key, also of feeds of which nothing is kept. */
  readonly #newest = new Seen<Newest>(MAX_SEEN_COSIGNATURES);
  readonly #strange = new Budget(UNKNOWN_HEADS_PER_SECOND, 2 * UNKNOWN_HEADS_PER_SECOND);

  constructor(ctx: Context, doers: CosignatureDoers) {
    this.#ctx = ctx;
    this.#doers = doers;
    const { witness, witnesses = [] } = ctx.config;
    this.#pinned = witness === undefined ? witnesses : [witness, ...witnesses];
  }

  /** Reads what is kept; both lines of each are verified again, and what is of no feed or witness any more goes. */
  load(done: () => void, failed: (code: string) => void): void {
    const { turn, counters } = this.#ctx;
    readWhole(
      turn,
      cosignatureRange(),
      (rows) => {
        const gone = rows.filter((row) => !this.#restore(row));
        const ops = gone.map(({ key }): StoreOp => ({ op: "delete", key }));
        if (ops.length > 0)
          turn.store(
            ops,
            false,
            () => undefined,
            () => counters.add("store-failed"),
          );
        done();
      },
      failed,
    );
  }

  /** A frame of the topic `cosignatures`: the numbered list of spec/wire.md. */
  gossip(bytes: Uint8Array, from: PeerName, ticket: Ticket): void {
    const told = readOrReject(this.#ctx, from, ticket, () => {
      const read = parseCosigned(readCosignatureNotice(bytes)); // 1, 2
      const { time } = readCosignatureLine(read.line); // 2
      this.#assertHere(read.checkpoint.origin); // 3
      return { read, time };
    });
    if (told === null) return;
    const { read, time } = told;
    const { origin, size } = read.checkpoint;
    const known = this.#witnessOf(read.line);
    if (known === null)
      answerGossip(this.#ctx, ticket, "ignore", "peer/unknown-witness"); // 4
    else if (this.#ctx.feeds.get(origin)?.forked === true)
      answerGossip(this.#ctx, ticket, "ignore", "peer/forked"); // 5
    else if (!this.#isTimely(origin, known.witness, { time, size }))
      answerGossip(this.#ctx, ticket, "ignore", "peer/untimely"); // 6
    else this.#judge(read, known, from, ticket);
  }

  /** Lines of other names beside a verified head of an answer: those of witnesses that are known are kept. Throws `cosignature/…` for what no witness signed. */
  shown(feed: FeedState, head: SignedHead, lines: readonly NoteSignature[], from: PeerName): void {
    for (const line of lines) {
      if (line.name === head.origin) continue;
      const known = this.#witnessOf(line);
      if (known === null || feed.forked) continue;
      const { time } = readCosignatureLine(line);
      if (!this.#isTimely(head.origin, known.witness, { time, size: head.size })) continue;
      if (!known.pinned && !this.#ctx.peers.of(from).exchangedHeads.take(1, this.#ctx.turn.steady)) continue;
      try {
        this.#keep(feed, cosignedBy(head, line, known.witness), known);
      } catch (error) {
        // Whoever pinned another key under that name took it for a good one.
        if (!(error instanceof ProtocolError) || known.selfNamed) throw error;
        this.#ctx.counters.add(error.code);
      }
    }
  }

  /** What this peer's own witness has cosigned, once it is written: kept and gossiped, unless it told of the feed less than a minute ago. */
  announce(feed: FeedState, cosigned: CosignedHead): void {
    const { time, head, witness, note } = cosigned;
    if (!this.#isTimely(feed.origin, witness, { time, size: head.size })) return;
    this.#put(feed, cosigned);
    this.#ctx.turn.emit({ kind: "gossip", topic: "cosignatures", bytes: writeCosignatureNotice(note) });
  }

  #judge({ checkpoint, line }: CosignedNote, known: Known, from: PeerName, ticket: Ticket): void {
    const verify = (): SignedHead => verifyParsedCheckpoint(checkpoint, this.#ctx.config.network);
    const head = readOrReject(this.#ctx, from, ticket, verify); // 7
    if (head === null) return;
    let cosigned: CosignedHead;
    try {
      cosigned = cosignedBy(head, line, known.witness); // 8
    } catch (error) {
      if (error instanceof ProtocolError && !known.selfNamed)
        answerGossip(this.#ctx, ticket, "ignore", error.code);
      else rejectGossip(this.#ctx, error, from, ticket);
      return;
    }
    const { origin, size } = cosigned.head;
    if (!this.#mayCost(origin, known, from)) {
      answerGossip(this.#ctx, ticket, "ignore", "peer/over-budget"); // 9
      return;
    }
    this.#newest.set(nameOf(origin, known.witness), { time: cosigned.time, size });
    answerGossip(this.#ctx, ticket, "accept", null); // 10
    const feed = this.#doers.room.open(origin);
    if (feed === null) return;
    this.#doers.forks.consider(feed, cosigned.head, from);
    this.#doers.sync.kick(feed, from);
    this.#keep(feed, cosigned, known);
  }

  /** Of followed feeds and pinned witnesses there are few; all others draw on what strangers may cost in all, and of one neighbour (R11). */
  #mayCost(origin: string, known: Known, from: PeerName): boolean {
    const { feeds, peers, turn } = this.#ctx;
    if (known.pinned && feeds.classOf(origin) !== "unknown") return true;
    return peers.of(from).unknownHeads.take(1, turn.steady) && this.#strange.take(1, turn.steady);
  }

  #keep(feed: FeedState, cosigned: CosignedHead, { pinned, witness }: Known): void {
    const own = this.#ctx.config.witness;
    if (own !== undefined && equalBytes(own.raw, witness.raw)) {
      this.#doers.sawOwn(cosigned);
      return;
    }
    if (feed.forked || (!feed.isFollowed && !pinned)) return;
    const victim = pinned ? null : this.#victim(feed, witness);
    if (victim !== null) feed.cosigned = feed.cosigned.filter((other) => other !== victim);
    this.#put(feed, cosigned, victim);
  }

  /** Of the witnesses that nobody has pinned, one by lot where there are enough. */
  #victim(feed: FeedState, witness: Cosigner): CosignedHead | null {
    const strange = feed.cosigned.filter((other) => !this.#isPinned(other.witness));
    const isThere = strange.some((other) => equalBytes(other.witness.raw, witness.raw));
    if (isThere || strange.length < MAX_STRANGE_COSIGNATURES) return null;
    return byLot(strange, this.#ctx.rng);
  }

  /** Into the store, and among the feed's: pinned ones first. */
  #put(feed: FeedState, cosigned: CosignedHead, victim: CosignedHead | null = null): void {
    const { head, witness, time, note } = cosigned;
    this.#newest.set(nameOf(head.origin, witness), { time, size: head.size });
    const old = feed.cosigned.find((one) => equalBytes(one.witness.raw, witness.raw));
    this.#place(feed, cosigned);
    if (feed.gone) return;
    const gone: readonly StoreOp[] =
      victim === null ? [] : [{ op: "delete", key: cosignatureKey(feed.no, victim.witness.raw) }];
    const past =
      old === undefined || !this.#isPinned(witness) ? [] : this.#doers.past.displaced(feed, old, cosigned);
    this.#ctx.turn.store(
      [...gone, ...past, { op: "put", key: cosignatureKey(feed.no, witness.raw), value: note }],
      false,
      () => this.#ctx.counters.add("cosignature-kept"),
      () => this.#ctx.counters.add("store-failed"),
    );
  }

  #place(feed: FeedState, cosigned: CosignedHead): void {
    const others = feed.cosigned.filter(({ witness }) => !equalBytes(witness.raw, cosigned.witness.raw));
    const all = [...others, cosigned];
    const isFirst = ({ witness }: CosignedHead): boolean => this.#isPinned(witness);
    feed.cosigned = [...all.filter(isFirst), ...all.filter((one) => !isFirst(one))];
    // The own witness vouches for what was followed once; that it is not any more is the operator's word.
    const { witness } = this.#ctx.config;
    const isOwn = witness !== undefined && equalBytes(witness.raw, cosigned.witness.raw);
    if (isFirst(cosigned) && !isOwn) this.#ctx.feeds.vouch(feed);
  }

  /** Whether the row's feed is held still, and its witness known. */
  #restore({ key, value }: Row): boolean {
    const feed = this.#ctx.feeds.byNo(feedNumberOf(key));
    if (feed === null) return false;
    try {
      const { line } = parseCosigned(value);
      const known = this.#witnessOf(line);
      const head = verifyCheckpoint(value, this.#ctx.config.network);
      if (known === null || head.origin !== feed.origin) return false;
      if (!known.pinned && !feed.isFollowed) return false;
      const cosigned = cosignedBy(head, line, known.witness);
      this.#newest.set(nameOf(head.origin, known.witness), { time: cosigned.time, size: head.size });
      this.#place(feed, cosigned);
      return true;
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return false;
    }
  }

  #witnessOf(line: NoteSignature): Known | null {
    const pinned = this.#pinned.find((witness) => isCosignatureOf(line, witness));
    const named = witnessOfName(line.name, this.#ctx.config.network);
    const selfNamed = named !== null && isCosignatureOf(line, named);
    if (pinned !== undefined) {
      return { witness: pinned, pinned: true, selfNamed: selfNamed && equalBytes(named.raw, pinned.raw) };
    }
    return selfNamed ? { witness: named, pinned: false, selfNamed } : null;
  }

  #isPinned({ raw }: Cosigner): boolean {
    return this.#pinned.some((pinned) => equalBytes(pinned.raw, raw));
  }

  /** Times of one witness rise by a minute at least, its sizes never fall, and none of them is ahead of this clock. */
  #isTimely(origin: string, witness: Cosigner, { time, size }: Newest): boolean {
    if (isAhead(1_000 * time, this.#ctx.turn.now)) return false;
    const last = this.#last(origin, witness);
    return last === undefined || (time >= last.time + COSIGN_INTERVAL_S && size >= last.size);
  }

  /** What is kept is never forgotten, however many strangers' lines came since. */
  #last(origin: string, witness: Cosigner): Newest | undefined {
    const kept = this.#ctx.feeds.get(origin)?.cosigned ?? [];
    const known = kept.find((one) => equalBytes(one.witness.raw, witness.raw));
    if (known !== undefined) return { time: known.time, size: known.head.size };
    return this.#newest.get(nameOf(origin, witness));
  }

  #assertHere(origin: string): void {
    if (parseOrigin(origin).network === this.#ctx.config.network) return;
    throw new ProtocolError("checkpoint/other-network", "a cosignature for a feed of another network");
  }
}

function nameOf(origin: string, { raw }: Cosigner): string {
  return `${origin} ${toHex(raw)}`;
}
