/** The stream `tiles`: heads, entries, hash tiles, consistency proofs, evidence and trust domains, for whoever asks, within a budget (RULES R11, I9). */
import { octetsIn, toHex } from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import {
  ANSWER_FILL_BYTES,
  MAX_EVIDENCE_ANSWERED,
  MAX_HEADS_ANSWERED,
  MAX_PEER_SERVING,
  MAX_ROWS_READ,
  MAX_SERVING,
} from "../limits.ts";
import { readTilesRequest, writeEntriesAnswer, writeTilesAnswer } from "../wire/index.ts";
import type { TilesAnswer, TilesRequest } from "../wire/index.ts";
import type { Carrying } from "./carrying.ts";
import type { Context } from "./context.ts";
import { blobsIn, entryRange } from "./entry-rows.ts";
import type { FeedState } from "./feed-state.ts";
import { forkProofKey } from "./fork-proof.ts";
import { readAll, readOne } from "./reads.ts";
import { evidenceIdOf, evidenceKey, feedEvidenceRange, rowAt } from "./rows.ts";
import { KnownNames, nameOfFork, nameOfNote, notesOf } from "./told.ts";
import type { Tiles } from "./tiles.ts";
import type { PeerName, Row, Stream, Ticket } from "./types.ts";

/** Octets that reading an answer costs at least, in the asker's budget. */
const BASE_COST = 1_024;

/** Takes questions on streams: budget first, then the question, then one answer or refusal. */
export class Reception {
  readonly #ctx: Context;
  readonly #serve: Readonly<Record<Stream, (bytes: Uint8Array, reply: Reply) => void>>;
  #serving = 0;
  /** Of them for each peer that has any. */
  readonly #ofPeer = new Map<PeerName, number>();

  constructor(ctx: Context, serve: Readonly<Record<Stream, (bytes: Uint8Array, reply: Reply) => void>>) {
    this.#ctx = ctx;
    this.#serve = serve;
  }

  ask(stream: Stream, bytes: Uint8Array, from: PeerName, ticket: Ticket): void {
    const { turn, peers, config, counters } = this.#ctx;
    const own = from === config.self;
    const budget = peers.of(from).serving;
    const refuse = (code: string): void => {
      counters.add(`refused ${code}`);
      turn.emit({ kind: "refuse", ticket, code });
    };
    if (config.light && !own) refuse("peer/light");
    else if (!own && !budget.take(BASE_COST + bytes.length, turn.steady)) refuse("peer/over-budget");
    else if (!own && !this.#hasPlace(from)) refuse("peer/busy");
    else {
      this.#count(from, 1);
      const reply = new Reply(
        from,
        (parts) => {
          this.#count(from, -1);
          if (!own) budget.take(octetsIn(parts), turn.steady);
          turn.emit({ kind: "reply", ticket, parts });
        },
        (code) => {
          this.#count(from, -1);
          refuse(code);
        },
      );
      this.#run(stream, bytes, reply);
    }
  }

  #hasPlace(peer: PeerName): boolean {
    const isScarce = this.#serving >= MAX_SERVING / 2;
    return this.#serving < MAX_SERVING && !(isScarce && (this.#ofPeer.get(peer) ?? 0) >= MAX_PEER_SERVING);
  }

  #count(peer: PeerName, by: number): void {
    const count = (this.#ofPeer.get(peer) ?? 0) + by;
    this.#serving += by;
    if (count > 0) this.#ofPeer.set(peer, count);
    else this.#ofPeer.delete(peer);
  }

  #run(stream: Stream, bytes: Uint8Array, reply: Reply): void {
    try {
      this.#serve[stream](bytes, reply);
    } catch (error) {
      if (!(error instanceof ProtocolError)) {
        reply.refuse("internal/impossible");
        throw error;
      }
      reply.refuse(error.code);
      this.#ctx.peers.drop(reply.from, error.code);
    }
  }
}

/** One answer or one refusal, whichever comes first. */
export class Reply {
  readonly from: PeerName;
  readonly #send: (parts: readonly Uint8Array[]) => void;
  readonly #refuse: (code: string) => void;
  #open = true;

  constructor(from: PeerName, send: (parts: readonly Uint8Array[]) => void, refuse: (code: string) => void) {
    this.from = from;
    this.#send = send;
    this.#refuse = refuse;
  }

  /** One answer of these parts. */
  send(...parts: readonly Uint8Array[]): void {
    if (this.#open) this.#send(parts);
    this.#open = false;
  }

  refuse(code: string): void {
    if (this.#open) this.#refuse(code);
    this.#open = false;
  }
}

export class TileServer {
  readonly #ctx: Context;
  readonly #tiles: Tiles;
  readonly #carrying: Carrying;

  constructor(ctx: Context, tiles: Tiles, carrying: Carrying) {
    this.#ctx = ctx;
    this.#tiles = tiles;
    this.#carrying = carrying;
  }

  serve(bytes: Uint8Array, reply: Reply): void {
    const request = readTilesRequest(bytes);
    if (request.kind === "heads") this.#heads(request.after, new KnownNames(request.known), reply);
    else if (request.kind === "domain") send(reply, this.#carrying.answer(request));
    else if (request.kind === "evidence") this.#evidence(request, reply);
    else {
      const feed = this.#ctx.feeds.get(request.origin);
      if (feed === null) send(reply, { blobs: [], next: 0, code: "peer/unknown-feed" });
      else this.#ofFeed(feed, request, reply);
    }
  }

  #ofFeed(
    feed: FeedState,
    request: Extract<TilesRequest, { kind: "entries" | "tiles" | "consistency" }>,
    reply: Reply,
  ): void {
    const failed = (code: string): void => reply.refuse(code);
    const missing = (): void => send(reply, { blobs: [], next: 0, code: "peer/not-held" });
    if (request.kind === "entries") {
      const to = Math.min(request.from + Math.min(request.count, MAX_ROWS_READ), feed.held);
      if (request.from >= to) missing();
      else this.#entries(feed, request.from, to, reply);
    } else if (request.kind === "consistency") {
      if (request.to > feed.held) missing();
      else {
        this.#tiles.earlier(
          feed,
          request.from,
          request.to,
          ({ root, proof }) => send(reply, { blobs: [root, ...proof], next: 0, code: "" }),
          failed,
        );
      }
    } else {
      this.#tiles.raw(feed, request.tiles, (blobs) => send(reply, { blobs, next: 0, code: "" }), failed);
    }
  }

  /** As many entries as fit, from as many pages of the store as that takes. */
  #entries(feed: FeedState, from: number, to: number, reply: Reply): void {
    const runs: Uint8Array[] = [];
    let at = from;
    let octets = 0;
    const end = (): void => reply.send(...writeEntriesAnswer(runs, at));
    const page = (rows: readonly Row[], more: boolean): void => {
      const before = at;
      for (const { blobs, count } of blobsIn(rows, at, to)) {
        octets += blobs.length;
        if (octets > ANSWER_FILL_BYTES && runs.length > 0) {
          end();
          return;
        }
        runs.push(blobs);
        at += count;
      }
      if (more && at > before && at < to) next();
      else end();
    };
    const next = (): void =>
      this.#ctx.turn.read(entryRange(feed.no, at, to), page, (code) => reply.refuse(code));
    next();
  }

  /**
   * Heads in the order of their origins, unresolved ones too, and evidence of forks: all that anti-entropy needs (I2), without what the
   * asker has.
   */
  #heads(after: string, known: KnownNames, reply: Reply): void {
    const notes: Uint8Array[] = [];
    const forked: FeedState[] = [];
    let next = 0;
    for (const feed of this.#ctx.feeds.after(after)) {
      const told = notesOf(feed);
      if (told.length === 0 && !feed.forked) continue;
      if (notes.length + forked.length + told.length + 1 > MAX_HEADS_ANSWERED) {
        next = 1;
        break;
      }
      notes.push(...told.filter((note) => known.isNews(nameOfNote(note))));
      if (feed.forked && known.isNews(nameOfFork(feed))) forked.push(feed);
    }
    const keys = forked.map(forkProofKey);
    readAll(
      this.#ctx.turn,
      keys.map(rowAt),
      (rows) => {
        const evidence = rows.flatMap(([row]) => (row === undefined ? [] : [row.value]));
        // Evidence first: the last blob names where the next page begins.
        send(reply, { blobs: [...evidence, ...notes], next, code: "", ...known.answered });
      },
      (code) => reply.refuse(code),
    );
  }

  #evidence(request: Extract<TilesRequest, { kind: "evidence" }>, reply: Reply): void {
    const { turn, feeds } = this.#ctx;
    const failed = (code: string): void => reply.refuse(code);
    const answer = (values: readonly Uint8Array[]): void =>
      send(reply, { blobs: values.filter((value) => value.length > 0), next: 0, code: "" });
    if ("id" in request) {
      readOne(turn, evidenceKey(toHex(request.id)), (value) => answer(value === null ? [] : [value]), failed);
      return;
    }
    const feed = feeds.get(request.origin);
    if (feed === null) {
      answer([]);
      return;
    }
    turn.read(
      feedEvidenceRange(feed.originHash, MAX_EVIDENCE_ANSWERED),
      (rows) => {
        const keys = rows.map(({ key }) => evidenceKey(evidenceIdOf(key)));
        const ranges = keys.map(rowAt);
        readAll(turn, ranges, (found) => answer(found.flatMap(([row]) => (row ? [row.value] : []))), failed);
      },
      failed,
    );
  }
}

function send(reply: Reply, answer: TilesAnswer): void {
  reply.send(writeTilesAnswer(answer));
}
