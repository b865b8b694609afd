/** Is it enough? Three answers, as with any vote that is still going on. */
import { compareCodePoints } from "../bytes/index.ts";
import { MAX_SOURCES_EACH } from "../limits.ts";
import type { Builder, Rule, Tally } from "../policy/index.ts";
import { SOURCE_COMMIT, triedOf } from "./named.ts";
import type { Tried } from "./named.ts";
import type { Stated } from "./source.ts";
import { seated } from "./voices.ts";
import type { Speaker } from "./voices.ts";
import type { Vouched, VouchedBy } from "./vouched.ts";

/** `met`; `open`: builders that may still agree could meet it; `lost`: not even all of them. */
export type Outcome = "met" | "open" | "lost";

export interface Quorum extends Tally {
  readonly outcome: Outcome;
  /** What those who are counted built from; null where the rule does not ask, or nobody is counted. */
  readonly source: CountedSource | null;
}

/** A source, and who states and who has signed it. */
export interface CountedSource extends Tried {
  readonly stated: Stated | null;
  /** Hex SHA-256 of the commit's octets; null of a file, and where nobody says it. */
  readonly object: string | null;
  /** Two objects or more that those who agree have of the same id: no two of these are one source. */
  readonly objects: readonly string[];
  readonly vouched: Vouched | null;
}

/** Who stands for a source beside those who built from it; each null where the rule asks nobody. */
export interface Backing {
  readonly stated: (file: string) => Stated | null;
  readonly vouched: VouchedBy;
}

/** Somebody who does not agree, or not in all steps in which it is counted, and may yet. */
export interface Hopeful {
  readonly builder: Builder;
  readonly steps: readonly string[];
}

/** Counts those who agree. */
export function decide(
  rule: Rule,
  agreeing: readonly Speaker[],
  hopeful: readonly Hopeful[],
  backing: Backing,
): Quorum {
  const now =
    rule.source === null ? { ...seated(rule, agreeing), source: null } : ofOneSource(rule, agreeing, backing);
  if ([now, now.source?.stated, now.source?.vouched].every((one) => isFull(one ?? null)))
    return { ...now, outcome: "met" };
  const later = seated(rule, [
    ...agreeing,
    ...hopeful.map(({ builder, steps }) => ({
      builder,
      spoken: steps.map((step) => ({ step, sources: new Set<string>(), object: null, link: null })),
    })),
  ]);
  return { ...now, outcome: isFull(later) ? "open" : "lost" };
}

function isFull(tallied: Tally | null): boolean {
  return open(tallied) === 0;
}

/** Of all sources that are named, the one of which most seats are taken; rather one that is stated, then one that is signed, then the first by name. */
function ofOneSource(
  rule: Rule,
  agreeing: readonly Speaker[],
  { stated, vouched }: Backing,
): Omit<Quorum, "outcome"> {
  // Of sources that the same claims name the same seats are taken.
  const known = new Map<string, Tally>();
  const counted = triedOf(agreeing, rule).flatMap((tried) => {
    const objects = objectsOf(agreeing, tried.name);
    return [...objects, null].map((object) => {
      const speakers = agreeing.map((speaker) => fromSource(speaker, tried, object));
      const said = JSON.stringify(speakers.map(({ spoken }) => spoken.map(({ step, link }) => [step, link])));
      const tallied = known.get(said) ?? seated(rule, speakers);
      known.set(said, tallied);
      const source = {
        ...tried,
        stated: stated(tried.file ?? tried.name),
        object,
        objects: objects.length > 1 ? objects : [],
        vouched: vouched(tried.name, object),
      };
      return { ...tallied, source };
    });
  });
  const [best] = counted.toSorted(
    (a, b) =>
      open(a) - open(b) ||
      open(a.source.stated) - open(b.source.stated) ||
      open(a.source.vouched) - open(b.source.vouched),
  );
  return best ?? { ...seated(rule, []), source: null };
}

function open(tallied: Tally | null): number {
  return tallied === null ? 0 : tallied.needed - tallied.taken;
}

/** SHA-256 of the octets that those who agree have of a commit, at most MAX_SOURCES_EACH of each: with SHA-1 an id can have two objects. */
function objectsOf(agreeing: readonly Speaker[], name: string): readonly string[] {
  if (!name.startsWith(SOURCE_COMMIT)) return [];
  const objects = agreeing.flatMap(({ spoken }) => {
    const own = spoken.flatMap((one) => (one.sources.has(name) ? (one.object ?? []) : []));
    return [...new Set(own)].toSorted(compareCodePoints).slice(0, MAX_SOURCES_EACH);
  });
  return [...new Set(objects)].toSorted(compareCodePoints);
}

/** Who does not say which object it was has said nothing against this one; and they stand without any of those who do. */
function fromSource(speaker: Speaker, { name, file }: Tried, object: string | null): Speaker {
  const spoken = speaker.spoken.filter(
    (one) =>
      one.sources.has(name) &&
      (file === null || one.sources.has(file)) &&
      (one.object === null || one.object === object),
  );
  return { ...speaker, spoken };
}
