/** One vote a builder (RULES R19), over the live claims of all its keys. */
import { LEGACY_LINK } from "../attestation/index.ts";
import { compareCodePoints, toHex } from "../bytes/index.ts";
import { keyIdPlain, sha256Hex } from "../crypto/index.ts";
import { isDifference } from "../evidence/index.ts";
import { buildersOf, isPublisher, ON_CONTRADICTION, ON_DIFFERENCE, wordFor } from "../policy/index.ts";
import type { Builder } from "../policy/index.ts";
import { isBelowForks, isLogged } from "./carried.ts";
import { openDossier } from "./dossier.ts";
import type { Count, Dossier } from "./dossier.ts";
import { isFreshFor } from "./feeds.ts";
import type { Heard } from "./heard.ts";
import { isInOwnFeed, listingOf } from "./listed.ts";
import type { Listing } from "./listed.ts";
import { echoOf } from "./quorum.ts";
import type { Spoken } from "./quorum.ts";
import { revocationOf } from "./revoked.ts";
import { sourcesOf } from "./source.ts";
import type { Artifact, Vote, VoteKind } from "./types.ts";
import { usableTime } from "./usable-time.ts";
import { hasSpoken, words } from "./words.ts";

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
  /** Hex SHA-256 of the imported link that is all its support: whoever else signed the same one is no second voice. */
  readonly echo: string | null;
}

/** The votes of all builders that the rule counts, in the policy's order. */
export function countVotes(count: Count): readonly Ballot[] {
  const { artifact, rule, policy } = count;
  const dossiers = buildersOf(rule, policy).map((builder) => openDossier(builder, count));
  const agreeing = dossiers.flatMap(({ fork, heard, steps }) =>
    fork === null && steps.length > 0 ? live(heard, "same") : [],
  );
  const ballots = dossiers.map((dossier) => ballotOf(dossier, agreeing, count));
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

function ballotOf(dossier: Dossier, agreeing: readonly Heard[], count: Count): Ballot {
  const { builder, fork } = dossier;
  const heard =
    fork === null ? dossier.heard : dossier.heard.filter((one) => isBelowForks(one, fork, dossier.all));
  const same = live(heard, "same");
  const other = live(heard, "other");
  const dissent =
    wordFor(count.rule.onDifference, builder, ON_DIFFERENCE) === "contradict"
      ? other
      : other.filter((one) => !isDrift(one, agreeing));
  const logged = same.filter((one) => isCarried(one, dossier, count));
  const usable = logged.filter((one) => isUsable(one, dossier, count));
  const traced = usable.filter((one) => count.rule.source === null || sourcesOf(one.claim).length > 0);
  const ballot = (vote: VoteKind, shown: Heard | undefined, forkCost = false): Ballot => ({
    builder,
    steps: dossier.steps,
    spoken: (forkCost ? wouldAgree(dossier, count) : traced).map(spokenIn),
    lists: listingIn(dossier, count),
    weight: wordFor(count.rule.onContradiction, builder, ON_CONTRADICTION),
    heard: dossier.heard,
    vote: writeVote(vote, shown, dossier, count),
    same: vote === "excluded" ? [] : same,
    dissent: vote === "contradicts" ? dissent : [],
    hopeful: vote === "excluded" ? fork === null : HOPEFUL.has(vote),
    lostToFork: forkCost,
    echo: vote === "agrees" ? echoOf(traced.map(spokenIn)) : null,
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

/** What the rule asks of a feed that carries a claim: that there is one (of a publisher, its own), and that enough witnesses saw it there, long enough ago. */
function isCarried(one: Heard, dossier: Dossier, count: Count): boolean {
  const { rule, found, witnessed } = count;
  if (dossier.steps.length === 0 && !isInOwnFeed(one, dossier, count)) return false;
  return (!rule.logged || isLogged(one, dossier.all, found.evidence)) && (witnessed?.isSeen(one) ?? true);
}

function listingIn(dossier: Dossier, count: Count): Listing {
  return listingOf(
    dossier,
    count,
    (one) => isUsable(one, dossier, count) && (count.witnessed?.isSeen(one) ?? true),
  );
}

/** rebuilderd's instance counter-signs whatever its workers upload: one link under two keys is one result. */
function spokenIn({ verified, claim }: Heard): Spoken {
  const isLink = verified.predicateType === LEGACY_LINK;
  return {
    step: claim.step,
    sources: new Set(sourcesOf(claim)),
    link: isLink ? sha256Hex(verified.signedBytes) : null,
  };
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
      (count.rule.source === null || sourcesOf(one.claim).length > 0) &&
      (count.witnessed?.isSeen(one) ?? true),
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

/** Young enough in both ways that the rule may demand. Age takes away agreement, never dissent. */
function isUsable({ claim, carried }: Heard, dossier: Dossier, { rule, now }: Count): boolean {
  const stated = usableTime(claim.time, now);
  const isYoung =
    rule.maxAttestationAgeMs === null || (stated !== null && now - stated <= rule.maxAttestationAgeMs);
  const feeds = [...carried.map(({ head }) => dossier.all.views.get(head.origin)), ...dossier.feeds];
  return isYoung && (rule.maxHeadAgeMs === null || feeds.some((feed) => isFreshFor(rule, feed, now)));
}

function live(heard: readonly Heard[], relation: Heard["relation"]): readonly Heard[] {
  return heard.filter((one) => one.retracted === null && one.relation === relation);
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
  return { ...ballot, echo: null, lists: "no", weight, vote };
}

function writeVote(vote: VoteKind, shown: Heard | undefined, dossier: Dossier, count: Count): Vote {
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
    reason: words(vote, shown, dossier, count),
    ...(isAnybodys ? revokedAs(builder, shown, count.now) : {}),
    ...(hasSpoken(vote) ? {} : successorOf(dossier)),
  });
}

function revokedAs(builder: Builder, { verified }: Heard, now: number): Pick<Vote, "revoked"> {
  const revocation = revocationOf(builder, verified.signer, now);
  return revocation === null ? {} : { revoked: revocation.atMs };
}

/** What only some rules ask: in which steps it agrees, whether its own feed lists the file, and from which source it built. */
function askedOf(vote: VoteKind, dossier: Dossier, count: Count): Pick<Vote, "steps" | "lists" | "sources"> {
  const { rule } = count;
  const same = vote === "agrees" ? live(dossier.heard, "same").map(({ claim }) => claim) : [];
  const steps = new Set(same.map(({ step }) => step));
  return {
    ...(rule.steps.length > 1 ? { steps: Object.freeze(rule.steps.filter((step) => steps.has(step))) } : {}),
    ...(isPublisher(rule, dossier.builder) ? { lists: listingIn(dossier, count) === "yes" } : {}),
    ...(rule.source === null
      ? {}
      : { sources: Object.freeze([...new Set(same.flatMap(sourcesOf))].toSorted(compareCodePoints)) }),
  };
}

function successorOf({ ending }: Dossier): Pick<Vote, "successor"> {
  const successor = ending?.successor ?? null;
  return successor === null ? {} : { successor };
}
