/** One vote a builder (RULES R19), over the live claims of all its keys. */
import { toHex } from "../bytes/index.ts";
import { keyIdPlain } from "../crypto/index.ts";
import { isDifference } from "../evidence/index.ts";
import { buildersOf, isPublisher, ON_CONTRADICTION, ON_DIFFERENCE, wordFor } from "../policy/index.ts";
import type { Builder } from "../policy/index.ts";
import { isWitnessed } from "./demands.ts";
import { openDossier } from "./dossier.ts";
import type { Count, Dossier } from "./dossier.ts";
import type { Heard } from "./heard.ts";
import { listingOf } from "./listed.ts";
import type { Listing } from "./listed.ts";
import { namedIn, sourcesOf } from "./named.ts";
import { revocationOf } from "./revoked.ts";
import { isTraced, isUsable, live, originOf, testimonyOf } from "./testimony.ts";
import type { Testimony } from "./testimony.ts";
import type { Artifact, Vote, VoteKind } from "./types.ts";
import { linkOf, onlyLinksOf } from "./voices.ts";
import type { Spoken } from "./voices.ts";
import { hasSpoken, UNHEARD, words } from "./words.ts";

export type Weight = (typeof ON_CONTRADICTION)[number];

/** A vote and what it rests on. */
export interface Ballot {
  readonly builder: Builder;
  /** In which the rule counts it; empty = it is heard as a publisher only. */
  readonly steps: readonly string[];
  readonly vote: Vote;
  /** The claims with which it agrees, or would without its fork: in which steps, and from which sources. */
  readonly spoken: readonly Spoken[];
  /** Whether a feed of its own lists the file; `no` also where the rule does not ask it to. */
  readonly lists: Listing;
  /** What it does where it contradicts. */
  readonly weight: Weight;
  /** All that it said of the file. */
  readonly heard: readonly Heard[];
  /** Claims that give this dossier, of builders that were not excluded. */
  readonly same: readonly Heard[];
  /** Claims that contradict it, where the vote is `contradicts`. */
  readonly dissent: readonly Heard[];
  /** It does not agree, and another claim of it could change that. */
  readonly hopeful: boolean;
  /** Excluded by a fork alone: without it, it would agree. */
  readonly lostToFork: boolean;
  /** The live claims of one that is counted which give this very file, and those of them with which it agrees. */
  readonly gives: readonly Heard[];
  readonly counts: readonly Heard[];
  /** It would agree, did it say from which source. */
  readonly untraced: boolean;
  /** It would agree, did it say that it was made from what the step before gave. */
  readonly unmade: boolean;
  /** It says nothing of the file, and has a result of which nobody knows whether it is the file before it was signed. */
  readonly unformed: boolean;
  /** A feed in which its claims would stand has forked: nobody holds that in full. */
  readonly inForked: boolean;
  /** Hex SHA-256 of the imported links that are all its support: by each of them only one of its signers speaks. */
  readonly links: readonly string[];
}

/** The votes of all builders that the rule counts, in the policy's order. */
export function countVotes(count: Count): readonly Ballot[] {
  const { artifact, rule, policy } = count;
  const dossiers = buildersOf(rule, policy).map((builder) => openDossier(builder, count));
  const all = dossiers.map((dossier) => ({ dossier, testimony: testimonyOf(dossier, count) }));
  const agreeing = all.flatMap(({ dossier, testimony }) =>
    dossier.steps.length > 0 && !testimony.isOut ? testimony.same : [],
  );
  const ballots = all.map(({ dossier, testimony }) => ballotOf(dossier, testimony, agreeing, count));
  const dissenting = Map.groupBy(
    ballots.filter(({ vote }) => vote.vote === "contradicts"),
    ({ builder }) => builder.operator,
  );
  return ballots.map((ballot) =>
    withOperator(ballot, strictestOf(dissenting.get(ballot.builder.operator) ?? []), artifact),
  );
}

/** Votes that may yet become `agrees`; also `excluded`, where the builder only took a claim back, or no feed carries it. */
const HOPEFUL: ReadonlySet<VoteKind> = new Set(["differs", "failed", "absent", "silent", "unasked", "stale"]);

function ballotOf(
  dossier: Dossier,
  { heard, other, same, logged, usable, sourced, traced }: Testimony,
  agreeing: readonly Heard[],
  count: Count,
): Ballot {
  const { builder, fork } = dossier;
  const dissent = [
    ...(wordFor(count.rule.onDifference, builder, ON_DIFFERENCE) === "contradict"
      ? other
      : other.filter((one) => !isDrift(one, agreeing))),
    // The same file, made from another one: however old that word is, and wherever it stands.
    ...same.filter((one) => originOf(one, dossier, count) === "other"),
  ];
  const isUntraced = usable.length > 0 && sourced.length === 0;
  const ballot = (vote: VoteKind, shown: Heard | undefined, forkCost = false): Ballot => ({
    builder,
    steps: dossier.steps,
    spoken: (forkCost ? wouldAgree(dossier, count) : traced).map(spokenIn),
    lists: listingIn(dossier, count),
    weight: wordFor(count.rule.onContradiction, builder, ON_CONTRADICTION),
    heard: dossier.heard,
    vote: writeVote(vote, shown, { dossier, spoken: vote === "agrees" ? traced : [] }, count),
    same: vote === "excluded" ? [] : same,
    gives: dossier.steps.length === 0 ? [] : same,
    counts: vote === "agrees" && dossier.steps.length > 0 ? traced : [],
    dissent: vote === "contradicts" ? dissent : [],
    hopeful: vote === "excluded" ? fork === null : HOPEFUL.has(vote),
    lostToFork: forkCost,
    untraced: vote === "excluded" && isUntraced,
    unmade: vote === "excluded" && sourced.length > 0 && traced.length === 0,
    unformed: dossier.unformed !== null && UNHEARD.has(vote),
    inForked: dossier.feeds.some((feed) => feed?.forked === true),
    links: vote === "agrees" ? onlyLinksOf(traced.map(spokenIn)) : [],
  });
  // All positive claims must be equal to agree: one that drifted is neither for nor against.
  if (dissent.length > 0) return ballot("contradicts", dissent[0]);
  if (fork !== null && same.length + other.length === 0) {
    return ballot("excluded", dossier.heard[0], wouldAgree(dossier, count).length > 0);
  }
  if (other.length > 0) return ballot("differs", other[0]);
  if (same.length > 0 && logged.length === 0) return ballot("excluded", best(same));
  if (same.length > 0) {
    if (usable.length === 0 || dossier.shrunk !== null) return ballot("stale", best(same));
    const isAsked = dossier.steps.length === 0 || traced.length > 0;
    return isAsked ? ballot("agrees", best(traced) ?? best(usable)) : ballot("excluded", best(usable));
  }
  if (dossier.shrunk !== null) return ballot("stale", undefined);
  const failed = live(heard, "failed");
  if (failed.length > 0) return ballot("failed", failed[0]);
  if (heard.length > 0) return ballot("excluded", heard[0]);
  if (dossier.revoked.length > 0) return ballot("excluded", dossier.revoked[0]);
  return ballot(silence(dossier, count), undefined);
}

function listingIn(dossier: Dossier, count: Count): Listing {
  return listingOf(dossier, count, (one) => isUsable(one, dossier, count) && isWitnessed(one, count));
}

function spokenIn({ verified, claim }: Heard): Spoken {
  const object = claim.git?.sha256 ?? null;
  return { step: claim.step, sources: new Set(sourcesOf(claim)), object, link: linkOf(verified) };
}

/** No live claim here: what does that mean? */
function silence(dossier: Dossier, { found }: Count): VoteKind {
  if (dossier.view === "complete") return "absent";
  const { local, mirrors, peers, dht } = found.asked;
  return local + mirrors + peers + dht === 0 && dossier.feeds.every((feed) => feed === undefined)
    ? "unasked"
    : "silent";
}

/** The claims with which it would agree, had its feed not forked. */
function wouldAgree(dossier: Dossier, count: Count): readonly Heard[] {
  if (live(dossier.heard, "other").length > 0) return [];
  return live(dossier.heard, "same").filter(
    (one) =>
      isUsable(one, dossier, count) &&
      (!count.rule.logged || one.carried.length > 0) &&
      isTraced(one, count) &&
      originOf(one, dossier, count) === "given" &&
      isWitnessed(one, count),
  );
}

/**
 * Another result from other inputs, or in another environment, than every claim that agrees with the file in the same step: what goes into
 * a review is not what goes into a build. A signed "this file does not come out" has no result of its own to explain: it contradicts.
 */
function isDrift({ claim }: Heard, agreeing: readonly Heard[]): boolean {
  const alike = agreeing.filter((same) => same.claim.step === claim.step);
  return (
    claim.kind === "positive" && alike.length > 0 && alike.every((same) => isDifference(claim, same.claim))
  );
}

const HOW_ORDER = ["built", "compared", "imported"] as const;

/** The claim to show: built before compared before imported, then the newest. */
function best(heard: readonly Heard[]): Heard | undefined {
  return heard.toSorted(
    (a, b) =>
      HOW_ORDER.indexOf(a.claim.how) - HOW_ORDER.indexOf(b.claim.how) ||
      (b.claim.time ?? 0) - (a.claim.time ?? 0),
  )[0];
}

/** The one whose role makes most of its contradicting. */
function strictestOf(dissenting: readonly Ballot[]): Ballot | undefined {
  return dissenting.toSorted(
    (a, b) => ON_CONTRADICTION.indexOf(a.weight) - ON_CONTRADICTION.indexOf(b.weight),
  )[0];
}

/** An operator with one builder that contradicts contradicts: with what that one's role makes of it. */
function withOperator(ballot: Ballot, dissenter: Ballot | undefined, artifact: Artifact): Ballot {
  if (dissenter === undefined || ballot.vote.vote !== "agrees") return ballot;
  const { builder, weight } = dissenter;
  const reason = `it got ${toHex(artifact.sha256).slice(0, 8)}… as here, but ${builder.name} of the same operator contradicts`;
  const vote = Object.freeze({ ...ballot.vote, vote: "contradicts" as const, reason });
  return { ...ballot, links: [], lists: "no", counts: [], weight, vote };
}

/** `spoken`: with what it agrees. */
function writeVote(
  vote: VoteKind,
  shown: Heard | undefined,
  { dossier, spoken }: { readonly dossier: Dossier; readonly spoken: readonly Heard[] },
  count: Count,
): Vote {
  const { builder, view } = dossier;
  const [key] = builder.keys;
  const signer = shown?.verified.signer ?? key;
  const isAnybodys = shown !== undefined && dossier.revoked.includes(shown);
  return Object.freeze({
    builder: builder.name,
    operator: builder.operator,
    role: builder.roles[0] ?? null,
    keyid: signer === undefined ? "" : keyIdPlain(signer),
    vote,
    sha256:
      shown?.claim.kind === "positive" && shown.claim.sha256 !== null ? toHex(shown.claim.sha256) : null,
    how: shown?.claim.how ?? null,
    time: shown?.claim.time ?? null,
    feed: shown?.carried[0]?.head.origin ?? null,
    index: shown?.carried[0]?.index ?? null,
    view,
    witnesses: shown?.relation === "same" && !isAnybodys ? (count.witnessed?.whoSaw(shown) ?? null) : null,
    ...askedOf(vote, dossier, count),
    ...(count.rule.source === null ? {} : { sources: Object.freeze(namedIn(spoken.map(spokenIn))) }),
    reason: words(vote, shown, dossier, count),
    ...(isAnybodys ? revokedAs(builder, shown, count.now) : {}),
    ...(hasSpoken(vote) ? {} : successorOf(dossier)),
  });
}

function revokedAs(builder: Builder, { verified }: Heard, now: number): Pick<Vote, "revoked"> {
  const revocation = revocationOf(builder, verified.signer, now);
  return revocation === null ? {} : { revoked: revocation.atMs };
}

/** What only some rules ask: in which steps it agrees, and whether its own feed lists the file. */
function askedOf(vote: VoteKind, dossier: Dossier, count: Count): Pick<Vote, "steps" | "lists"> {
  const { rule } = count;
  const same = vote === "agrees" ? live(dossier.heard, "same") : [];
  const steps = new Set(same.map(({ claim }) => claim.step));
  return {
    ...(rule.steps.length > 1 ? { steps: Object.freeze(rule.steps.filter((step) => steps.has(step))) } : {}),
    ...(isPublisher(rule, dossier.builder) ? { lists: listingIn(dossier, count) === "yes" } : {}),
  };
}

function successorOf({ ending }: Dossier): Pick<Vote, "successor"> {
  const successor = ending?.successor ?? null;
  return successor === null ? {} : { successor };
}
