/**
 * When are enough builders there, said as plainly as possible and slowly: try every set of voters with different voices, and every way
 * to divide it. The second opinion for protocol/policy/groups.ts.
 */
import type { Party, Requirement } from "../../protocol/policy/types.ts";

/** A builder that speaks of a step. */
export interface NaiveVoter {
  readonly builder: string;
  readonly step: string;
  readonly voices: readonly string[];
}

export function naiveMet(requirements: readonly Requirement[], all: readonly NaiveVoter[]): boolean {
  // Whoever speaks of another step than any that is asked for is nobody.
  const voters = all.filter(({ step }) => requirements.some((one) => one.step === step));
  /** The step of the requirement that is being looked at. */
  let asked = "";
  const names = (set: number): readonly string[] =>
    voters.filter(({ step }, index) => (set >> index) & 1 && step === asked).map((voter) => voter.builder);

  const metParty = (party: Party, set: number): boolean => {
    switch (party.kind) {
      case "builder":
        return names(set).includes(party.name);
      case "role":
        return names(set).some((name) => party.builders.includes(name));
      case "group":
        return metSome(party.k, party.of, set);
    }
  };
  const metSome = (k: number, parties: readonly Party[], set: number): boolean => {
    const [first, ...rest] = parties;
    if (k === 0) return true;
    if (first === undefined) return false;
    return (
      metSome(k, rest, set) ||
      subsets(set).some((part) => metParty(first, part) && metSome(k - 1, rest, set & ~part))
    );
  };
  const metRequirement = ({ k, of, step }: Requirement, set: number): boolean => {
    asked = step;
    if (!("kind" in of)) return metSome(k, of, set);
    const inside = names(set).filter((name) => under(of).includes(name));
    return inside.length >= k && metParty(of, set);
  };
  const metAll = (left: readonly Requirement[], set: number): boolean => {
    const [first, ...rest] = left;
    if (first === undefined) return true;
    return subsets(set).some((part) => metRequirement(first, part) && metAll(rest, set & ~part));
  };

  return subsets((1 << voters.length) - 1).some((set) => {
    const chosen = voters.filter((_, index) => (set >> index) & 1);
    const isDistinct = chosen.every((one) =>
      chosen.every((other) => one === other || one.voices.every((voice, at) => voice !== other.voices[at])),
    );
    return isDistinct && metAll(requirements, set);
  });
}

function under(party: Party): readonly string[] {
  if (party.kind === "builder") return [party.name];
  return party.kind === "role" ? party.builders : party.of.flatMap(under);
}

function subsets(set: number): readonly number[] {
  const all = [0];
  for (let part = set; part > 0; part = (part - 1) & set) all.push(part);
  return all;
}
