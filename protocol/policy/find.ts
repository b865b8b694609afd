/** What of a policy concerns an artefact. */
import { buildersUnder } from "./groups.ts";
import { matchPattern } from "./pattern.ts";
import type { Builder, Policy, Rule } from "./types.ts";

/** The rule for a canonical purl: the first that matches, or null. */
export function ruleFor(policy: Policy, purl: string): Rule | null {
  return policy.rules.find((rule) => matchPattern(rule.match, purl)) ?? null;
}

/** The builders that a rule counts, in the policy's order: the denominator. */
export function buildersOf(rule: Rule, policy: Policy): readonly Builder[] {
  const names = new Set(
    rule.requirements.flatMap(({ of }) =>
      ("kind" in of ? [of] : of).flatMap((party) => [...buildersUnder(party)]),
    ),
  );
  return [...policy.builders.values()].filter((builder) => names.has(builder.name));
}
