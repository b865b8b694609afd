/** A rule that leaves it to a layout: nothing that is said of votes holds in it. */
import type { PolicyLayout, Rule } from "./types.ts";

/** What such a rule says itself. */
export type LayoutRuleSays = Pick<
  Rule,
  "name" | "match" | "apt" | "mode" | "logged" | "witnesses" | "loggedForMs"
>;

/** Its steps, and who does them, are those of a layout that was not read yet: none. */
export function ruleByLayout(layout: PolicyLayout, says: LayoutRuleSays): Rule {
  return Object.freeze({
    ...says,
    layout,
    before: null,
    requirements: Object.freeze([]),
    steps: Object.freeze([]),
    counted: new Map<string, readonly string[]>(),
    distinct: Object.freeze(["builder"] as const),
    ways: Object.freeze([]),
    onContradiction: Object.freeze({ others: "refuse", roles: new Map() }),
    onDifference: Object.freeze({ others: "contradict", roles: new Map() }),
    maxHeadAgeMs: null,
    maxAttestationAgeMs: null,
    view: "partial",
    loggedBy: null,
    source: null,
    rebuiltWithinMs: null,
  });
}
