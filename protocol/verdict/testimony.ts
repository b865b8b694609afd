/** What one builder said of the file that no fork of its feeds takes away, and how much of it is as the rule asks: before it is known what others said. */
import { untraced } from "./named.ts";
import { isBelowForks } from "./carried.ts";
import { isHeard, isInFeed, isWitnessed, isYoung } from "./demands.ts";
import type { Count, Dossier, Origin } from "./dossier.ts";
import type { Heard } from "./heard.ts";
import { isInOwnFeed } from "./listed.ts";

/** Each list of those that give the file is a part of the one before. */
export interface Testimony {
  /** All that stands. */
  readonly heard: readonly Heard[];
  /** Live claims of another result. */
  readonly other: readonly Heard[];
  /** Live claims that give the file. */
  readonly same: readonly Heard[];
  /** Those in feeds, and seen by witnesses, as the rule asks. */
  readonly logged: readonly Heard[];
  /** Those young enough. */
  readonly usable: readonly Heard[];
  /** Those that name a source, where the rule asks for one. */
  readonly sourced: readonly Heard[];
  /** Those made from what the step before gave, where the rule asks for that: with these it agrees. */
  readonly traced: readonly Heard[];
  /** Whatever others said, its vote is `excluded`. */
  readonly isOut: boolean;
}

export function testimonyOf(dossier: Dossier, count: Count): Testimony {
  const { fork, steps } = dossier;
  const heard =
    fork === null ? dossier.heard : dossier.heard.filter((one) => isBelowForks(one, fork, dossier.all));
  const other = live(heard, "other");
  const same = live(heard, "same");
  const logged = same.filter((one) => isCarried(one, dossier, count));
  const usable = logged.filter((one) => isUsable(one, dossier, count));
  const sourced = usable.filter((one) => isTraced(one, count));
  const traced = sourced.filter((one) => originOf(one, dossier, count) === "given");
  const isStale = logged.length > 0 && (usable.length === 0 || dossier.shrunk !== null);
  const agrees = traced.length > 0 || (steps.length === 0 && usable.length > 0);
  const isOut = other.length === 0 && (same.length > 0 ? !isStale && !agrees : fork !== null);
  return { heard, other, same, logged, usable, sourced, traced, isOut };
}

/** What was not taken back. */
export function live(heard: readonly Heard[], relation: Heard["relation"]): readonly Heard[] {
  return heard.filter((one) => one.retracted === null && one.relation === relation);
}

/** Young enough in both ways that the rule may demand. */
export function isUsable(one: Heard, { feeds }: Dossier, count: Count): boolean {
  return isYoung(one, count.rule.maxAttestationAgeMs, count.now) && isHeard(one, feeds, count);
}

export function isTraced({ claim }: Heard, { rule }: Count): boolean {
  return untraced(claim, rule) === null;
}

/** Of what is only listed nobody asks. */
export function originOf({ verified }: Heard, { steps }: Dossier, { origin }: Count): Origin {
  return origin === undefined || steps.length === 0 ? "given" : origin(verified);
}

/** What the rule asks of a feed that carries a claim: that there is one (of a publisher, its own), and that enough witnesses saw it there, long enough ago. */
function isCarried(one: Heard, dossier: Dossier, count: Count): boolean {
  if (dossier.steps.length === 0 && !isInOwnFeed(one, dossier, count)) return false;
  return isInFeed(one, count) && isWitnessed(one, count);
}
