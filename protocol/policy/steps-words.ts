/** The steps of a rule in words. */
import { stepRules } from "./steps.ts";
import type { Before, Rule, Tie } from "./types.ts";

const TIES: Readonly<Record<Tie, string>> = {
  materials: "whoever counts names what that gave among the materials",
  "normal-form": "without its signature the file is what that gave",
  same: "of the very file of that step",
};

/** A line a step, first to last; `asked` says what one asks for. */
export function stepsInWords(rule: Rule, asked: (step: Rule) => string): readonly string[] {
  return stepRules(rule).map(
    (step, index) =>
      `Step ${index + 1} "${step.steps.join(", ")}"${step.before === null ? "" : ` after "${step.before.rule.steps.join(", ")}" (${tieInWords(step.before)})`}: ${asked(step)}.`,
  );
}

function tieInWords({ from, renames }: Before): string {
  const names = [...renames].map(([after, before]) => `…${after} was …${before}`);
  return [...from.map((tie) => TIES[tie]), ...names].join("; ");
}
