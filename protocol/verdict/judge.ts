/**
 * The verdict on one file: a function of the file, the policy, the evidence, the heads and the time (RULES R24). The steps are numbered as
 * in protocol/spec/verdict.md.
 */
import { compareBytes, compareCodePoints, toHex } from "../bytes/index.ts";
import type { Verified, Target } from "../attestation/index.ts";
import { idOfEvidence, keysOfEvidence, proveContradiction, writeEvidence } from "../evidence/index.ts";
import type { Evidence } from "../evidence/index.ts";
import { ruleFor } from "../policy/index.ts";
import type { Policy, Rule } from "../policy/index.ts";
import { withException } from "./excepted.ts";
import { nextStep } from "./next.ts";
import { decide, operatorsOf } from "./quorum.ts";
import type { Outcome, Quorum } from "./quorum.ts";
import type { Artifact, ContradictionKind, Findings, Problem, Verdict, VoteKind } from "./types.ts";
import type { Count } from "./dossier.ts";
import { countVotes } from "./votes.ts";
import { witnessedBy } from "./witnessed.ts";
import type { Ballot } from "./votes.ts";

/** Judges a file. `now` in ms since 1970, read once by the caller. Never throws on what `collectFound` made. */
export function judge(artifact: Artifact, found: Findings, policy: Policy, now: number): Verdict {
  return withException(weighed(artifact, found, policy, now), policy, now);
}

function weighed(artifact: Artifact, found: Findings, policy: Policy, now: number): Verdict {
  const { target, inside } = artifact;
  // 1. The file is what it is asked to be.
  if (target !== null && inside !== null && inside.keyHex !== target.keyHex) {
    return withoutRule("misfit", artifact, found, policy, now);
  }
  // 2. A rule is for it.
  const rule = target === null ? null : ruleFor(policy, target.purl);
  if (target === null || rule === null) return withoutRule("no-rule", artifact, found, policy, now);
  const witnessed = witnessedBy(rule, found, now);
  return byRule({ artifact: { ...artifact, target }, rule, policy, found, witnessed, now });
}

function byRule(count: Count): Verdict {
  const { artifact, rule, policy, found, now } = count;
  // 3. One vote a builder.
  const { ballots, forks } = countVotes(count);
  const agreeing = withVote(ballots, "agrees");
  const dissenting = withVote(ballots, "contradicts");
  // 4. Enough of them, each builder or operator once.
  const hopeful = ballots.filter((ballot) => ballot.hopeful).map(({ builder }) => builder);
  const quorum = decide(rule, agreeing, hopeful);
  // 5. What contradictions make of it.
  const forkTookIt = quorum.outcome !== "met" && wouldBeMet(rule, ballots);
  const contradiction = contradictionOf(artifact, agreeing, dissenting, forkTookIt);
  const weighed = weigh(rule, quorum.outcome, operatorsOf(agreeing), operatorsOf(dissenting), forkTookIt);
  // 6. What may be hidden.
  const isOut = ({ vote, hopeful }: Ballot): boolean => vote.vote === "excluded" && !hopeful;
  const view = ballots.every((ballot) => ballot.vote.view === "complete" || isOut(ballot))
    ? "complete"
    : "partial";
  const verdict =
    weighed === "reproduced" && rule.view === "complete" && view === "partial" ? "pending" : weighed;
  const votes = ballots.map((ballot) => ballot.vote);
  const reasons = reasonsFor(rule, verdict, quorum, contradiction, view);
  return Object.freeze({
    artifact,
    verdict,
    decision: decideBy(rule, verdict, quorum.outcome, dissenting.length > 0),
    contradiction,
    problem: null,
    rule: rule.name,
    mode: rule.mode,
    exception: null,
    policy: policy.sha256,
    needed: quorum.needed,
    agreeing: quorum.taken,
    view,
    votes: Object.freeze(votes),
    reasons: Object.freeze(reasons),
    next: verdict === "pending" ? nextStep(votes, quorum, rule, now) : null,
    evidence: Object.freeze(evidenceFor(count, ballots, [...found.evidence, ...forks])),
    asked: found.asked,
    at: now,
  });
}

function withVote(ballots: readonly Ballot[], kind: VoteKind): readonly Ballot[] {
  return ballots.filter(({ vote }) => vote.vote === kind);
}

/** RULES R23: a fork makes a contradiction only where its votes would have completed the quorum. */
function wouldBeMet(rule: Rule, ballots: readonly Ballot[]): boolean {
  const withFork = ballots.filter(({ vote, lostToFork }) => lostToFork || vote.vote === "agrees");
  return withFork.some(({ lostToFork }) => lostToFork) && decide(rule, withFork, []).outcome === "met";
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

/** Operators on either side are counted where the majority decides: so one more that agrees never makes it worse. */
function weigh(
  rule: Rule,
  outcome: Outcome,
  agreeing: number,
  dissenting: number,
  forkTookIt: boolean,
): Verdict["verdict"] {
  const outweighed = rule.onContradiction === "majority" ? agreeing > dissenting : outcome === "met";
  if (dissenting > 0 && (rule.onContradiction === "refuse" || !outweighed)) return "contradicted";
  if (outcome === "met") return "reproduced";
  return forkTookIt ? "contradicted" : "pending";
}

function decideBy(
  rule: Rule,
  verdict: Verdict["verdict"],
  outcome: Outcome,
  dissent: boolean,
): Verdict["decision"] {
  if (rule.mode === "ignore") return "allow";
  const missing = rule.mode === "warn" ? "warn" : "refuse";
  switch (verdict) {
    case "reproduced":
      return dissent && rule.onContradiction === "warn" ? "warn" : "allow";
    case "contradicted":
      // Dissent that only warns still leaves the votes missing.
      return dissent && rule.onContradiction === "warn" && outcome !== "met" ? missing : "refuse";
    case "pending":
      return missing;
  }
}

function reasonsFor(
  rule: Rule,
  verdict: Verdict["verdict"],
  { outcome, needed, taken }: Quorum,
  contradiction: ContradictionKind | null,
  view: Verdict["view"],
): readonly string[] {
  const reasons: string[] = [];
  if (outcome !== "met") reasons.push(`${taken} of ${needed} needed votes agree`);
  if (outcome === "lost" && verdict === "pending")
    reasons.push("not even with all builders that may still answer can it be enough");
  if (contradiction === "file") reasons.push("builders agree with each other, not with this file");
  if (contradiction === "split") reasons.push("builders got different files");
  if (contradiction === "fork")
    reasons.push("with the votes of a builder whose feed forked it would be enough");
  if (contradiction !== null && verdict === "reproduced") {
    reasons.push(
      rule.onContradiction === "majority"
        ? "more agree than contradict"
        : "the rule only warns of contradictions",
    );
  }
  if (verdict === "pending" && outcome === "met")
    reasons.push("enough agree, but the rule demands complete feeds");
  if (view === "partial" && verdict === "reproduced")
    reasons.push("dissent may be hidden: not all feeds are held in full");
  return reasons;
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
    view: "partial",
    votes: Object.freeze([]),
    reasons: Object.freeze([reason]),
    next,
    evidence: Object.freeze([]),
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
  const keys = new Set(ballots.flatMap(({ builder }) => builder.keys.map(({ raw }) => toHex(raw))));
  const about = found.filter(
    (evidence) =>
      keysOfEvidence(evidence).some((key) => keys.has(toHex(key))) &&
      (!("target" in evidence) || (evidence.target.keyHex === target.keyHex && evidence.step === rule.step)),
  );
  const spoken = ballots.flatMap(({ same, dissent }) =>
    [...dissent, ...same].map(({ verified }) => verified),
  );
  const proofs = ballots
    .flatMap(({ dissent }) => dissent.map(({ verified }) => firstProof(verified, spoken, target)))
    .filter((proof) => proof !== null);
  return oneProofEach([...about, ...proofs]);
}

/** Of several proofs of one matter the one whose octets come first: the order in which they were found must not show. */
function oneProofEach(proofs: readonly Evidence[]): readonly Evidence[] {
  const ordered = proofs
    .map((evidence) => ({ evidence, id: idOfEvidence(evidence), bytes: writeEvidence(evidence) }))
    .toSorted((a, b) => compareCodePoints(b.id, a.id) || compareBytes(b.bytes, a.bytes));
  return [...new Map(ordered.map(({ id, evidence }) => [id, evidence])).values()].toReversed();
}

/** One proof a dissenting claim: rather of a contradiction than of a difference that may explain itself. */
function firstProof(dissent: Verified, spoken: readonly Verified[], target: Target): Evidence | null {
  const proofs = spoken
    .map((other) => proveContradiction(dissent, other, target.key, []))
    .filter((proof) => proof !== null);
  return proofs.find(({ difference }) => !difference) ?? proofs[0] ?? null;
}
