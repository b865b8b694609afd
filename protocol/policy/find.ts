/** What of a policy concerns an artefact. */
import { buildersUnder } from "./groups.ts";
import { fitsLists } from "./listed.ts";
import type { AptListing } from "./listed.ts";
import { matchPattern } from "./pattern.ts";
import { stepRules } from "./steps.ts";
import type { Builder, Policy, Requirement, Rule } from "./types.ts";

/**
 * The rule for a file of this canonical purl (null = nothing says what it is), which apt's lists have so: the first that fits, or null. Where
 * that hangs on what is not known, all that may be it, in the policy's order. Never empty.
 */
export function rulesFor(
  policy: Policy,
  purl: string | null,
  listed: readonly AptListing[] = [],
): readonly (Rule | null)[] {
  if (policy.whole !== null || purl === null) return [policy.whole];
  const maybe: Rule[] = [];
  for (const rule of policy.rules) {
    const fits = matchPattern(rule.match, purl) ? fitsLists(rule.apt, listed) : "no";
    if (fits === "yes") return [...maybe, rule];
    if (fits === "maybe") maybe.push(rule);
  }
  return [...maybe, null];
}

/** The builders that a rule hears, in the policy's order: those that it counts (the denominator), and publishers. Of a rule with steps: in the last one. */
export function buildersOf(rule: Rule, policy: Policy): readonly Builder[] {
  return [...policy.builders.values()].filter(
    (builder) => rule.counted.has(builder.name) || isPublisher(rule, builder),
  );
}

/** The same in any of its steps. */
export function heardBy(rule: Rule, policy: Policy): readonly Builder[] {
  const heard = new Set(stepRules(rule).flatMap((step) => buildersOf(step, policy)));
  return [...policy.builders.values()].filter((builder) => heard.has(builder));
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
export function sourceStatersOf(rule: Rule, policy: Policy): readonly Builder[] {
  const stated = stepRules(rule)[0]?.source?.stated ?? null;
  if (stated === null) return [];
  const names = countedIn([stated.requirement]);
  return [...policy.builders.values()].filter((builder) => names.has(builder.name));
}

/** Whose signatures on its commit or on tags of that the rule asks for, in the policy's order. */
export function sourceSignersOf(rule: Rule, policy: Policy): readonly Builder[] {
  const signed = stepRules(rule)[0]?.source?.git?.signed ?? null;
  if (signed === null) return [];
  const names = countedIn([signed.requirement]);
  return [...policy.builders.values()].filter((builder) => names.has(builder.name));
}

/** All whom any rule asks to sign commits or tags. */
export function signersAsked(policy: Policy): readonly Builder[] {
  return [...new Set(policy.rules.flatMap((rule) => sourceSignersOf(rule, policy)))];
}

/** The names of all builders under these requirements. */
export function countedIn(requirements: readonly Requirement[]): ReadonlySet<string> {
  return new Set(
    requirements.flatMap(({ of }) =>
      ("kind" in of ? [of] : of).flatMap((party) => [...buildersUnder(party)]),
    ),
  );
}
