/** Is it enough? Three answers, as with any vote that is still going on. */
import type { Builder, Rule, Tally } from "../policy/index.ts";
import { sourcesNamed } from "./named.ts";
import type { Stated } from "./source.ts";
import { seated } from "./voices.ts";
import type { Speaker } from "./voices.ts";

/** `met`; `open`: builders that may still agree could meet it; `lost`: not even all of them. */
export type Outcome = "met" | "open" | "lost";

export interface Quorum extends Tally {
  readonly outcome: Outcome;
  /** What those who are counted built from, and who states it; null where the rule does not ask, or nobody is counted. */
  readonly source: { readonly name: string; readonly stated: Stated | null } | null;
}

/** Somebody who does not agree, or not in all steps in which it is counted, and may yet. */
export interface Hopeful {
  readonly builder: Builder;
  readonly steps: readonly string[];
}

/** Counts those who agree; `stated` says who states a source, null where the rule asks nobody. */
export function decide(
  rule: Rule,
  agreeing: readonly Speaker[],
  hopeful: readonly Hopeful[],
  stated: (source: string) => Stated | null,
): Quorum {
  const now =
    rule.source === null ? { ...seated(rule, agreeing), source: null } : ofOneSource(rule, agreeing, stated);
  if (isFull(now) && (now.source === null || now.source.stated === null || isFull(now.source.stated)))
    return { ...now, outcome: "met" };
  const later = seated(rule, [
    ...agreeing,
    ...hopeful.map(({ builder, steps }) => ({
      builder,
      spoken: steps.map((step) => ({ step, sources: new Set<string>(), link: null })),
    })),
  ]);
  return { ...now, outcome: isFull(later) ? "open" : "lost" };
}

function isFull({ needed, taken }: Tally): boolean {
  return taken === needed;
}

/** Of all sources that are named, the one of which most seats are taken; rather one that is stated, then the first by name. */
function ofOneSource(
  rule: Rule,
  agreeing: readonly Speaker[],
  stated: (source: string) => Stated | null,
): Omit<Quorum, "outcome"> {
  // Of sources that the same claims name the same seats are taken.
  const known = new Map<string, Tally>();
  const counted = sourcesNamed(agreeing).map((name) => {
    const speakers = agreeing.map((speaker) => fromSource(speaker, name));
    const said = JSON.stringify(speakers.map(({ spoken }) => spoken.map(({ step, link }) => [step, link])));
    const tallied = known.get(said) ?? seated(rule, speakers);
    known.set(said, tallied);
    return { ...tallied, source: { name, stated: stated(name) } };
  });
  const [best] = counted.toSorted(
    (a, b) => open(a) - open(b) || open(a.source.stated) - open(b.source.stated),
  );
  return best ?? { ...seated(rule, []), source: null };
}

function open(tallied: Tally | null): number {
  return tallied === null ? 0 : tallied.needed - tallied.taken;
}

function fromSource(speaker: Speaker, name: string): Speaker {
  return { ...speaker, spoken: speaker.spoken.filter(({ sources }) => sources.has(name)) };
}
