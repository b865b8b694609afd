/**
 * Contradictions among the claims about one target (RULES R9, R14). Candidates come from index rows, unchecked; nothing is said before
 * both signatures are good and neither side is retracted by its signer.
 */
import type { Verified } from "../attestation/index.ts";
import { equalBytes, toHex } from "../bytes/index.ts";
import { proveContradiction } from "../evidence/index.ts";
import type { ContradictionEvidence } from "../evidence/index.ts";
import { MAX_EXAMINED_TARGETS, MAX_TARGET_CLAIMS, MAX_WAITING_TARGETS } from "../limits.ts";
import { readClaims } from "./claim-reads.ts";
import type { Checker, Leaf } from "./checker.ts";
import { readClaimRow } from "./claim-row.ts";
import type { Context } from "./context.ts";
import type { FeedState } from "./feed-state.ts";
import type { Findings } from "./findings.ts";
import { noKeys } from "./keys.ts";
import { readLeaves } from "./leaves.ts";
import { Parked } from "./parked.ts";
import { readAll } from "./reads.ts";
import type { Retractions } from "./retractions.ts";
import { rowAt, targetRange, toldKey } from "./rows.ts";
import { Seen } from "./seen.ts";
import { rivalPairs, selfPairs, sidesOf, toldHash } from "./sides.ts";
import type { Pair, Side } from "./sides.ts";
import type { SlowChecks } from "./slow-checks.ts";
import type { Row, StoreOp } from "./types.ts";

export class Examiner {
  readonly #ctx: Context;
  readonly #checker: Checker;
  readonly #retractions: Retractions;
  readonly #findings: Findings;
  /** Told whenever nothing is left to look at but what is `parked`: the index may go on. */
  readonly #idle: (parked: boolean) => void;
  /** Targets still to be looked at, by hex; a target that is touched again while it waits is looked at once. */
  readonly #queue = new Map<string, Uint8Array>();
  readonly #parked: Parked;
  /** Keys of `w` rows that are written as soon as their findings are. */
  readonly #telling = new Seen<true>(MAX_WAITING_TARGETS);
  /** What is looked at, and what could not be: once more at the next tick. */
  #now: readonly Uint8Array[] = [];
  #again: readonly Uint8Array[] = [];
  #busy = false;

  constructor(
    ctx: Context,
    checker: Checker,
    slow: SlowChecks,
    retractions: Retractions,
    findings: Findings,
    idle: (parked: boolean) => void,
  ) {
    this.#retractions = retractions;
    this.#idle = idle;
    this.#ctx = ctx;
    this.#checker = checker;
    this.#parked = new Parked((feed) => slow.tokens(feed));
    this.#findings = findings;
  }

  /** Goes on with targets whose feeds have got something to spend on slow checks, and those that could not be looked at. */
  tick(): void {
    const due = [...this.#parked.due(), ...this.#again];
    this.#again = [];
    if (due.length > 0) this.examine(due);
  }

  /** So much waits, of all, or of this feed for slow checks, that no more of it is to be indexed for now: the index is faster, and what waits is in memory (I9). */
  isBehind(feed: FeedState): boolean {
    return this.#queue.size >= MAX_WAITING_TARGETS || this.#parked.isFull(feed);
  }

  /** New claims about these targets can be read from the store. */
  examine(targets: readonly Uint8Array[]): void {
    for (const target of targets) this.#queue.set(toHex(target), target);
    this.#next();
  }

  #next(): void {
    if (this.#busy) return;
    if (this.#queue.size === 0) {
      this.#idle(!this.#parked.isEmpty || this.#again.length > 0);
      return;
    }
    this.#busy = true;
    const targets: Uint8Array[] = [];
    for (const [name, target] of this.#queue) {
      if (targets.length === MAX_EXAMINED_TARGETS) break;
      targets.push(target);
      this.#queue.delete(name);
    }
    this.#now = targets;
    readClaims(
      this.#ctx,
      targets.map((target) => targetRange(target, MAX_TARGET_CLAIMS)),
      noKeys,
      (rows) =>
        this.#targets(
          targets.filter((_, i) => mayContradict(rows[i] ?? [])),
          rows.filter(mayContradict),
        ),
      (code) => this.#done(code),
    );
  }

  /** One target after the other: they are few. */
  #targets(targets: readonly Uint8Array[], rows: readonly (readonly Row[])[]): void {
    const [target, ...rest] = targets;
    if (target === undefined) {
      this.#done(null);
      return;
    }
    this.#sides(target, rows[0] ?? [], (sides) => {
      this.#pairs(target, sides, () => this.#targets(rest, rows.slice(1)));
    });
  }

  /** Reads and checks the entries behind the rows. */
  #sides(target: Uint8Array, rows: readonly Row[], done: (sides: readonly Side[]) => void): void {
    const failed = (code: string): void => this.#done(code);
    const positive = rows.filter((row) => readClaimRow(row.value)?.kind === "positive");
    const verified = (results: readonly (Verified | null)[]): void =>
      done(results.flatMap((one) => (one === null ? [] : sidesOf(one, target))));
    readLeaves(
      this.#ctx,
      positive,
      (leaves) => this.#checker.verify(this.#payable(target, leaves), noKeys, verified, failed),
      failed,
    );
  }

  /** Without the leaves of feeds that have spent what they may on slow checks: for these the target is looked at once more. */
  #payable(target: Uint8Array, leaves: readonly Leaf[]): readonly Leaf[] {
    const owing = new Map<FeedState, number>();
    const payable = leaves.filter((leaf) => {
      const owed = this.#checker.owed(leaf, noKeys);
      if (owed > 0) owing.set(leaf.feed, (owing.get(leaf.feed) ?? 0) + owed);
      return owed === 0;
    });
    for (const [feed, cost] of owing) this.#parked.park(feed, target, cost);
    return payable;
  }

  #pairs(target: Uint8Array, sides: readonly Side[], done: () => void): void {
    const bySigner = [...selfPairs(sides), ...rivalPairs(sides)];
    const told = bySigner.map(({ a, b }) =>
      [a, b].map((side) => toldKey(toldHash(side, target, a.signer === b.signer))),
    );
    const keys = told.flat();
    readAll(
      this.#ctx.turn,
      keys.map(rowAt),
      (rows) => {
        const stored = rows.flatMap(([row]) => (row === undefined ? [] : [toHex(row.key)]));
        const telling = keys.map(toHex).filter((key) => this.#telling.has(key));
        const known = new Set([...stored, ...telling]);
        this.#each(target, bySigner, told, known, done);
      },
      (code) => this.#done(code),
    );
  }

  /** Proves pair after pair; a builder that was told of for this target and step is not told of again. */
  #each(
    target: Uint8Array,
    pairs: readonly Pair[],
    told: readonly (readonly Uint8Array[])[],
    known: Set<string>,
    done: () => void,
  ): void {
    const [pair, ...rest] = pairs;
    const [keys = [], ...restKeys] = told;
    const next = (): void => this.#each(target, rest, restKeys, known, done);
    if (pair === undefined) {
      done();
      return;
    }
    // The first of a pair is the one whose dissent makes it worth telling.
    if (keys[0] !== undefined && known.has(toHex(keys[0]))) {
      next();
      return;
    }
    const proven = (retractions: readonly Verified[]): void => {
      const evidence = proveContradiction(pair.a.verified, pair.b.verified, target, retractions);
      if (evidence !== null) {
        this.#tell(evidence, keys);
        for (const key of keys) known.add(toHex(key));
      }
      next();
    };
    this.#retractions.of([pair.a.verified, pair.b.verified], proven, (code) => this.#done(code));
  }

  #tell(evidence: ContradictionEvidence, keys: readonly Uint8Array[]): void {
    // What strangers contradict is told apart by the findings' own ids: their rows would have no bound.
    const followed = [evidence.a, evidence.b].every(({ signer }) => this.#ctx.feeds.followsKey(signer.raw));
    const ops = (followed ? keys : []).map((key): StoreOp => ({ op: "put", key, value: new Uint8Array(0) }));
    for (const { key } of ops) this.#telling.set(toHex(key), true);
    // Not before: a crash in between would have it told never.
    const kept = (): void =>
      this.#ctx.turn.store(
        ops,
        false,
        () => undefined,
        () => this.#ctx.counters.add("store-failed"),
      );
    // Every follower derives a disagreement by itself: gossip would be a storm (RULES R14).
    this.#findings.add(evidence, evidence.kind === "self-contradiction", ops.length > 0 ? kept : undefined);
  }

  #done(code: string | null): void {
    if (code !== null) {
      this.#ctx.counters.add("examine-failed");
      this.#again = [...this.#again, ...this.#now];
    }
    this.#busy = false;
    this.#next();
  }
}

/** Whether rows of one step name more than one digest: else there is nothing to read. */
function mayContradict(rows: readonly Row[]): boolean {
  const digests = new Map<string, Uint8Array>();
  for (const row of rows) {
    const claim = readClaimRow(row.value);
    if (claim?.kind !== "positive" || claim.sha256 === null) continue;
    const step = toHex(claim.step);
    const other = digests.get(step);
    if (other === undefined) digests.set(step, claim.sha256);
    else if (!equalBytes(other, claim.sha256)) return true;
  }
  return false;
}
