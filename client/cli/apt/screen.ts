/** A whole transaction on one screen: the count, what needs a look and why, what to do (CONTRACT, "Verdict"). */
import { artifactName, describeVerdict, formatTime, parsePurl, summarize } from "../../../protocol/index.ts";
import type { Allowed, Manager } from "../../install/index.ts";
import type { JudgedBy } from "../judged.ts";
import type { Judgement } from "../judging.ts";
import { isUnproven, judgedLines, needsLook } from "../verify.ts";
import type { HookMode } from "./settings.ts";

export interface ScreenOptions {
  readonly manager: Manager;
  readonly mode: HookMode;
  /** What becomes of what is refused. */
  readonly refusal: string;
  readonly color: boolean;
}

/** Packages that are told of in full, at four lines each; of the others their names. */
const MAX_TOLD = 5;
const MAX_NAMED = 40;
const WIDTH = 100;
const WARNED = "samebits: the mode is warn: the transaction goes on; with enforce it would be refused";

export function screenOf(
  { outcome }: Judgement,
  allowed: readonly Allowed[],
  { manager, mode, refusal, color }: ScreenOptions,
): readonly string[] {
  const judged = mode === "enforce" ? outcome.judged : outcome.judged.map(onlyWarned);
  // Of no package there is anything to say where nobody was asked: that is said once.
  const looked = outcome.nobodyAsked ? [] : judged.filter(needsLook).toSorted((a, b) => rank(a) - rank(b));
  const refused = outcome.judged.filter(({ verdict }) => verdict.decision === "refuse");
  return [
    summarize(judged.map(({ verdict }) => verdict)),
    ...looked.slice(0, MAX_TOLD).flatMap((one) => judgedLines(one, outcome, color)),
    ...namesOf(looked.slice(MAX_TOLD)),
    ...allowed.map(
      ({ name, version, untilMs, reason }) =>
        `  allowed  ${name}=${version} until ${formatTime(untilMs)}: ${reason}`,
    ),
    ...(mode === "enforce" ? wayAround(refused, manager) : []),
    ...(refused.length === 0 ? [] : [mode === "enforce" ? `E: ${refusal}` : WARNED]),
  ];
}

/** What is held back, the worst first. */
export function heldLines(held: readonly JudgedBy[], color: boolean): readonly string[] {
  const all = held.toSorted((a, b) => rank(a) - rank(b));
  return [
    ...all.slice(0, MAX_TOLD).flatMap(({ verdict }) => describeVerdict(verdict, { color })),
    ...namesOf(all.slice(MAX_TOLD)),
  ];
}

/** One package where there is only a line for it. */
export function inOneLine(
  one: JudgedBy,
  outcome: Judgement["outcome"],
  { manager, mode }: Pick<ScreenOptions, "manager" | "mode">,
): string {
  const isRefused = one.verdict.decision === "refuse" && mode === "enforce";
  const lines = judgedLines(mode === "enforce" ? one : onlyWarned(one), outcome, false);
  return [...lines, ...(isRefused ? wayAround([one], manager) : [])]
    .map((line) => line.trim().replace(/ {2,}/g, "  "))
    .join(" · ");
}

/** Nothing is refused, whatever the policy says. */
function onlyWarned(one: JudgedBy): JudgedBy {
  const { verdict } = one;
  return verdict.decision === "refuse" ? { ...one, verdict: { ...verdict, decision: "warn" } } : one;
}

/** What is wrong before what is not proven, and that before what is only odd. */
function rank({ verdict: { verdict, problem, decision } }: JudgedBy): number {
  if (problem === "misfit") return 0;
  if (verdict === "contradicted") return 1;
  return decision === "refuse" ? 2 : 3;
}

function namesOf(others: readonly JudgedBy[]): readonly string[] {
  if (others.length === 0) return [];
  const names = others.slice(0, MAX_NAMED).map(({ artifact }) => artifactName(artifact));
  const rest = others.length - names.length;
  const words = [
    ...names.map((name, at) => (at + 1 < names.length || rest > 0 ? `${name},` : name)),
    ...(rest > 0 ? [`and ${rest} more`] : []),
  ];
  const lines: string[] = [];
  let line = "  as well ";
  for (const word of words) {
    if (line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = " ".repeat(10);
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}

/** What is only not proven can be let by; what is contradicted has to be asked for in so many words. */
function wayAround(refused: readonly JudgedBy[], { name: manager }: Manager): readonly string[] {
  const unproven = refused.filter(({ verdict }) => isUnproven(verdict));
  const names = unproven.flatMap(({ artifact: { target } }) => {
    if (target === null) return [];
    const { name, version } = parsePurl(target.purl);
    return [`${name}=${version}`];
  });
  const [first, ...others] = names;
  if (first === undefined) return [];
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  const later = manager === "apt" ? "apt upgrade" : "pacman -Syu";
  return [`  Later: ${later} · now: samebits ${manager} allow ${first}${more} --reason WHY --for 24h`];
}
