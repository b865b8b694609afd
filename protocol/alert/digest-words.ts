/** A digest in plain words. */
import { counted } from "../bytes/index.ts";
import { SEVERITIES } from "./types.ts";
import type { Digest } from "./storm.ts";
import type { AlertWords } from "./words.ts";

/** Builders in one sentence, those with the most first. */
const SHOWN_BUILDERS = 8;

export function digestWords(digest: Digest): AlertWords {
  const { count, kinds, severities, builders, others, from, to } = digest;
  const worst = SEVERITIES.toReversed().flatMap((severity) => {
    const number = severities.get(severity) ?? 0;
    return number === 0 ? [] : [`${number} ${severity}`];
  });
  const most = byCount(builders).slice(0, SHOWN_BUILDERS);
  const rest = [...builders.values()].reduce((sum, number) => sum + number, others - sumOf(most));
  const who = [...most, ...(rest > 0 ? ([["others", rest]] as const) : [])];
  return {
    headline: `${counted(count, "alert")} at once: ${inWords(byCount(kinds))}`,
    sentences: [
      `So much came at a time that it is told as one: ${worst.join(", ")}.`,
      `Concerned: ${inWords(who)}.`,
      "Each is kept, with its proof. Many at once have one cause as a rule: a toolchain, a builder's machine, a clock.",
    ],
    check: to === 0 ? null : `samebits alert list --since ${Math.max(0, from - 1)} --until ${to}`,
  };
}

function byCount<Name extends string>(
  counts: ReadonlyMap<Name, number>,
): readonly (readonly [Name, number])[] {
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}

function sumOf(counts: readonly (readonly [string, number])[]): number {
  return counts.reduce((sum, [, number]) => sum + number, 0);
}

function inWords(counts: readonly (readonly [string, number])[]): string {
  return counts.map(([name, number]) => `${number} ${name}`).join(", ");
}
