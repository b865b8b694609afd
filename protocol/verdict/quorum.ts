/** Is it enough? Three answers, as with any vote that is still going on. */
import { MAX_ECHO_CHOICES } from "../limits.ts";
import { tally, voterOf } from "../policy/index.ts";
import type { Builder, Rule, Tally } from "../policy/index.ts";

/** `met`; `open`: builders that may still agree could meet it; `lost`: not even all of them. */
export type Outcome = "met" | "open" | "lost";

export interface Quorum extends Tally {
  readonly outcome: Outcome;
}

/** A builder that speaks, and what it only echoes (votes.ts). */
export interface Speaker {
  readonly builder: Builder;
  readonly echo: string | null;
}

/** Counts those who agree; `hopeful` are those who don't, and may yet. */
export function decide(rule: Rule, agreeing: readonly Speaker[], hopeful: readonly Builder[]): Quorum {
  const now = bestTally(rule, agreeing);
  const later = bestTally(rule, [...agreeing, ...hopeful.map((builder) => ({ builder, echo: null }))]);
  const outcome = now.taken === now.needed ? "met" : later.taken === later.needed ? "open" : "lost";
  return { ...now, outcome };
}

/** How many operators speak; whoever only echoes another one does not. */
export function operatorsOf(speakers: readonly Speaker[]): number {
  return Math.max(
    ...choices(speakers).map((chosen) => new Set(chosen.map(({ builder }) => builder.operator)).size),
  );
}

function bestTally(rule: Rule, speakers: readonly Speaker[]): Tally {
  return choices(speakers)
    .map((chosen) =>
      tally(
        rule.ways,
        chosen.map(({ builder }) => voterOf(builder, rule.distinct)),
      ),
    )
    .reduce((a, b) => (b.needed - b.taken < a.needed - a.taken ? b : a));
}

/** Of all that signed one and the same imported link only one speaks: every choice of whom, up to MAX_ECHO_CHOICES. */
function choices(speakers: readonly Speaker[]): readonly (readonly Speaker[])[] {
  const groups = Map.groupBy(speakers, ({ echo, builder }) => echo ?? `builder ${builder.name}`);
  let chosen: readonly (readonly Speaker[])[] = [[]];
  for (const group of groups.values()) {
    const few = chosen.length * group.length <= MAX_ECHO_CHOICES ? group : group.slice(0, 1);
    chosen = chosen.flatMap((before) => few.map((speaker) => [...before, speaker]));
  }
  return chosen;
}
