/**
 * The verdict on one file: a function of the file, the policy, the evidence, the heads and the time (RULES R24). The steps are numbered as
 * in protocol/spec/verdict.md.
 */
import { toHex } from "../bytes/index.ts";
import type { Verified, Target } from "../attestation/index.ts";
import { keysOfEvidence, proveContradiction } from "../evidence/index.ts";
import type { Evidence } from "../evidence/index.ts";
import { rulesFor } from "../policy/index.ts";
import type { Policy } from "../policy/index.ts";
import { sourcesNamed } from "./named.ts";
import { attestationsFor } from "./used.ts";
import { withException } from "./excepted.ts";
import { viewFeeds } from "./feeds.ts";
import { nextStep } from "./next.ts";
import { oneProofEach } from "./proofs.ts";
import { decide } from "./quorum.ts";
import type { Backing, Quorum } from "./quorum.ts";
import { reasonsFor } from "./reasons.ts";
import type { Standing } from "./reasons.ts";
import type {
  Artifact,
  ContradictionKind,
  Findings,
  Problem,
  StatedSource,
  Verdict,
  VoteKind,
} from "./types.ts";
import type { Count } from "./dossier.ts";
import { statementsIn } from "./source.ts";
import type { StatedBy } from "./source.ts";
import { countVotes } from "./votes.ts";
import type { Ballot } from "./votes.ts";
import { strictest } from "./strictest.ts";
import { decideBy, dissentIn, weigh } from "./weigh.ts";
import { byLayout } from "./by-layout.ts";
import type { Inspect } from "./layout-case.ts";
import { signedIn, vouchedIn } from "./vouched.ts";
import { witnessedBy } from "./witnessed.ts";

/**
 * Judges a file. `now` in ms since 1970, read once by the caller. `inspect` runs what a layout wants to be looked at; left out, nothing is run
 * and the verdict waits for it. Never throws on what `collectFound` made.
 */
export function judge(
  artifact: Artifact,
  found: Findings,
  policy: Policy,
  now: number,
  inspect: Inspect = notAllowed,
): Verdict {
  return withException(weighed(artifact, found, policy, now, inspect), policy, now);
}

function weighed(
  artifact: Artifact,
  found: Findings,
  policy: Policy,
  now: number,
  inspect: Inspect,
): Verdict {
  const { target, inside } = artifact;
  // 1. The file is what it is asked to be.
  if (target !== null && inside !== null && inside.keyHex !== target.keyHex) {
    return withoutRule("misfit", artifact, found, policy, now);
  }
  // 2. A rule is for it: its votes decide, or its layout does.
  const verdicts = rulesFor(policy, target?.purl ?? null, artifact.listed).map((rule) => {
    if (rule === null) return withoutRule("no-rule", artifact, found, policy, now);
    const witnessed = witnessedBy(rule, found, now);
    const feeds = viewFeeds(found, witnessed, now);
    const { layout } = rule;
    if (layout !== null)
      return byLayout({ artifact, layout, rule, policy, found, witnessed, feeds, now, inspect });
    if (target === null) return withoutRule("no-rule", artifact, found, policy, now);
    return byRule({ artifact: { ...artifact, target }, rule, policy, found, witnessed, feeds, now });
  });
  return strictest(verdicts);
}

function notAllowed(): ReturnType<Inspect> {
  return { ran: false, why: "running what a layout says is not allowed here" };
}

function byRule(count: Count): Verdict {
  const { artifact, rule, policy, found, now } = count;
  // 3. One vote a builder.
  const ballots = countVotes(count);
  const backing: Backing = { stated: statementsIn(count), vouched: vouchedIn(count) };
  const agreeing = withVote(ballots, "agrees");
  const dissenting = withVote(ballots, "contradicts");
  // 4. Enough of them, each builder or operator once, and what else has to be there.
  const listed = rule.loggedBy === null || ballots.some(({ lists }) => lists === "yes");
  const quorum = quorumOf(count, backing, agreeing, ballots, listed);
  // 5. What contradictions make of it.
  const forkTookIt = quorum.outcome !== "met" && wouldBeMet(count, backing, ballots);
  const contradiction = contradictionOf(artifact, agreeing, dissenting, forkTookIt);
  const dissent = dissentIn(agreeing.filter(isCounted), dissenting);
  const weighed = weigh(dissent, quorum.outcome, forkTookIt);
  // 6. What may be hidden.
  const isOut = ({ vote, hopeful }: Ballot): boolean => vote.vote === "excluded" && !hopeful;
  const view: Verdict["view"] = ballots.every((ballot) => ballot.vote.view === "complete" || isOut(ballot))
    ? "complete"
    : "partial";
  const verdict =
    weighed === "reproduced" && rule.view === "complete" && view === "partial" ? "pending" : weighed;
  const votes = ballots.map((ballot) => ballot.vote);
  const signed = signedIn(quorum.source, count);
  const standing: Standing = {
    rule,
    verdict,
    quorum,
    signed,
    listed,
    agreeing,
    dissent,
    contradiction,
    view,
  };
  return Object.freeze({
    artifact,
    verdict,
    decision: decideBy(rule, verdict, dissent),
    contradiction,
    problem: null,
    rule: rule.name,
    mode: rule.mode,
    exception: null,
    policy: policy.sha256,
    needed: quorum.needed,
    agreeing: quorum.taken,
    source: quorum.source?.name ?? null,
    ...(rule.source === null || rule.source.stated === null
      ? {}
      : { stated: statedIn(agreeing, backing.stated) }),
    ...(signed === null ? {} : { signed }),
    view,
    votes: Object.freeze(votes),
    reasons: Object.freeze(reasonsFor(standing)),
    next: verdict === "pending" ? nextStep(ballots, standing, now) : null,
    evidence: Object.freeze(evidenceFor(count, ballots, [...found.evidence, ...count.feeds.forks])),
    attestations: attestationsFor(count, ballots, quorum.source),
    asked: found.asked,
    at: now,
  });
}

function withVote(ballots: readonly Ballot[], kind: VoteKind): readonly Ballot[] {
  return ballots.filter(({ vote }) => vote.vote === kind);
}

/** Also of sources that those name who have no seat. */
function statedIn(agreeing: readonly Ballot[], stated: StatedBy): readonly StatedSource[] {
  const sources = sourcesNamed(agreeing).flatMap((name): readonly StatedSource[] => {
    const by = stated(name);
    return by === null ? [] : [Object.freeze({ name, needed: by.needed, taken: by.taken })];
  });
  return Object.freeze(sources);
}

/** Publishers that the rule counts for nothing else have no seat. */
function isCounted({ steps }: Ballot): boolean {
  return steps.length > 0;
}

/** With a feed that has to list the file and does not, it is not enough, and may yet be. */
function quorumOf(
  count: Count,
  backing: Backing,
  agreeing: readonly Ballot[],
  ballots: readonly Ballot[],
  isListed: boolean,
): Quorum {
  const hopeful = ballots.flatMap(({ builder, steps, spoken, vote, hopeful: may }) => {
    const done = vote.vote === "agrees" ? spoken.map(({ step }) => step) : [];
    return may || done.length > 0 ? [{ builder, steps: steps.filter((step) => !done.includes(step)) }] : [];
  });
  const quorum = decide(count.rule, agreeing, hopeful, backing);
  return quorum.outcome === "met" && !isListed ? { ...quorum, outcome: "open" } : quorum;
}

/** RULES R23: a fork makes a contradiction only where its votes would have completed the quorum. */
function wouldBeMet(count: Count, backing: Backing, ballots: readonly Ballot[]): boolean {
  const withFork = ballots.filter(({ vote, lostToFork }) => lostToFork || vote.vote === "agrees");
  const isLost = ballots.some(({ lostToFork, lists }) => lostToFork || lists === "lost");
  const listed = count.rule.loggedBy === null || ballots.some(({ lists }) => lists !== "no");
  return isLost && quorumOf(count, backing, withFork, ballots, listed).outcome === "met";
}

function contradictionOf(
  artifact: Artifact,
  agreeing: readonly Ballot[],
  dissenting: readonly Ballot[],
  forkTookIt: boolean,
): ContradictionKind | null {
  if (dissenting.length === 0) return forkTookIt ? "fork" : null;
  const own = toHex(artifact.sha256);
  const digests = new Set(
    dissenting.flatMap(({ same, dissent }) => [
      ...same.map(() => own),
      ...dissent.map(({ claim }) =>
        claim.kind === "positive" && claim.sha256 !== null ? toHex(claim.sha256) : "unnamed",
      ),
    ]),
  );
  return agreeing.length === 0 && digests.size === 1 ? "file" : "split";
}

function withoutRule(
  problem: Problem,
  artifact: Artifact,
  found: Findings,
  policy: Policy,
  now: number,
): Verdict {
  const { target, inside } = artifact;
  const byDefault = { warn: "warn", refuse: "refuse", ignore: "allow" } as const;
  const [reason, next] =
    problem === "misfit"
      ? [
          `the file says that it is ${inside?.purl ?? ""} (${inside?.file ?? ""}), not ${target?.purl ?? ""} (${target?.file ?? ""})`,
          "get the right file, or name what it really is with --purl",
        ]
      : target === null
        ? ["nothing says what this file is", "name it: --purl pkg:TYPE/NAMESPACE/NAME@VERSION"]
        : [
            `no rule of the policy is for ${target.purl}`,
            "add a rule: samebits policy explain shows those there are",
          ];
  return Object.freeze({
    artifact,
    verdict: "pending",
    decision: problem === "misfit" ? "refuse" : byDefault[policy.default.mode],
    contradiction: null,
    problem,
    rule: null,
    mode: null,
    exception: null,
    policy: policy.sha256,
    needed: 0,
    agreeing: 0,
    source: null,
    view: "partial",
    votes: Object.freeze([]),
    reasons: Object.freeze([reason]),
    next,
    evidence: Object.freeze([]),
    attestations: Object.freeze([]),
    asked: found.asked,
    at: now,
  });
}

/** What was found about the builders counted, and the contradictions among their votes; one proof a matter. */
function evidenceFor(
  { artifact: { target }, rule }: Count,
  ballots: readonly Ballot[],
  found: readonly Evidence[],
): readonly Evidence[] {
  const isAsked = (step: string): boolean => rule.loggedBy !== null || rule.steps.includes(step);
  const keys = new Set(ballots.flatMap(({ builder }) => builder.keys.map(({ raw }) => toHex(raw))));
  const about = found.filter(
    (evidence) =>
      keysOfEvidence(evidence).some((key) => keys.has(toHex(key))) &&
      (!("target" in evidence) || (evidence.target.keyHex === target.keyHex && isAsked(evidence.step))),
  );
  const spoken = ballots.flatMap(({ same, dissent }) =>
    [...dissent, ...same].map(({ verified }) => verified),
  );
  const proofs = ballots
    .flatMap(({ dissent }) => dissent.map(({ verified }) => firstProof(verified, spoken, target)))
    .filter((proof) => proof !== null);
  return oneProofEach([...about, ...proofs]);
}

/** One proof a dissenting claim: rather of a contradiction than of a difference that may explain itself. */
function firstProof(dissent: Verified, spoken: readonly Verified[], target: Target): Evidence | null {
  const proofs = spoken
    .map((other) => proveContradiction(dissent, other, target.key, []))
    .filter((proof) => proof !== null);
  return proofs.find(({ difference }) => !difference) ?? proofs[0] ?? null;
}
