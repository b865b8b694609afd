/** What standing in a feed is worth once feeds fork (RULES R15, R16). */
import { equalBytes } from "../bytes/index.ts";
import type { Evidence, ForkEvidence } from "../evidence/index.ts";
import type { Feeds } from "./feeds.ts";
import type { Carried, Heard } from "./heard.ts";

/** Whether the claim stands in the tree that both branches begin with: such leaves still count. */
export function isBelowFork({ carried }: Heard, fork: ForkEvidence | "rewritten"): boolean {
  return fork !== "rewritten" && carried.some((place) => isCommon(place, fork));
}

/** Whether a feed carries the claim, its builder's or anybody's, and no fork of that feed takes this away. */
export function isLogged({ carried }: Heard, feeds: Feeds, evidence: readonly Evidence[]): boolean {
  const forks = [...evidence, ...feeds.forks].filter((one): one is ForkEvidence => one.kind === "fork");
  return carried.some((place) => {
    const { origin } = place.head;
    const fork = forks.find(({ a }) => a.origin === origin);
    return fork === undefined ? feeds.views.get(origin)?.rewritten !== true : isCommon(place, fork);
  });
}

function isCommon({ head, index }: Carried, { a, b, common }: ForkEvidence): boolean {
  return (
    common !== null &&
    index < common.size &&
    head.origin === a.origin &&
    [a, b, common].some((tree) => tree.size === head.size && equalBytes(tree.root, head.root))
  );
}
