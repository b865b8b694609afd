/** Sources that those who agree name, and of which the policy wants to hear from others (spec/verdict.md, "Source"). */
import { fromHex, sourceStatersOf } from "../../protocol/index.ts";
import type { Policy, Verdict } from "../../protocol/index.ts";
import { rulesOf, timesFor } from "./question.ts";
import type { Wanted } from "./question.ts";

const FILE = "sha256:";

/** The files that may be the source, each with those who may state it. */
export function sourcesWanted(verdicts: readonly Verdict[], policy: Policy, now: number): readonly Wanted[] {
  return verdicts.flatMap(({ artifact, votes }) => {
    const asked = rulesOf(policy, artifact).map((rule) => ({
      rule,
      builders: sourceStatersOf(rule, policy),
    }));
    const builders = [...new Set(asked.flatMap((one) => one.builders))];
    if (builders.length === 0) return [];
    const since = [...new Set(asked.flatMap((one) => timesFor(one.rule, one.builders, now)))];
    const files = new Set(
      votes.flatMap(({ sources }) => sources ?? []).filter((one) => one.startsWith(FILE)),
    );
    return [...files].map((file) => ({
      artifact: { sha256: fromHex(file.slice(FILE.length)), name: file, target: null, inside: null },
      builders,
      since,
      names: [],
    }));
  });
}
