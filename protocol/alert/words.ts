/** Alerts in plain words: what happened, what it means and what it does not, what to do, and how to check it oneself. */
import { counted } from "../bytes/index.ts";
import type { Policy } from "../policy/index.ts";
import { meaningOf } from "./meaning.ts";
import { pictureOf } from "./picture.ts";
import type { Camp, Picture } from "./picture.ts";
import type { AlertKind } from "./kinds.ts";
import type { BookedAlert } from "./types.ts";
import { isEnded } from "./state.ts";
import { isRevoked, nameOf } from "./who.ts";

/** What words are made of. */
export type Worded = Pick<
  BookedAlert,
  "kind" | "findings" | "signers" | "target" | "difference" | "voices" | "time" | "endedAt"
>;

/** What an alert says. */
export interface AlertWords {
  /** One line, without a full stop. */
  readonly headline: string;
  /** Whole sentences. */
  readonly sentences: readonly string[];
  /** A command line with which anybody checks it; null where there is nothing to check but one's own eyes. */
  readonly check: string | null;
}

/** Digits of a result that are shown: enough to tell a few apart. */
const SHOWN_DIGITS = 8;
/** Names in one sentence. */
const SHOWN_NAMES = 4;

/** By the policy's names, at `now` (ms since 1970). */
export function alertWords(alert: Worded, policy: Policy | null, now: number): AlertWords {
  const picture = pictureOf(alert.voices, policy, now);
  const who = names(alert.signers, policy);
  const ended = isEnded(alert) ? "Over: " : "";
  return {
    headline: `${ended}${headlineOf(alert, picture, who, policy)}`,
    sentences: [
      ...campsInWords(picture, policy),
      ...meaningOf(alert.kind, picture.stance),
      ...differenceInWords(alert),
      ...asides(alert, policy, now),
    ],
    check: checkOf(alert),
  };
}

function headlineOf(
  { kind, target, voices }: Worded,
  picture: Picture,
  who: string,
  policy: Policy | null,
): string {
  const what = target === null ? "a package" : target.file;
  if ((kind === "contradiction" || kind === "disagreement") && voices.length > 0)
    return contradictionLine(what, picture, policy);
  return HEADLINES[kind](who, what);
}

function contradictionLine(what: string, { stance, camps }: Picture, policy: Policy | null): string {
  const [most, other] = camps;
  switch (stance) {
    case "single":
      return `${what} is contradicted no more: what differed was taken back, or does not count`;
    case "pair":
      return `${campNames(most, policy)} and ${campNames(other, policy)} got different bits for ${what}`;
    case "outlier":
      return `${campNames(other, policy)} got other bits for ${what} than ${most?.count ?? 0} builders that agree`;
    case "split":
      return `Builders are split over ${what}: ${camps.map(({ count }) => count).join(" against ")}`;
    case "scattered":
      return `Nobody gets the same bits for ${what}: ${camps.length} builders, ${camps.length} results`;
  }
}

/** `who` = the builders concerned, `what` = the file. */
const HEADLINES: Readonly<Record<AlertKind, (who: string, what: string) => string>> = {
  contradiction: (who, what) => `${who} got different bits for ${what}`,
  disagreement: (who, what) => `${who} got different bits for ${what}`,
  "self-contradiction": (who, what) => `${who} signed two different results for ${what}`,
  fork: (who) => `The feed of ${who} has two histories`,
  "bad-leaf": (who) => `The feed of ${who} holds a broken entry of its own`,
  withheld: (who) => `The feed of ${who} shows entries that nobody hands out`,
  silent: (who) => `Nothing is heard of the feed of ${who}`,
  stale: (who) => `The feed of ${who} is heard of, but says nothing new`,
  rollback: (who) => `An older state of ${who} was shown as the newest`,
  "own-elsewhere": () => "Your own feed was seen elsewhere in a state that is not yours",
  refuted: (who) => `Somebody accuses ${who} with a proof that does not hold`,
  unreproduced: (_, what) => `Nobody has rebuilt ${what} in time`,
  "unexpected-release": (_, what) => `${what} was published with no signed release behind it`,
  "unknown-key": (who, what) => `${who}, whom your policy does not name, signed for ${what}`,
  "revoked-key": (who) => `A revoked key of ${who} still signs`,
  "removed-key": (who) => `Your trust domain has removed a key of ${who}`,
};

function campsInWords({ camps }: Picture, policy: Policy | null): readonly string[] {
  return camps.map((camp) => `${campNames(camp, policy)} got ${camp.sha256.slice(0, SHOWN_DIGITS)}….`);
}

function campNames(camp: Camp | undefined, policy: Policy | null): string {
  return camp === undefined ? "nobody" : names(camp.signers, policy);
}

/** `alice, bob and 3 more`. */
function names(signers: readonly string[], policy: Policy | null): string {
  const all = [...new Set(signers.map((signer) => nameOf(policy, signer)))];
  const more = all.length - SHOWN_NAMES;
  const shown = more > 0 ? [...all.slice(0, SHOWN_NAMES), `${more} more`] : all;
  const last = shown.at(-1) ?? "nobody";
  return shown.length < 2 ? last : `${shown.slice(0, -1).join(", ")} and ${last}`;
}

function differenceInWords({ difference }: Worded): readonly string[] {
  return difference ? ["They state different inputs or build environments, which may explain it."] : [];
}

/** What was taken back, and which keys count for nothing. */
function asides({ signers, voices }: Worded, policy: Policy | null, now: number): readonly string[] {
  const withdrawn = new Set(voices.flatMap(({ signer, withdrawn: is }) => (is ? [signer] : [])));
  const revoked = signers.filter((signer) => isRevoked(policy, signer, now));
  const taken =
    withdrawn.size === 0
      ? []
      : [`${names([...withdrawn], policy)} took ${counted(withdrawn.size, "result")} back; the proof stays.`];
  return revoked.length === 0
    ? taken
    : [
        ...taken,
        `Your policy has revoked a key of ${names(revoked, policy)}: what it signs may be anybody's.`,
      ];
}

/** Kinds with a proof. */
const PROVEN: ReadonlySet<AlertKind> = new Set<AlertKind>([
  "contradiction",
  "disagreement",
  "self-contradiction",
  "fork",
  "bad-leaf",
]);

function checkOf({ kind, findings, target, voices }: Worded): string | null {
  const [id] = findings;
  if (PROVEN.has(kind) && id !== undefined)
    return `samebits alert show ${id} --evidence > evidence.json && samebits evidence check evidence.json`;
  const [voice] = voices;
  if (target !== null && voice !== undefined)
    return `samebits verify --sha256 ${voice.sha256} --purl ${shellWord(target.purl)} --name ${shellWord(target.file)}`;
  return NODE_MATTERS.has(kind) ? "samebits doctor" : null;
}

/** One word for a shell, whatever is in it. */
function shellWord(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** What one's own node says something of. */
const NODE_MATTERS: ReadonlySet<AlertKind> = new Set<AlertKind>([
  "withheld",
  "silent",
  "stale",
  "rollback",
  "own-elsewhere",
]);
