/** The one thing to do about a pending verdict. */
import { formatTime } from "../attestation/index.ts";
import { buildersUnder, countedIn } from "../policy/index.ts";
import type { Rule } from "../policy/index.ts";
import { SOURCE_COMMIT, SOURCE_FILE } from "./named.ts";
import { fromOthers, shortOf, sourceOf } from "./reasons.ts";
import type { Standing } from "./reasons.ts";
import { nearestOf } from "./source.ts";
import type { Short } from "./source.ts";
import type { Vote, VoteKind } from "./types.ts";
import type { Ballot } from "./votes.ts";

/** A vote, and of those that are excluded why: too few witnesses saw it, or too lately, its key is revoked, it names no source, or nothing that it was made from; or that the normal form of what it got is not known. */
type Kind = VoteKind | "unseen" | "too new" | "revoked" | "untraced" | "unmade" | "unformed";

/** The step that is most likely to help. */
export function nextStep(ballots: readonly Ballot[], standing: Standing, now: number): string {
  const { quorum, rule } = standing;
  if (quorum.taken === quorum.needed && quorum.outcome === "open") return demandedStep(standing);
  const votes = ballots.map(({ vote }) => vote);
  const named = (kind: Kind): readonly string[] =>
    ballots.filter((ballot) => kindOf(ballot, rule, now) === kind).map(({ builder }) => builder.name);
  if (quorum.outcome === "met") return wholeStep(ballots);
  if (quorum.outcome === "lost")
    return `no vote to come can complete it: see samebits policy explain, rule "${rule.name}"`;
  for (const { builder, successor } of votes)
    if (successor !== undefined)
      return `ask ${builder}, by another way than the mesh, whether ${successor} is its new feed; if it is, list its key in the policy`;
  for (const [kind, step] of whatHelps(rule, votes, now)) {
    const names = named(kind);
    if (names.length > 0) return step(names.join(", "), names.length === 1);
  }
  const source = quorum.source?.name ?? null;
  if (source !== null && (quorum.source?.objects ?? []).length > 0)
    return `compare the object that each has: git cat-file commit ${source.slice(SOURCE_COMMIT.length)} | sha256sum; one of them is not what it seems`;
  const others = quorum.source === null ? [] : fromOthers(standing.agreeing, quorum.source);
  if (quorum.source !== null && others.length > 0)
    return `ask ${others.join(", ")} to build it from ${sourceOf(quorum.source)}`;
  return "verify again later";
}

/** Where the rule demands feeds that are held in full. */
function wholeStep(ballots: readonly Ballot[]): string {
  const partial = ballots.filter(({ vote }) => vote.view === "partial" && vote.vote !== "excluded");
  if (partial.length === 0 || !partial.every(({ inForked }) => inForked))
    return "hold the feeds in full: run samebits node --follow policy, then verify again";
  const names = partial.map(({ builder }) => builder.name).join(", ");
  return `no feed that forked can be held in full: ask ${names} for a new one, and name it in the policy`;
}

/** What to do where some have such a vote, told by their names; what is likeliest to help first. */
function whatHelps(
  rule: Rule,
  votes: readonly Vote[],
  now: number,
): readonly (readonly [Kind, (names: string, one: boolean) => string])[] {
  return [
    [
      "unformed",
      (names) =>
        `bring the file that ${names} got, as --unsigned FILE, or ask ${names} for a new result that says its normal form, as samebits attest does`,
    ],
    [
      "unasked",
      () =>
        "start a node (samebits node), name a peer with --bootstrap or a mirror with --mirror, or bring a bundle with --bundle",
    ],
    ["stale", (names) => `let the feeds of ${names} be heard again: samebits status, then verify again`],
    [
      "silent",
      (names, one) =>
        `verify again later; if ${names} ${one ? "stays silent, ask whoever runs it" : "stay silent, ask whoever runs them"}`,
    ],
    [
      "absent",
      (names, one) =>
        `verify again when ${names} ${one ? "has" : "have"} ${rule.steps.length > 1 || rule.before !== null ? "done it" : "built it"}`,
    ],
    ["failed", (names) => `ask ${names} why it does not build`],
    [
      "unseen",
      (names) =>
        `verify again when more witnesses have cosigned what carries the claim of ${names}: samebits node --follow policy collects it`,
    ],
    [
      "too new",
      () => {
        const times = votes.map((vote) => countsFrom(vote, rule) ?? 0).filter((time) => time > now);
        return `verify again from ${formatTime(Math.min(...times))} on`;
      },
    ],
    [
      "untraced",
      (names) =>
        `ask ${names} for a new result that records its source: samebits attest ${howToRecord(rule)}`,
    ],
    [
      "unmade",
      (names) => `ask ${names} for a new result that names what it was made from: ${attestIn(rule)}`,
    ],
    ["revoked", (names) => `ask ${names} for a new result, signed with a key that is not revoked`],
    [
      "excluded",
      (names) =>
        `ask ${names} for a new result${rule.logged || rule.witnesses !== null ? ", in a feed" : ""}`,
    ],
    ["differs", (names) => `ask ${names} to build it in the recorded environment`],
  ];
}

function attestIn({ steps }: Rule): string {
  return `samebits attest --step ${steps[0] ?? ""} --material FILE`;
}

function kindOf({ vote, untraced, unmade, unformed }: Ballot, rule: Rule, now: number): Kind {
  const { witnesses, index, revoked } = vote;
  if (unformed) return "unformed";
  if (vote.vote !== "excluded") return vote.vote;
  if (revoked !== undefined) return "revoked";
  if (untraced) return "untraced";
  if (unmade) return "unmade";
  if (index === null || witnesses === null) return "excluded";
  if (witnesses.count < witnesses.needed) return "unseen";
  return (countsFrom(vote, rule) ?? now) > now ? "too new" : "excluded";
}

/** When what agrees has been in a feed for as long as the rule asks, in ms since 1970; null where nothing says so. */
function countsFrom({ witnesses }: Vote, { loggedForMs }: Rule): number | null {
  const since = witnesses?.since ?? null;
  return since === null || loggedForMs === null ? null : since + loggedForMs;
}

/** How a result says from which source it is, as the rule asks. */
function howToRecord({ source }: Rule): string {
  const git = source?.git ?? null;
  if (git === null) return `--material FILE${(source?.stated ?? null) === null ? ", or --git REF" : ""}`;
  const { branch, repositories } = git;
  return [
    "--git REF",
    ...(branch === null ? [] : [`--git-branch ${branch}`]),
    ...(repositories.length === 0 ? [] : [`--git-url ${repositories[0] ?? ""}`]),
    ...((source?.stated ?? null) === null ? [] : ["--material FILE.dsc"]),
  ].join(" ");
}

/** Enough agree, and what the rule asks for beside is not there. */
function demandedStep(standing: Standing): string {
  const { rule, quorum, listed, agreeing } = standing;
  const { source } = quorum;
  if (!listed && rule.loggedBy !== null)
    return `verify again when a feed of ${buildersUnder(rule.loggedBy).join(" or ")} lists it: samebits publish, by whoever holds that feed`;
  const stated = source?.stated ?? null;
  if (stated === null || stated.taken === stated.needed) return signatureStep(standing);
  const step = rule.source?.stated?.requirement.step ?? "";
  const name = source?.file ?? source?.name ?? "";
  if (!name.startsWith(SOURCE_FILE))
    return `ask ${builtFrom(agreeing, name).join(", ")} to record the file of the source too, since a commit is signed and not stated: samebits attest --material FILE`;
  const short = nearestOf(stated.short);
  return short === null
    ? `verify again when the source ${shortOf(name)} is stated: samebits attest --step ${step}, by those whom samebits policy explain names`
    : mend(short, step);
}

/** Who may sign what the file was built from. */
function signatureStep({ rule, signed }: Standing): string {
  const git = rule.source?.git ?? null;
  if (git === null || git.signed === null || signed === null) return "verify again later";
  const have = new Set(
    signed.objects
      .flatMap(({ signers, reason }) => (reason === null ? signers : []))
      .map((one) => one.builder),
  );
  const missing = [...countedIn([git.signed.requirement])].filter((name) => !have.has(name));
  const { tags } = signed;
  const what = tags.length === 0 ? "a tag of the commit" : `a tag ${tags.join(" or ")} of the commit`;
  return `verify again when ${missing.join(" or ")} has signed ${what} ${signed.commit} (git tag -s), and anybody who builds it brings that: samebits attest --git TAG`;
}

/** What would make a statement of a source count. */
function mend({ builder, lack, from }: Short, step: string): string {
  switch (lack) {
    case "too new":
      return from === null ? "verify again later" : `verify again from ${formatTime(from)} on`;
    case "unseen":
      return `verify again when more witnesses have cosigned what carries the statement of ${builder}: samebits node --follow policy collects it`;
    case "unlogged":
      return `verify again when the statement of ${builder} stands in a feed: samebits publish, by whoever holds it`;
    case "stale":
      return `let the feeds of ${builder} be heard again: samebits status, then verify again`;
    case "old":
      return `ask ${builder} to state the source again: samebits attest --step ${step}`;
  }
}

/** Who agrees, and names this source. */
function builtFrom(agreeing: readonly Ballot[], source: string): readonly string[] {
  return agreeing
    .filter(({ spoken }) => spoken.some(({ sources }) => sources.has(source)))
    .map(({ builder }) => builder.name);
}
