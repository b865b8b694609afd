/** Steps before the last one: what went into a step is what another one gave (spec/verdict.md, "Layouts"). */
import { buildersOf, fromHex, materialsOf, MAX_SOUGHT_MATERIALS } from "../../protocol/index.ts";
import type { FoundDocument, Policy, Verdict } from "../../protocol/index.ts";
import { rulesOf, timesFor } from "./question.ts";
import type { Wanted } from "./question.ts";

/** Of files that a layout judges: what went into the steps that are known, so far as it is not in `asked`, which grows by it. */
export function linksWanted(
  verdicts: readonly Verdict[],
  documents: readonly FoundDocument[],
  asked: Set<string>,
  { policy, now }: { readonly policy: Policy; readonly now: number },
): readonly Wanted[] {
  return verdicts.flatMap(({ artifact, layout }) => {
    const rules =
      layout === undefined ? [] : rulesOf(policy, artifact).filter((rule) => rule.layout !== null);
    const builders = [...new Set(rules.flatMap((rule) => buildersOf(rule, policy)))];
    if (builders.length === 0) return [];
    const since = [...new Set(rules.flatMap((rule) => timesFor(rule, builders, now)))];
    const fresh = materialsOf(artifact, documents, MAX_SOUGHT_MATERIALS).filter(
      ({ sha256 }) => !asked.has(sha256),
    );
    for (const { sha256 } of fresh) asked.add(sha256);
    return fresh.map(({ sha256, path }) => ({
      artifact: { sha256: fromHex(sha256), name: path, target: null, inside: null },
      builders,
      since,
      names: [path],
    }));
  });
}
