/**
 * The witness (RULES R2, R12; spec/checkpoint.md, "What a witness decides"): cosigns heads of feeds that are followed here and whose
 * entries are held. One request for one origin at a time, written where it survives a crash before it is answered: so no two heads that it
 * has cosigned are ever on two branches.
 */
import { equalBytes, toHex } from "../bytes/index.ts";
import { NOTE_COSIGNATURE, parseVkey, toVkey } from "../crypto/index.ts";
import { ProtocolError } from "../errors.ts";
import {
  cosignatureLine,
  cosignatureMessage,
  cosignedBy,
  decideAddCheckpoint,
  headBody,
  isCosignatureOf,
  originHash,
  rangeRoot,
  readAddCheckpoint,
  verifyCheckpoint,
  verifyCosignatureLine,
  writeSignatureLine,
} from "../feed/index.ts";
import type { AddCheckpoint, CosignedHead, Cosigner, SignedHead } from "../feed/index.ts";
import { MAX_FEEDS, MAX_WITNESS_WAITING } from "../limits.ts";
import type { Context } from "./context.ts";
import type { FeedState } from "./feed-state.ts";
import type { Forks } from "./forks.ts";
import { OneAtATime } from "./one-at-a-time.ts";
import { readWhole } from "./reads.ts";
import { cosignedKey, cosignedRange, STOPPED_WITNESS, witnessedOriginOf } from "./rows.ts";
import type { Sync } from "./sync.ts";
import type { Tiles } from "./tiles.ts";
import type { CommandResult, Row } from "./types.ts";
import { isBeyond, isOther, readCosigned, refusedBy, STOPPED_WHY, witnessState } from "./witness-row.ts";
import type { Cosigned } from "./witness-row.ts";
import type { WitnessState, WitnessView } from "./witness-view.ts";

type Finish = (result: CommandResult) => void;

/** Whom the desk works with. */
export interface WitnessDoers {
  readonly tiles: Tiles;
  readonly forks: Forks;
  readonly sync: Sync;
  /** Tells the mesh of what was cosigned, once it is written. */
  readonly announce: (feed: FeedState, cosigned: CosignedHead) => void;
}

export class WitnessDesk {
  readonly #ctx: Context;
  readonly #doers: WitnessDoers;
  readonly #witness: Cosigner | null;
  readonly #turns = new OneAtATime(MAX_WITNESS_WAITING);
  /** By hex of the origin's hash: what was cosigned last, as it is written. */
  readonly #cosigned = new Map<string, Cosigned>();
  #state: WitnessState = "open";

  constructor(ctx: Context, doers: WitnessDoers) {
    this.#ctx = ctx;
    this.#doers = doers;
    this.#witness = ctx.config.witness ?? null;
  }

  /** Reads what was cosigned; `failed` where the store cannot be read. */
  load(done: () => void, failed: (code: string) => void): void {
    if (this.#witness === null) {
      done();
      return;
    }
    readWhole(
      this.#ctx.turn,
      cosignedRange(this.#witness.raw, MAX_FEEDS * 2),
      (rows) => {
        for (const row of rows) this.#take(row);
        done();
      },
      failed,
    );
  }

  /** For people, and for whoever serves checkpoints; null without a witness key. */
  view(): WitnessView | null {
    if (this.#witness === null) return null;
    const { name, raw } = this.#witness;
    const cosigned = [...this.#cosigned.values()].map(({ head, note }) => [head.origin, note] as const);
    return {
      vkey: toVkey(name, raw, NOTE_COSIGNATURE),
      ...witnessState(this.#state),
      cosigned: new Map(cosigned),
    };
  }

  /** Answers one add-checkpoint request; `finish` is called once. */
  add(bytes: Uint8Array, finish: Finish): void {
    let request: AddCheckpoint;
    try {
      request = readAddCheckpoint(bytes);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      finish({ ok: false, code: error.code, message: error.message });
      return;
    }
    const feed = this.#mirrored(request.body.origin);
    if (feed === null) finish(refusedBy("unknown-origin"));
    else if (!this.#turns.run(feed.origin, finish, (answer) => this.#decide(feed, request, answer)))
      finish(refusedBy("busy"));
  }

  /** Cosigns a head whose entries are all held, without being asked; `finish` is called once. */
  cosign(feed: FeedState, head: SignedHead, finish: Finish): void {
    if (!this.#turns.run(feed.origin, finish, (answer) => this.#extend(feed, head, answer)))
      finish(refusedBy("busy"));
  }

  /** A line by this witness's key that came from elsewhere: for a head that is not what it remembers, its rows were lost or restored. */
  sawOwn({ head }: CosignedHead): void {
    const held = this.#cosigned.get(toHex(originHash(head.origin))) ?? null;
    if (this.#state !== "stopped" && isBeyond(head, held)) this.#stop(() => undefined);
  }

  /** Whether heads of this feed are cosigned here. */
  isWitnessed(feed: FeedState): boolean {
    return this.#mirrored(feed.origin) === feed;
  }

  /** A feed that is followed here, and not only because other witnesses vouch for it, or they would for ever for each other. Of others a store may have to let go, and the rows of strangers would have no end. */
  #mirrored(origin: string): FeedState | null {
    const feed = this.#witness === null ? null : this.#ctx.feeds.get(origin);
    return feed !== null && feed.class === "followed" ? feed : null;
  }

  #decide(feed: FeedState, request: AddCheckpoint, finish: Finish): void {
    if (this.#state !== "open") {
      finish(refusedBy(this.#state));
      return;
    }
    const held = this.#cosigned.get(toHex(feed.originHash)) ?? null;
    if (this.#hasForgotten(feed, request, held)) {
      this.#stop(finish);
      return;
    }
    const keys = [parseVkey(toVkey(feed.origin, feed.key))];
    const decision = decideAddCheckpoint(request, keys, held?.head ?? null);
    if (decision.kind === "conflict") {
      finish({ ok: true, do: "add-checkpoint", answer: { kind: "conflict", size: decision.size } });
    } else if (decision.kind === "cosign") this.#cosign(feed, request, held, finish);
    else finish(refusedBy(decision.kind));
  }

  /** Whether the request bears a line by this witness's key for a head that is not what it remembers: its rows were lost or restored. */
  #hasForgotten(feed: FeedState, { note, body }: AddCheckpoint, held: Cosigned | null): boolean {
    const witness = this.#witness;
    if (note === null || witness === null) return false;
    if (!isBeyond(body, held)) return false;
    return note.signatures.some((line) => {
      if (!isCosignatureOf(line, witness)) return false;
      try {
        verifyCosignatureLine(
          headBody({ origin: feed.origin, size: body.size, root: body.root }),
          line,
          witness,
        );
        return true;
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        return false;
      }
    });
  }

  #cosign(feed: FeedState, request: AddCheckpoint, held: Cosigned | null, finish: Finish): void {
    let head: SignedHead;
    try {
      head = verifyCheckpoint(request.bytes, this.#ctx.config.network);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      finish({ ok: false, code: error.code, message: error.message });
      return;
    }
    if (feed.forked) finish(refusedBy("not-consistent"));
    else if (feed.held < head.size) {
      this.#tell(feed, head);
      finish(refusedBy("not-held"));
    } else this.#signWhatStands(feed, head, held, finish);
  }

  #extend(feed: FeedState, head: SignedHead, finish: Finish): void {
    const held = this.#cosigned.get(toHex(feed.originHash)) ?? null;
    if (this.#state !== "open") finish(refusedBy(this.#state));
    else if (feed.held < head.size) finish(refusedBy("not-held"));
    else if (held !== null && (head.size < held.head.size || isOther(head, held.head)))
      finish(refusedBy("not-consistent"));
    else this.#signWhatStands(feed, head, held, finish);
  }

  /** What is held must be the tree of this head, and of the one before: a request's proof is not all that is believed. */
  #signWhatStands(feed: FeedState, head: SignedHead, held: Cosigned | null, finish: Finish): void {
    this.#standsIn(feed, head, finish, () => {
      if (held === null) this.#sign(feed, head, held, finish);
      else this.#standsIn(feed, held.head, finish, () => this.#sign(feed, head, held, finish));
    });
  }

  #standsIn(feed: FeedState, head: SignedHead, finish: Finish, stands: () => void): void {
    this.#doers.tiles.frontier(
      feed,
      head.size,
      (read) => {
        if (equalBytes(rangeRoot(read()), head.root)) stands();
        else {
          this.#tell(feed, head);
          finish(refusedBy("not-consistent"));
        }
      },
      () => finish(refusedBy("not-held")),
    );
  }

  /** A signed head that is not known to be joined is news, as from any peer. */
  #tell(feed: FeedState, head: SignedHead): void {
    this.#doers.forks.consider(feed, head, null);
    this.#doers.sync.kick(feed, null);
  }

  #sign(feed: FeedState, head: SignedHead, held: Cosigned | null, finish: Finish): void {
    const { turn } = this.#ctx;
    const witness = this.#witness;
    if (witness === null || this.#state !== "open" || feed.forked) {
      finish(refusedBy(this.#state === "open" ? "not-consistent" : this.#state));
      return;
    }
    // Times of one witness never go back, whatever its clock does.
    const time = Math.max(Math.floor(turn.now / 1_000), held?.time ?? 0);
    const body = headBody(head);
    turn.sign(
      cosignatureMessage(time, body),
      (signature) => {
        const line = cosignatureLine(witness, time, signature);
        this.#keep(feed, cosignedBy(head, line, witness), writeSignatureLine(line), finish);
      },
      () => this.#freeze(finish),
      "witness",
    );
  }

  #keep(feed: FeedState, next: CosignedHead, line: string, finish: Finish): void {
    const witness = this.#witness;
    if (witness === null || this.#state !== "open") {
      finish(refusedBy("frozen"));
      return;
    }
    this.#ctx.turn.store(
      [{ op: "put", key: cosignedKey(witness.raw, feed.originHash), value: next.note }],
      true,
      () => {
        this.#cosigned.set(toHex(feed.originHash), next);
        this.#ctx.counters.add("witness-cosigned");
        this.#doers.announce(feed, next);
        finish({ ok: true, do: "add-checkpoint", answer: { kind: "cosigned", line } });
      },
      () => this.#freeze(finish),
    );
  }

  /** What failed may have persisted: only what opens the store anew knows. */
  #freeze(finish: Finish): void {
    if (this.#state === "open") this.#state = "frozen";
    finish(refusedBy(this.#state));
  }

  /** For good: a restart finds the row. It is answered whatever becomes of the write, since nothing is cosigned either way. */
  #stop(finish: Finish): void {
    this.#state = "stopped";
    this.#ctx.counters.add("witness-stopped");
    const answer = (): void => finish(refusedBy("stopped"));
    const raw = this.#witness?.raw ?? new Uint8Array(0);
    const key = cosignedKey(raw, STOPPED_WITNESS);
    this.#ctx.turn.store([{ op: "put", key, value: STOPPED_WHY }], true, answer, answer);
  }

  #take(row: Row): void {
    const origin = witnessedOriginOf(row.key);
    const witness = this.#witness;
    if (witness === null) return;
    const read = readCosigned(row.value, origin, witness, this.#ctx.config.network);
    // Without what a row said nothing more of its origin can be cosigned, and no other row is to be trusted either.
    if (read === null) this.#state = "stopped";
    else this.#cosigned.set(toHex(origin), read);
  }
}
