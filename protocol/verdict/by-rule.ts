/** The verdict by a rule's votes; the steps are numbered as in protocol/spec/verdict.md. */
import { compareCodePoints, toHex } from "../bytes/index.ts";
import type { Target, Verified } from "../attestation/index.ts";
import { keyName } from "../crypto/index.ts";
import { keysOfEvidence, proveContradiction } from "../evidence/index.ts";
import type { Evidence } from "../evidence/index.ts";
import { MAX_PROVEN_EACH } from "../limits.ts";
import { isHeardIn } from "../policy/index.ts";
import { sourcesNamed } from "./named.ts";
import { attestationsFor } from "./used.ts";
import { nextStep } from "./next.ts";
import { oneProofEach } from "./proofs.ts";
import { decide } from "./quorum.ts";
import type { Backing, Quorum } from "./quorum.ts";
import { reasonsFor } from "./reasons.ts";
import type { Standing } from "./reasons.ts";
import type { Artifact, ContradictionKind, StatedSource, Verdict, VoteKind } from "./types.ts";
import type { Count } from "./dossier.ts";
import type { Heard } from "./heard.ts";
import { statementsIn } from "./source.ts";
import type { StatedBy } from "./source.ts";
import { countVotes } from "./votes.ts";
import type { Ballot } from "./votes.ts";
import { signedIn, vouchedIn } from "./vouched.ts";
import { decideBy, dissentIn, weigh } from "./weigh.ts";

/** A verdict, and the votes that it rests on. */
export interface Counted {
  readonly verdict: Verdict;
  readonly ballots: readonly Ballot[];
}

export function byRule(count: Count): Counted {
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
    isFromOthers: dissenting.every(
      ({ dissent: claims }) => claims.length > 0 && claims.every(({ relation }) => relation === "same"),
    ),
    view,
  };
  const counted: Verdict = Object.freeze({
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
  return { verdict: counted, ballots };
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
  // Who got this very file from something else disagrees about that.
  return agreeing.length === 0 && digests.size === 1 && !digests.has(own) ? "file" : "split";
}

/** What was found about the builders counted, and the contradictions among their votes; one proof a matter. */
function evidenceFor(
  { artifact, rule }: Count,
  ballots: readonly Ballot[],
  found: readonly Evidence[],
): readonly Evidence[] {
  const { target, alias } = artifact;
  // That results differ under another name matters where that is what contradicts.
  const isByAlias = ballots.some(({ dissent }) =>
    dissent.some(({ claim }) => claim.target !== null && claim.target.keyHex === alias?.target.keyHex),
  );
  const targets = [target, ...(alias !== undefined && isByAlias ? [alias.target] : [])];
  const isAsked = (step: string): boolean =>
    (rule.loggedBy !== null && isHeardIn(rule, step)) || rule.steps.includes(step);
  const keys = new Set(ballots.flatMap(({ builder }) => builder.keys.map(({ raw }) => toHex(raw))));
  const about = found.filter(
    (evidence) =>
      keysOfEvidence(evidence).some((key) => keys.has(toHex(key))) &&
      (!("target" in evidence) ||
        (targets.some(({ keyHex }) => keyHex === evidence.target.keyHex) && isAsked(evidence.step))),
  );
  const dissents = firstOfEach(ballots.flatMap(({ dissent }) => dissent));
  const spoken = [...dissents, ...firstOfEach(ballots.flatMap(({ same }) => same))];
  const proofs = dissents
    .map((verified) => firstProof(verified, spoken, targets))
    .filter((proof) => proof !== null);
  return oneProofEach([...about, ...proofs]);
}

/** The first attestations of each key, by claim id: each may be about the file many times, and each pair of them is tried. */
function firstOfEach(heard: readonly Heard[]): readonly Verified[] {
  const byKey = Map.groupBy(
    new Map(heard.map(({ verified }) => [verified.id, verified])).values(),
    ({ signer }) => keyName(signer),
  );
  return [...byKey.values()].flatMap((some) =>
    some.toSorted((a, b) => compareCodePoints(a.id, b.id)).slice(0, MAX_PROVEN_EACH),
  );
}

/** One proof a dissenting claim: rather of a contradiction than of a difference that may explain itself. */
function firstProof(
  dissent: Verified,
  spoken: readonly Verified[],
  targets: readonly Target[],
): Evidence | null {
  const proofs = spoken
    .flatMap((other) => targets.map(({ key }) => proveContradiction(dissent, other, key, [])))
    .filter((proof) => proof !== null);
  return proofs.find(({ difference }) => !difference) ?? proofs[0] ?? null;
}
