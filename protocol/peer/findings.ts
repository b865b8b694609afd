/** What a watcher wants to know: kept, numbered, told once, and gossiped where it proves itself (RULES R14). */
import { equalBytes, fromHex } from "../bytes/index.ts";
import { evidenceId, idOfEvidence, keysOfEvidence, writeEvidence } from "../evidence/index.ts";
import type { Evidence, ForkEvidence } from "../evidence/index.ts";
import { FINDING_AGAIN_MS, MAX_FINDINGS_AGAIN, MAX_GOSSIPED_EVIDENCE_BYTES } from "../limits.ts";
import { writeEvidenceNotice } from "../wire/index.ts";
import { writeAcknowledged } from "./acknowledged-row.ts";
import type { Context } from "./context.ts";
import type { FeedState } from "./feed-state.ts";
import { takesPlaceOf } from "./fork-proof.ts";
import { FindingRoom } from "./finding-room.ts";
import type { ObservationKind } from "./finding-kind.ts";
import { readFinding, writeFinding } from "./finding-row.ts";
import { readAll, readOne, readWhole } from "./reads.ts";
import {
  acknowledgedKey,
  evidenceKey,
  feedEvidenceKey,
  findingKey,
  findingNumberOf,
  findingRange,
  lastFinding,
  rowAt,
} from "./rows.ts";
import type { Finding, StoreOp } from "./types.ts";

type Failed = (code: string) => void;
type Unnumbered = Omit<Finding, "number" | "time">;

const NO_TARGET = { target: null, purl: null, file: null, step: null };

/** What follows when the matter is in the store: new, or known before. */
interface Then {
  readonly told: () => void;
  readonly known: () => void;
  /** Whether this is to take the place of what is known. */
  readonly isBetter: (known: Uint8Array) => boolean;
}

export class Findings {
  readonly #ctx: Context;
  readonly #room: FindingRoom;
  /** On their way into the store, by id. */
  readonly #open = new Set<string>();
  /** What could not be written, by id. */
  readonly #failed = new Map<string, { readonly at: number; readonly keep: () => void }>();
  /** So many could not be written that one was given up, until a start finds it anew. */
  #isOneLost = false;
  #last = 0;

  constructor(ctx: Context) {
    this.#room = new FindingRoom(ctx);
    this.#ctx = ctx;
  }

  get count(): number {
    return this.#last;
  }

  /** Whether all that was found is in the store. */
  get isStored(): boolean {
    return this.#open.size + this.#failed.size === 0 && !this.#isOneLost;
  }

  /** Reads the number of the newest finding; once, at start. */
  load(done: () => void, failed: Failed): void {
    this.#ctx.turn.read(
      lastFinding(),
      (rows) => {
        this.#last = rows[0] === undefined ? 0 : findingNumberOf(rows[0].key);
        this.#room.load(done, failed);
      },
      failed,
    );
  }

  /**
   * Keeps proven evidence and tells of it, unless this matter is known. `gossip` = others must hear of it from us; `kept` is called once it
   * is stored, by this call or before. Where a proof of a fork takes the place of another (`saysMore`), nobody is told again.
   */
  add(evidence: Evidence, gossip: boolean, kept: () => void = () => undefined): void {
    const id = idOfEvidence(evidence);
    const octets = writeEvidence(evidence);
    // About keys that nobody here follows it alerts nobody here; others may follow them.
    if (!this.concerns(evidence)) {
      if (evidence.kind === "fork") this.#keepStrange(evidence, id, octets);
      if (gossip) this.#gossip(id, octets);
      return;
    }
    const ops = evidenceRows(id, octets, this.#feedAgainst(evidence));
    const target = "target" in evidence ? evidence.target : null;
    const finding: Unnumbered = {
      kind: evidence.kind === "disagreement" ? "contradiction" : evidence.kind,
      id,
      keys: keysOfEvidence(evidence),
      target: target?.key ?? null,
      purl: target?.purl ?? null,
      file: target?.file ?? null,
      step: "step" in evidence ? evidence.step : null,
      evidence: octets,
      difference: "difference" in evidence && evidence.difference,
    };
    const told = (): void => {
      if (gossip) this.#gossip(id, octets);
      kept();
    };
    const isBetter = (known: Uint8Array): boolean =>
      evidence.kind === "fork" && takesPlaceOf(evidence, known);
    this.#keep(finding, ops, { told, known: kept, isBetter });
  }

  /**
   * The proof that a feed forked which nobody here follows: with the feed, in its room (RULES R11), for whoever comes later to ask. It is no
   * finding.
   */
  #keepStrange(evidence: ForkEvidence, id: string, octets: Uint8Array): void {
    const { turn, counters } = this.#ctx;
    const feed = this.#feedAgainst(evidence);
    if (feed === null || feed.gone) return;
    const failed = (): void => this.#again(id, () => this.#keepStrange(evidence, id, octets));
    readOne(
      turn,
      evidenceKey(id),
      (known) => {
        if (feed.gone || (known !== null && !takesPlaceOf(evidence, known))) return;
        const added = octets.length - (known?.length ?? 0);
        feed.bytes += added;
        turn.store(
          evidenceRows(id, octets, feed),
          false,
          () => counters.add("strange-fork-kept"),
          () => {
            feed.bytes -= added;
            failed();
          },
        );
      },
      failed,
    );
  }

  /** Whether it is about a key that somebody here follows, or a pinned witness vouches for. */
  concerns(evidence: Evidence): boolean {
    return keysOfEvidence(evidence).some((key) => this.concernsKey(key));
  }

  concernsKey(key: Uint8Array): boolean {
    return this.#ctx.config.follow.all || this.#ctx.feeds.mindsKey(key);
  }

  /** Tells of something about these keys that was seen here and that nobody else can check; once for each `mark`. */
  observe(kind: ObservationKind, keys: readonly Uint8Array[], mark: string): void {
    const id = evidenceId(`${kind} ${mark}`, keys, null);
    const ops: StoreOp[] = [{ op: "put", key: evidenceKey(id), value: new Uint8Array(0) }];
    const finding = { kind, id, keys, ...NO_TARGET, evidence: null, difference: false };
    this.#keep(finding, ops, { told: () => undefined, known: () => undefined, isBetter: () => false });
  }

  /** Findings after number `since`, oldest first, with their evidence. */
  list(since: number, limit: number, done: (findings: readonly Finding[]) => void, failed: Failed): void {
    const { turn } = this.#ctx;
    readWhole(
      turn,
      findingRange(since, limit),
      (rows) => {
        const findings = rows.map(readFinding);
        const ranges = findings.map(({ id }) => rowAt(evidenceKey(id)));
        const join = (evidence: readonly (readonly { readonly value: Uint8Array }[])[]): void =>
          done(
            findings.map((finding, i) => {
              const value = evidence[i]?.[0]?.value;
              return value === undefined || value.length === 0 ? finding : { ...finding, evidence: value };
            }),
          );
        readAll(turn, ranges, join, failed);
      },
      failed,
    );
  }

  /** Notes that somebody has seen to a finding. */
  acknowledge(id: string, note: string, done: () => void, failed: Failed): void {
    const { turn } = this.#ctx;
    if (!/^[0-9a-f]{64}$/.test(id)) {
      failed("peer/no-such-finding");
      return;
    }
    readOne(
      turn,
      evidenceKey(id),
      (known) => {
        const value = writeAcknowledged(turn.now, note);
        const op: StoreOp = { op: "put", key: acknowledgedKey(id), value };
        if (known === null) failed("peer/no-such-finding");
        else turn.store([op], true, done, failed);
      },
      failed,
    );
  }

  #keep(finding: Unnumbered, ops: readonly StoreOp[], then: Then): void {
    const { turn } = this.#ctx;
    const { id } = finding;
    if (this.#open.has(id)) return;
    this.#open.add(id);
    let number = 0;
    const failed = (): void => {
      this.#room.forget(number);
      this.#again(id, () => this.#keep(finding, ops, then));
    };
    readOne(
      turn,
      evidenceKey(id),
      (known) => {
        if (known !== null) {
          this.#open.delete(id);
          if (then.isBetter(known)) this.#replace(finding, ops, then, failed);
          else then.known();
          return;
        }
        number = ++this.#last;
        const numbered: Finding = { ...finding, number, time: turn.now };
        const rows: StoreOp[] = [
          ...ops,
          { op: "put", key: findingKey(numbered.number), value: writeFinding(numbered) },
        ];
        const stored = (): void => {
          this.#open.delete(id);
          turn.emit({ kind: "finding", finding: numbered });
          then.told();
        };
        const isStranger = !finding.keys.every((key) => this.#ctx.feeds.mindsKey(key));
        this.#room.makeRoom(
          number,
          id,
          finding.evidence?.length ?? 0,
          isStranger,
          (others) => turn.store([...others, ...rows], false, stored, failed),
          failed,
        );
      },
      failed,
    );
  }

  #replace(finding: Unnumbered, ops: readonly StoreOp[], then: Then, failed: () => void): void {
    this.#room.replace(
      finding.id,
      finding.evidence?.length ?? 0,
      (others) => this.#ctx.turn.store([...others, ...ops], false, then.told, failed),
      failed,
    );
  }

  /** A write or a read failed, and no crash makes anybody look again: it is tried once more in a while, as long as there is room to wait. */
  #again(id: string, keep: () => void): void {
    const { turn, counters } = this.#ctx;
    this.#open.delete(id);
    counters.add("store-failed");
    this.#isOneLost ||= this.#failed.size >= MAX_FINDINGS_AGAIN && !this.#failed.has(id);
    if (this.#failed.size < MAX_FINDINGS_AGAIN || this.#failed.has(id))
      this.#failed.set(id, { at: turn.steady + FINDING_AGAIN_MS, keep });
  }

  /** Tries again what could not be written. */
  tick(): void {
    const { steady } = this.#ctx.turn;
    for (const [id, { at, keep }] of this.#failed) {
      if (steady < at) continue;
      this.#failed.delete(id);
      keep();
    }
  }

  /** Evidence that does not fit into a frame goes by its id: whoever wants it asks us for it. */
  #gossip(id: string, evidence: Uint8Array): void {
    const notice = evidence.length <= MAX_GOSSIPED_EVIDENCE_BYTES ? { evidence } : { id: fromHex(id) };
    this.#ctx.turn.emit({ kind: "gossip", topic: "evidence", bytes: writeEvidenceNotice(notice) });
  }

  #feedAgainst(evidence: Evidence): FeedState | null {
    if (evidence.kind !== "fork" && evidence.kind !== "bad-leaf") return null;
    const [key] = keysOfEvidence(evidence);
    for (const feed of this.#ctx.feeds.all()) if (key !== undefined && equalBytes(feed.key, key)) return feed;
    return null;
  }
}

/** Evidence, and that it speaks against a feed, where it does. */
function evidenceRows(id: string, octets: Uint8Array, against: FeedState | null): readonly StoreOp[] {
  const row: StoreOp = { op: "put", key: evidenceKey(id), value: octets };
  if (against === null) return [row];
  return [row, { op: "put", key: feedEvidenceKey(against.originHash, id), value: new Uint8Array(0) }];
}
