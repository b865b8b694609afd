/** What a watcher wants to know: kept, numbered, told once, and gossiped where it proves itself (RULES R14). */
import { equalBytes, fromHex, utf8 } from "../bytes/index.ts";
import {
  checkEvidenceSync,
  evidenceId,
  idOfEvidence,
  keysOfEvidence,
  saysMore,
  writeEvidence,
} from "../evidence/index.ts";
import type { Evidence, ForkEvidence } from "../evidence/index.ts";
import { MAX_GOSSIPED_EVIDENCE_BYTES } from "../limits.ts";
import { writeEvidenceNotice } from "../wire/index.ts";
import type { Context } from "./context.ts";
import type { FeedState } from "./feed-state.ts";
import { FindingRoom } from "./finding-room.ts";
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
import type { Finding, FindingKind, StoreOp } from "./types.ts";

type Failed = (code: string) => void;
type Unnumbered = Omit<Finding, "number" | "time">;

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
  #last = 0;

  constructor(ctx: Context) {
    this.#room = new FindingRoom(ctx);
    this.#ctx = ctx;
  }

  get count(): number {
    return this.#last;
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
      if (gossip) this.#gossip(id, octets);
      return;
    }
    const ops: StoreOp[] = [{ op: "put", key: evidenceKey(id), value: octets }];
    const against = this.#feedAgainst(evidence);
    if (against !== null) {
      ops.push({ op: "put", key: feedEvidenceKey(against.originHash, id), value: new Uint8Array(0) });
    }
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

  /** Whether it is about a key that somebody here follows, or a pinned witness vouches for. */
  concerns(evidence: Evidence): boolean {
    const { config, feeds } = this.#ctx;
    return config.follow.all || keysOfEvidence(evidence).some((key) => feeds.mindsKey(key));
  }

  /** Tells of something seen here that nobody else can check; once for each `since` (a size or a time). */
  observe(kind: Extract<FindingKind, "withheld" | "silent">, feed: FeedState, since: number): void {
    const id = evidenceId(`${kind} ${since}`, [feed.key], null);
    const ops: StoreOp[] = [{ op: "put", key: evidenceKey(id), value: new Uint8Array(0) }];
    const finding: Unnumbered = {
      kind,
      id,
      keys: [feed.key],
      target: null,
      purl: null,
      file: null,
      step: null,
      evidence: null,
      difference: false,
    };
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
        const op: StoreOp = { op: "put", key: acknowledgedKey(id), value: utf8(note) };
        if (known === null) failed("peer/no-such-finding");
        else turn.store([op], true, done, failed);
      },
      failed,
    );
  }

  #keep(finding: Unnumbered, ops: readonly StoreOp[], then: Then): void {
    const { turn, counters } = this.#ctx;
    const { id } = finding;
    if (this.#open.has(id)) return;
    this.#open.add(id);
    const failed = (): void => {
      this.#open.delete(id);
      counters.add("store-failed");
    };
    readOne(
      turn,
      evidenceKey(id),
      (known) => {
        if (known !== null) {
          this.#open.delete(id);
          if (then.isBetter(known)) turn.store(ops, false, then.told, failed);
          else then.known();
          return;
        }
        const numbered: Finding = { ...finding, number: ++this.#last, time: turn.now };
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
          numbered.number,
          finding.evidence?.length ?? 0,
          isStranger,
          (others) => turn.store([...others, ...rows], false, stored, failed),
          failed,
        );
      },
      failed,
    );
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

/** Whether a proof of a fork is to be kept instead of the one that is. */
function takesPlaceOf(fork: ForkEvidence, octets: Uint8Array): boolean {
  const known = checkEvidenceSync(octets);
  return known.kind === "fork" && saysMore(fork, known);
}
