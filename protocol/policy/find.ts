/** What of a policy concerns an artefact. */
import { buildersUnder } from "./groups.ts";
import { matchPattern } from "./pattern.ts";
import type { Builder, Policy, Requirement, Rule } from "./types.ts";

/** The rule for a canonical purl: the first that matches, or null. */
export function ruleFor(policy: Policy, purl: string): Rule | null {
  return policy.rules.find((rule) => matchPattern(rule.match, purl)) ?? null;
}

/** The builders that a rule counts, in the policy's order: the denominator. */
export function buildersOf(rule: Rule, policy: Policy): readonly Builder[] {
  const names = countedIn(rule.requirements);
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
