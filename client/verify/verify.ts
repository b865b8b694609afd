import { rememberHeads } from "../../protocol/index.ts";
import type { Evidence, Policy, RawFindings, Verdict, Vote, VoteKind } from "../../protocol/index.ts";
import type { ClientError } from "../errors.ts";
import { uptimeMs } from "../uptime.ts";
import type { Examined } from "./examine.ts";
import { formsOf } from "./forms.ts";
import { Inquiry } from "./inquiry.ts";
import type { Judged, VerifyOptions } from "./inquiry.ts";
import { Memory } from "./memory.ts";
import type { State } from "./memory.ts";
import { originsOf, rulesOf, wantedBy } from "./question.ts";
import type { Wanted } from "./question.ts";
import { stepsOpen } from "./steps.ts";

/** The verdicts, and how they came about. */
export interface Outcome {
  readonly judged: readonly Judged[];
  readonly state: State;
  /** There was something to ask, and nobody who could be asked. */
  readonly nobodyAsked: boolean;
  /** What sources failed with, and what of mirrors is not used. */
  readonly failures: readonly ClientError[];
  /** Items that were dropped because something about them was wrong. */
  readonly junk: number;
  /** All octets that sources and bundles handed over. */
  readonly raw: readonly RawFindings[];
  /** Where a proof was kept. */
  readonly evidenceFile: (evidence: Evidence) => string;
}

/** Votes of whom the network may know more (RULES R20): nothing of the builder is here, nor its whole feed, or it is too old. */
const OPEN: ReadonlySet<VoteKind> = new Set(["unasked", "silent", "stale"]);

/**
 * Judges files: what the user brought, then a running node's own store and the mirrors, then, for builders that this leaves open, peers
 * and the DHT; then with what lies beside the files, and at last with the evidence that is remembered, which answer for nobody: a builder may have
 * taken back what it says. Every octet is checked here. Rejects only for what the user named: `bundle/bad-file`.
 */
export async function verify(files: readonly Examined[], options: VerifyOptions): Promise<Outcome> {
  const { source, deadlineMs, policy, mirrors } = options;
  const formed = await formsOf(files, policy, options.unsigned ?? null);
  const started = uptimeMs();
  const leftMs = (): number => deadlineMs - (uptimeMs() - started);
  const memory = new Memory(options.dataDir, options.network, options.isRemembering ?? true);
  const inquiry = await Inquiry.open(formed, options, memory);
  const own = wantedBy(
    policy,
    files.map(({ artifact }) => artifact),
    options.now,
  );
  const wanted = [...own, ...inquiry.wantedOfSteps()];
  if (source?.holdsFeeds === true) await inquiry.ask(source, wanted, { network: false, deadlineMs });
  const left = leftMs();
  if (mirrors !== null && wanted.length > 0) await inquiry.read(mirrors, wanted);
  await inquiry.askForSteps(leftMs, true);
  const open =
    source === null || options.isNear === true ? [] : stillOpen(inquiry.judge(), policy, options.now);
  if (source !== null && open.length > 0)
    await inquiry.ask(source, open, { network: true, deadlineMs: left });
  await inquiry.addHints();
  await inquiry.askForSteps(leftMs, options.isNear === true);
  await inquiry.askForSources(leftMs);
  await inquiry.askForLinks(leftMs);
  await inquiry.remember(memory);
  await inquiry.inspect();
  const judged = inquiry.judge();
  const whole = inquiry.pool.whole();
  const state = await memory.keep(
    whole.memory,
    rememberHeads(whole.memory, whole, options.now),
    judged.flatMap(({ verdict }) => verdict.evidence),
    new Set([...policy.builders.values()].flatMap((builder) => originsOf(builder, options.network))),
  );
  return {
    judged: judged.map((one) => ({ ...one, verdict: fitting(one) })),
    state,
    nobodyAsked: wanted.length > 0 && inquiry.nobodyAsked,
    failures: inquiry.failures,
    junk: inquiry.pool.junk,
    raw: inquiry.raw,
    evidenceFile: (evidence) => memory.evidenceFile(evidence),
  };
}

/** The files, and of each the builders of whom the network may know more: also those whom only another rule hears that may be for it. */
function stillOpen(judged: readonly Judged[], policy: Policy, now: number): readonly Wanted[] {
  return judged.flatMap(({ artifact, verdict }) => {
    if (verdict.problem === "misfit") return [];
    const ofSteps = stepsOpen(verdict, isOpen, { policy, now });
    if (verdict.chain !== undefined && rulesOf(policy, artifact).length === 1) return ofSteps;
    // Who has done one step of a layout may have done another one, or done it twice.
    const isClosed = (vote: Vote): boolean =>
      verdict.layout === undefined ? !isOpen(vote) : vote.view === "complete";
    // Votes of steps are about other files.
    const votes = verdict.chain === undefined ? verdict.votes : [];
    const closed = new Set(votes.filter(isClosed).map(({ builder }) => builder));
    const own = wantedBy(policy, [artifact], now).flatMap((wanted) => {
      const builders = wanted.builders.filter(({ name }) => !closed.has(name));
      return builders.length === 0 ? [] : [{ ...wanted, builders }];
    });
    return [...ofSteps, ...own];
  });
}

/** Others may know for how long a claim has been in a feed: whoever has kept more of what witnesses cosigned. */
function isOpen({ vote, witnesses, revoked }: Vote): boolean {
  return OPEN.has(vote) || (vote === "excluded" && (revoked !== undefined || witnesses?.since !== undefined));
}

/** The verdict, unless the file can't be what it is given out as (CONTRACT: exit 3). */
function fitting({ unfit, verdict }: Judged): Verdict {
  if (unfit === null) return verdict;
  return Object.freeze({
    ...verdict,
    problem: "misfit",
    decision: "refuse",
    exception: null,
    reasons: Object.freeze([unfit]),
    next: "get the right file, or name what it really is with --purl",
  });
}
