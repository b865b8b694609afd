/** Why a builder votes as it does, in words. */
import { madeFrom } from "../attestation/index.ts";
import type { Claim } from "../attestation/index.ts";
import { counted, toHex } from "../bytes/index.ts";
import { FRESH_HEAD_MS } from "../limits.ts";
import { keyIdPlain } from "../crypto/index.ts";
import { isPublisher, writeAge } from "../policy/index.ts";
import type { Rule } from "../policy/index.ts";
import type { Count, Dossier } from "./dossier.ts";
import type { Heard } from "./heard.ts";
import { untraced } from "./named.ts";
import { revocationOf } from "./revoked.ts";
import type { VoteKind, Witnessing } from "./types.ts";
import { when } from "./when.ts";

/** The reason of a vote; null where the vote says it all. */
export function words(
  vote: VoteKind,
  shown: Heard | undefined,
  dossier: Dossier,
  count: Count,
): string | null {
  const why = whyOf(vote, shown, dossier, count);
  return why === null || hasSpoken(vote) ? why : `${why}${ending(dossier)}`;
}

/** What it says of the file is known: how its feed goes on does not matter here. */
export function hasSpoken(vote: VoteKind): boolean {
  return vote === "agrees" || vote === "contradicts" || vote === "differs";
}

/** That nothing more comes from its feed: a hint, which counts for nothing. */
function ending({ ending: end }: Dossier): string {
  if (end === null) return "";
  const { successor, reason } = end;
  const after =
    successor === null ? "" : `, and names ${successor} as its successor, which the policy does not list`;
  return `; its key says that its feed has ended${quoted(reason)}${after}`;
}

function whyOf(vote: VoteKind, shown: Heard | undefined, dossier: Dossier, count: Count): string | null {
  const { unformed } = dossier;
  if (unformed !== null && UNHEARD.has(vote)) return formless(unformed);
  switch (vote) {
    case "agrees":
      return null;
    case "contradicts":
      return dissent(shown, count);
    case "differs":
      return drift(dossier);
    case "failed":
      return failure(shown);
    case "absent":
      return `${missing(dossier, count)} (its feed is complete to ${lastHeard(dossier, count.now) ?? "now"})${besides(dossier, count)}`;
    case "silent":
      return silence(dossier, count);
    case "unasked":
      return "nobody could be asked about it";
    case "stale":
      return staleness(dossier, count);
    case "excluded":
      return exclusion(shown, dossier, count);
  }
}

/** It said nothing of the file itself. */
export const UNHEARD: ReadonlySet<VoteKind> = new Set(["absent", "silent", "unasked"]);

function formless({ sha256, file }: Claim): string {
  const got = sha256 === null ? "another file" : `${toHex(sha256).slice(0, 8)}…`;
  return `it got ${got} as ${shown(file)}, whose normal form is not known`;
}

/** What it has not done. */
function missing({ steps }: Dossier, { rule }: Count): string {
  if (steps.length === 0) return "it does not list it";
  if (rule.steps.length === 1 && rule.before === null) return "it has not built it";
  return `it has not done ${steps.map((step) => `"${shown(step)}"`).join(" or ")}`;
}

function dissent(shown: Heard | undefined, { rule }: Count): string {
  if (shown?.relation === "same") return otherOrigin(shown, rule);
  const sha256 = shown?.claim.sha256;
  if (shown?.claim.kind === "differs") return `it could not reproduce this file${quoted(shown.claim.reason)}`;
  return sha256 === null || sha256 === undefined
    ? "it got another file"
    : `it got ${toHex(sha256).slice(0, 8)}…${quoted(shown?.claim.reason ?? null)}`;
}

/** Of what it was made from, so much as is shown. */
const INPUTS_SHOWN = 3;

function otherOrigin({ verified }: Heard, { before }: Rule): string {
  const inputs = madeFrom(verified);
  const some = inputs
    .slice(0, INPUTS_SHOWN)
    .map(({ name, sha256 }) => `${shown(name === "" ? "a file" : name)} ${sha256.slice(0, 8)}…`);
  const more = inputs.length > some.length ? ` and ${counted(inputs.length - some.length, "other")}` : "";
  return `it got this file from ${some.join(", ")}${more}, which is not what the step "${stepBefore(before)}" gave`;
}

function stepBefore(before: Rule["before"]): string {
  return before?.rule.steps[0] ?? "";
}

/** A builder that got this file too in one environment has shown that the environment matters. */
function drift({ heard }: Dossier): string {
  const also = heard.some(({ relation, retracted }) => relation === "same" && retracted === null);
  return `it got ${also ? "this file, and " : ""}another file from other inputs, or in another build environment`;
}

function failure(shown: Heard | undefined): string {
  const compared =
    shown?.claim.kind === "differs" ? "it compared with another file than this one" : "it could not build it";
  return `${compared}${quoted(shown?.claim.reason ?? null)}`;
}

function silence(dossier: Dossier, count: Count): string {
  const { settled } = count.found;
  const unsettled = settled !== "all" && !settled.has(dossier.builder.name);
  return `${heardOf(dossier, count.now)}${unsettled ? "; no answer before the deadline" : ""}${besides(dossier, count)}`;
}

/** What was heard of a builder without a claim on this package. */
function heardOf(dossier: Dossier, now: number): string {
  const { elsewhere, feeds } = dossier;
  const since = lastHeard(dossier, now);
  if (since === null && elsewhere === null) return "not heard of here";
  const none = elsewhere === null ? "no claim of it was found" : "no claim on this package was found";
  if (since === null) return none;
  if (feeds.some((feed) => feed?.forked === true))
    return `${none} (its feed forked: another branch may have one)`;
  const isFresh = feeds.every(
    (feed) => feed !== undefined && feed.time !== null && now - feed.time <= FRESH_HEAD_MS,
  );
  return isFresh ? `${none} (its feed, heard ${since}, is not held in full)` : `not heard since ${since}`;
}

/** The same octets as another package, under a name that is bound to none, or in another step: shown, never counted (RULES R4). */
function besides({ elsewhere, steps }: Dossier, { artifact }: Count): string {
  if (elsewhere === null) return "";
  const { target, file, step } = elsewhere;
  const isIt = target?.keyHex === artifact.target.keyHex;
  const as = isIt ? "" : ` as ${shown(target?.purl ?? file)}`;
  const inStep = steps.length === 0 || steps.includes(step) ? "" : ` in the step "${shown(step)}"`;
  return `; it got this file${as}${inStep}, which is no vote`;
}

function staleness(dossier: Dossier, { rule, now }: Count): string {
  const { shrunk } = dossier;
  if (shrunk?.shown === 0)
    return `its feed is not shown; ${counted(shrunk.seen, "entry was", "entries were")} seen before`;
  if (shrunk !== null)
    return `its feed is shown with ${shrunk.shown} of the ${shrunk.seen} entries seen before`;
  const since = lastHeard(dossier, now);
  const ages = [
    rule.maxHeadAgeMs === null ? "" : `heads of ${writeAge(rule.maxHeadAgeMs)} at most`,
    rule.maxAttestationAgeMs === null ? "" : `claims of ${writeAge(rule.maxAttestationAgeMs)} at most`,
  ].filter((age) => age !== "");
  return `it agrees, but too long ago: the rule takes ${ages.join(" and ")}${since === null ? "" : `, last heard ${since}`}`;
}

function exclusion(shown: Heard | undefined, dossier: Dossier, count: Count): string {
  if (dossier.fork === "rewritten") return "its feed has another history than the one seen here before";
  if (dossier.fork !== null) return "its feed forked: it signed two histories that can't both be true";
  if (shown !== undefined && dossier.revoked.includes(shown)) return anybodys(shown, dossier, count);
  if (shown?.retracted === null) return uncounted(shown, dossier, count);
  return `it took its claim back${quoted(shown?.retracted ?? null)}`;
}

/** It agrees, and not as the rule asks. */
function uncounted(shown: Heard, dossier: Dossier, count: Count): string {
  const { rule, origin } = count;
  const isSaid = dossier.steps.length === 0 || origin === undefined || origin(shown.verified) === "given";
  const unmade = `its claim does not say that it was made from what the step "${stepBefore(rule.before)}" gave`;
  const lacking = untraced(shown.claim, rule) ?? (isSaid ? null : unmade);
  const unproven =
    dossier.steps.length === 0 && isPublisher(rule, dossier.builder)
      ? "it names this file, but no feed of its own is proven to carry that"
      : "it agrees, but no feed is proven to carry its claim";
  return (
    unseen(shown, count) ??
    (lacking === null || (rule.logged && shown.carried.length === 0) ? unproven : `it agrees, but ${lacking}`)
  );
}

/** A key that is revoked signed it, and it may have been anybody. */
function anybodys({ verified }: Heard, { builder }: Dossier, { now }: Count): string {
  const revocation = revocationOf(builder, verified.signer, now);
  if (revocation === null) return "a key that is revoked signed it";
  const key = `its key ${keyIdPlain(revocation.key).slice(0, 8)}… is revoked as of ${when(revocation.atMs, now)}`;
  const { witnesses } = revocation;
  return witnesses === null
    ? `${key}, and the policy names no witness who could tell what it signed before`
    : `${key}, and ${witnesses.k} of ${witnesses.of.map(({ name }) => name).join(", ")} are not proven to have seen this claim in a feed before`;
}

/** Enough witnesses have seen the claim, but not so long ago as the rule asks; null where it asks for nothing. */
function tooNew({ saw, count, needed, since = null }: Witnessing, rule: Rule, now: number): string | null {
  if (rule.loggedForMs === null || since === null || since <= now - rule.loggedForMs) return null;
  return `it agrees, but its claim was seen in a feed by ${count} of ${needed} needed witnesses (${saw.join(", ")}) since ${when(since, now)} only, and the rule asks for ${writeAge(rule.loggedForMs)}`;
}

/** Which witnesses have seen the claim and which have not, or not for long; null where enough have, or no feed carries it that they could have seen. */
function unseen(shown: Heard, { rule, witnessed, now }: Count): string | null {
  const seen = witnessed?.whoSaw(shown) ?? null;
  if (rule.witnesses === null || seen === null || shown.carried.length === 0) return null;
  if (seen.count >= seen.needed) return tooNew(seen, rule, now);
  const missing = rule.witnesses.of.map(({ name }) => name).filter((name) => !seen.saw.includes(name));
  const by = seen.saw.length === 0 ? "" : ` (${seen.saw.join(", ")})`;
  return `it agrees, but ${seen.count} of ${seen.needed} needed witnesses saw its claim in a feed${by}; not yet ${missing.join(", ")}`;
}

/** When the quietest of its feeds was last heard, or null where one never was. */
function lastHeard(dossier: Dossier, now: number): string | null {
  const times = dossier.feeds.map((feed) => feed?.time ?? null);
  const known = times.filter((time) => time !== null);
  return known.length === 0 || known.length < times.length ? null : when(Math.min(...known), now);
}

/** Words of strangers: cut, without control characters. */
function quoted(text: string | null): string {
  if (text === null || text === "") return "";
  return `: "${shown(text)}"`;
}

function shown(text: string): string {
  return text.replace(/\p{C}/gu, " ").slice(0, 120).toWellFormed();
}
