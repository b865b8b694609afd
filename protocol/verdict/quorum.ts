/** Is it enough? Three answers, as with any vote that is still going on. */
import { compareCodePoints } from "../bytes/index.ts";
import { MAX_ECHO_CHOICES, MAX_SOURCES_TRIED } from "../limits.ts";
import { tally, voterOf } from "../policy/index.ts";
import type { Builder, Rule, Tally } from "../policy/index.ts";
import type { Stated } from "./source.ts";

/** `met`; `open`: builders that may still agree could meet it; `lost`: not even all of them. */
export type Outcome = "met" | "open" | "lost";

export interface Quorum extends Tally {
  readonly outcome: Outcome;
  /** What those who are counted built from, and who states it; null where the rule does not ask, or nobody is counted. */
  readonly source: { readonly name: string; readonly stated: Stated | null } | null;
}

/** A claim with which a builder agrees: in which step, and what it names as the source. */
export interface Spoken {
  readonly step: string;
  readonly sources: ReadonlySet<string>;
  /** Hex SHA-256 of the imported link that it is; null = the builder's own words. */
  readonly link: string | null;
}

/** A builder that speaks, and with which claims. */
export interface Speaker {
  readonly builder: Builder;
  readonly spoken: readonly Spoken[];
}

/** A builder, and the imported link that is all its support, if it is. */
interface Echoing {
  readonly builder: Builder;
  readonly echo: string | null;
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
    rule.source === null
      ? { ...bestTally(rule, agreeing), source: null }
      : ofOneSource(rule, agreeing, stated);
  if (isFull(now) && (now.source === null || now.source.stated === null || isFull(now.source.stated)))
    return { ...now, outcome: "met" };
  const later = bestTally(rule, [
    ...agreeing,
    ...hopeful.map(({ builder, steps }) => ({
      builder,
      spoken: steps.map((step) => ({ step, sources: new Set<string>(), link: null })),
    })),
  ]);
  return { ...now, outcome: isFull(later) ? "open" : "lost" };
}

/** How many operators speak; whoever only echoes another one does not. */
export function operatorsOf(speakers: readonly Echoing[]): number {
  return Math.max(
    ...choices(speakers).map((chosen) => new Set(chosen.map(({ builder }) => builder.operator)).size),
  );
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
  const counted = sourcesNamed(agreeing).map((name) => ({
    ...bestTally(
      rule,
      agreeing.map((speaker) => fromSource(speaker, name)),
    ),
    source: { name, stated: stated(name) },
  }));
  const [best] = counted.toSorted(
    (a, b) => open(a) - open(b) || open(a.source.stated) - open(b.source.stated),
  );
  return best ?? { ...bestTally(rule, []), source: null };
}

/** Those that most builders name first: one that names thousands must not cost a judgement as many tries. */
function sourcesNamed(agreeing: readonly Speaker[]): readonly string[] {
  const named = new Map<string, number>();
  for (const { spoken } of agreeing) {
    for (const name of new Set(spoken.flatMap(({ sources }) => [...sources])))
      named.set(name, (named.get(name) ?? 0) + 1);
  }
  const ordered = [...named].toSorted(([a, of], [b, others]) => others - of || compareCodePoints(a, b));
  return ordered.slice(0, MAX_SOURCES_TRIED).map(([name]) => name);
}

function open(tallied: Tally | null): number {
  return tallied === null ? 0 : tallied.needed - tallied.taken;
}

function fromSource(speaker: Speaker, name: string): Speaker {
  return { ...speaker, spoken: speaker.spoken.filter(({ sources }) => sources.has(name)) };
}

/** The imported link that is all there is; null where there are words of one's own too. */
export function echoOf(spoken: readonly Spoken[]): string | null {
  if (spoken.some(({ link }) => link === null)) return null;
  return spoken.map(({ link }) => link ?? "").toSorted(compareCodePoints)[0] ?? null;
}

/** Echoes are sought step by step: words of one's own in one step make nothing of a link in another. */
function bestTally(rule: Rule, speakers: readonly Speaker[]): Tally {
  const voices = speakers.flatMap(({ builder, spoken }) =>
    [...Map.groupBy(spoken, ({ step }) => step)].map(([step, claims]) => ({
      voter: voterOf(builder, step, rule.distinct),
      echo: echoOf(claims),
    })),
  );
  return choices(voices)
    .map((chosen) =>
      tally(
        rule.ways,
        chosen.map(({ voter }) => voter),
      ),
    )
    .reduce((a, b) => (b.needed - b.taken < a.needed - a.taken ? b : a));
}

/** Of all that signed one and the same imported link only one speaks: every choice of whom, up to MAX_ECHO_CHOICES. */
function choices<Some extends Pick<Echoing, "echo">>(
  speakers: readonly Some[],
): readonly (readonly Some[])[] {
  const groups = Map.groupBy(speakers, ({ echo }) => echo ?? Symbol("words of one's own"));
  let chosen: readonly (readonly Some[])[] = [[]];
  for (const group of groups.values()) {
    const few = chosen.length * group.length <= MAX_ECHO_CHOICES ? group : group.slice(0, 1);
    chosen = chosen.flatMap((before) => few.map((speaker) => [...before, speaker]));
  }
  return chosen;
}
