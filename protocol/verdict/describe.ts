/** Verdicts on one screen (CONTRACT, "Verdict"): the first line in words, then the files that need a look. */
import { parsePurl } from "../attestation/index.ts";
import type { Target } from "../attestation/index.ts";
import { counted, showableLine, toHex } from "../bytes/index.ts";
import { stepLines } from "./layout-finding.ts";
import type { Artifact, ChainStep, Verdict, Vote } from "./types.ts";
import { vouchedLines } from "./vouched.ts";
import { when } from "./when.ts";

export interface ScreenOptions {
  /** Colour the labels with ANSI codes: for terminals only. */
  readonly color: boolean;
}

const LABEL_WIDTH = 9;
/** Of a digest: enough to tell files apart on a screen. */
const SHOWN_DIGITS = 8;
/** The step that nobody needs to be told of. */
const ORDINARY_STEP = "rebuild";
/** End of the reason that the first line has already said in numbers. */
const SCORE = "needed votes agree";
const INDENT = " ".repeat(LABEL_WIDTH + 2);

/** `samebits: 3 packages · 2 reproduced · 1 NOT THE SAME BITS`. */
export function summarize(verdicts: readonly Verdict[]): string {
  const count = (of: (verdict: Verdict) => boolean): number => verdicts.filter(of).length;
  const isPackages = verdicts.length > 0 && verdicts.every(({ artifact }) => isPackage(artifact.target));
  const noun = `${isPackages ? "package" : "file"}${verdicts.length === 1 ? "" : "s"}`;
  const noRule = verdicts.filter(({ problem }) => problem === "no-rule");
  const parts: readonly (readonly [number, string])[] = [
    [count(({ verdict }) => verdict === "reproduced"), "reproduced"],
    [count(({ verdict, problem }) => verdict === "pending" && problem === null), "pending"],
    [noRule.length, `no rule (${PAST[noRule[0]?.decision ?? "warn"]})`],
    [count(({ exception }) => exception !== null), "LET BY AS AN EXCEPTION"],
    [count(({ problem }) => problem === "misfit"), "NOT WHAT IT SHOULD BE"],
    [count(({ verdict }) => verdict === "contradicted"), "NOT THE SAME BITS"],
  ];
  const shown = parts.filter(([number]) => number > 0).map(([number, words]) => `${number} ${words}`);
  return [`samebits: ${verdicts.length} ${noun}`, ...shown].join(" · ");
}

/** One file: its verdict with the numbers, then what each builder says, then what to do. */
export function describeVerdict(verdict: Verdict, options: ScreenOptions): readonly string[] {
  const { artifact, votes, signed, next } = verdict;
  const own = toHex(artifact.sha256).slice(0, SHOWN_DIGITS);
  const vouching = signed === undefined ? [] : vouchedLines(signed).map(sentence);
  const lines = [
    ...(verdict.layout !== undefined
      ? [...stepLines(verdict.layout), ...witnessed(verdict)]
      : verdict.chain !== undefined
        ? [...verdict.chain.flatMap((step) => chainLines(step, verdict)), ...witnessed(verdict), ...vouching]
        : [...agreement(votes), ...witnessed(verdict), ...vouching, ...otherwise(votes)]),
    ...verdict.reasons.filter((reason) => !reason.endsWith(SCORE)).map(sentence),
    ...(verdict.verdict === "contradicted" && verdict.decision === "refuse" ? ["Do not install it."] : []),
    ...(next === null ? [] : [`Next: ${next}.`]),
  ];
  return [
    `  ${label(verdict, options)}${showableLine(artifactName(artifact))}   your file ${own}…${score(verdict)}`,
    ...lines.map((line) => INDENT + showableLine(line)),
  ];
}

/** The first number that people want: how many got something else, or how many of those needed got this. */
function score({ contradiction, rule, votes, needed, agreeing, layout, chain }: Verdict): string {
  if (rule === null) return "";
  if (layout !== undefined)
    return layout.steps.length === 0 ? "" : `   ${agreeing} of ${counted(needed, "link")} needed`;
  const [other] = votes.filter(({ vote }) => vote === "contradicts");
  if (chain !== undefined || contradiction !== "file" || typeof other?.sha256 !== "string")
    return `   ${agreeing} of ${needed} needed`;
  const against = votes.filter(({ vote }) => vote === "contradicts").length;
  return `   ${against} of ${counted(votes.length, "builder")} got ${other.sha256.slice(0, SHOWN_DIGITS)}…`;
}

/** `hello 2.10-3 amd64` of a package, else the file's name. */
export function artifactName({ target, name }: Artifact): string {
  if (target === null) return name;
  const { type, name: pkg, version, qualifiers } = parsePurl(target.purl);
  if (type === "generic") return target.file;
  return [pkg, version, qualifiers.get("arch") ?? ""].filter((part) => part !== "").join(" ");
}

const PAST = { allow: "let through", warn: "warned", refuse: "refused" } as const;

const RED = 31;
const GREEN = 32;
const YELLOW = 33;

function label(verdict: Verdict, { color }: ScreenOptions): string {
  const [word, code] = wordOf(verdict);
  const padded = word.padEnd(LABEL_WIDTH);
  return color ? `\u001b[${code}m${padded}\u001b[0m` : padded;
}

function wordOf({ verdict, decision, problem }: Verdict): readonly [string, number] {
  if (problem === "misfit") return ["REFUSED", RED];
  if (verdict === "reproduced") return decision === "warn" ? ["warned", YELLOW] : ["same", GREEN];
  if (decision === "allow") return ["let by", YELLOW];
  if (verdict === "contradicted") return decision === "warn" ? ["WARNING", RED] : ["REFUSED", RED];
  return decision === "warn" ? ["warned", YELLOW] : ["held", YELLOW];
}

function agreement(votes: readonly Vote[]): readonly string[] {
  const names = votes
    .filter(({ vote }) => vote === "agrees")
    .map((vote) => [vote.builder, ...notesOn(vote)].join(" "));
  return names.length === 0 ? [] : [`${names.join(", ")}: got this file`];
}

/** What of an agreeing vote is not the ordinary: `(imported)`, `(review)`, `(lists it)`. */
function notesOn({ how, steps, lists }: Pick<Vote, "how" | "steps" | "lists">): readonly string[] {
  const notes = [
    ...(how === "built" || how === null ? [] : [how]),
    ...(steps ?? []).filter((step) => step !== ORDINARY_STEP),
    ...(lists === true ? ["lists it"] : []),
  ];
  return notes.length === 0 ? [] : [`(${notes.join(", ")})`];
}

/** Which witnesses saw the claims that agree. */
function witnessed({ votes, at }: Verdict): readonly string[] {
  return votes
    .filter(({ vote }) => vote === "agrees")
    .flatMap(({ builder, witnesses }) => {
      if (witnesses === null) return [];
      const { saw, since = null } = witnesses;
      return [
        `${builder}'s claim was seen in a feed by ${saw.join(", ")}${since === null ? "" : `, since ${when(since, at)}`}`,
      ];
    });
}

function otherwise(votes: readonly Vote[]): readonly string[] {
  return votes.filter(({ vote }) => vote !== "agrees").map((vote) => `${vote.builder}: ${saying(vote)}`);
}

/** `build: 2 of 2 agree on f2e1… (tool.exe.unsigned): a, b`, then who says anything else. */
function chainLines(
  { step, file, sha256, from, needed, agreeing, votes }: ChainStep,
  { artifact }: Verdict,
): readonly string[] {
  const isThis = sha256 === toHex(artifact.sha256);
  const name = file === null || file === artifact.target?.file ? "" : ` (${file})`;
  const on =
    sha256 === null ? "" : ` on ${isThis ? "this file" : `${sha256.slice(0, SHOWN_DIGITS)}…${name}`}`;
  const tied = sha256 === null ? "; which file is not known" : from === null ? "" : ", from that";
  const who = votes
    .filter(({ vote }) => vote === "agrees")
    .map((vote) => [vote.builder, ...notesOn({ ...vote, steps: [] })].join(" "));
  return [
    `${step}: ${agreeing} of ${needed}${on}${tied}${who.length === 0 ? "" : `: ${who.join(", ")}`}`,
    ...otherwise(votes).map((line) => `  ${line}`),
  ];
}

function saying({ vote, reason, sha256 }: Vote): string {
  if (reason !== null) return reason;
  return sha256 === null ? vote : `${vote}, ${sha256.slice(0, SHOWN_DIGITS)}…`;
}

/** Begins with a capital, unless it begins with the name of a file. */
function sentence(text: string): string {
  if (/^[^ ]*[._]/.test(text)) return `${text}.`;
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function isPackage(target: Target | null): boolean {
  return target !== null && !target.purl.startsWith("pkg:generic/");
}
