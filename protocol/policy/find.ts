/** What of a policy concerns an artefact. */
import { buildersUnder } from "./groups.ts";
import { matchPattern } from "./pattern.ts";
import type { Builder, Policy, Requirement, Rule } from "./types.ts";

/** The rule for a canonical purl: the first that matches, or null. */
export function ruleFor(policy: Policy, purl: string): Rule | null {
  return policy.rules.find((rule) => matchPattern(rule.match, purl)) ?? null;
}

/** The builders that a rule hears, in the policy's order: those that it counts (the denominator), and publishers. */
export function buildersOf(rule: Rule, policy: Policy): readonly Builder[] {
  return [...policy.builders.values()].filter(
    (builder) => rule.counted.has(builder.name) || isPublisher(rule, builder),
  );
}

/** Whether its own feed is one of those of which one has to list the file. */
export function isPublisher({ loggedBy }: Rule, { name }: Builder): boolean {
  return loggedBy !== null && buildersUnder(loggedBy).includes(name);
}

/** By builder: the steps in which requirements count it, in their order. */
export function stepsByBuilder(requirements: readonly Requirement[]): ReadonlyMap<string, readonly string[]> {
  const steps = new Map<string, Set<string>>();
  for (const requirement of requirements) {
    for (const name of countedIn([requirement])) {
      const known = steps.get(name) ?? new Set();
      steps.set(name, known.add(requirement.step));
    }
  }
  return new Map([...steps].map(([name, some]) => [name, Object.freeze([...some])]));
}

/** The steps in which the rule counts this builder: none of one that is only a publisher. */
export function stepsOf({ counted }: Rule, name: string): readonly string[] {
  return counted.get(name) ?? [];
}

/** Whose statements about its source the rule asks for, in the policy's order. */
export function sourceStatersOf({ source }: Rule, policy: Policy): readonly Builder[] {
  if (source === null || source.stated === null) return [];
  const names = countedIn([source.stated.requirement]);
  return [...policy.builders.values()].filter((builder) => names.has(builder.name));
}

/** The names of all builders under these requirements. */
export function countedIn(requirements: readonly Requirement[]): ReadonlySet<string> {
  return new Set(
    requirements.flatMap(({ of }) =>
      ("kind" in of ? [of] : of).flatMap((party) => [...buildersUnder(party)]),
    ),
  );
}
