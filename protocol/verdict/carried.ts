/** What standing in a feed is worth once feeds fork (RULES R15, R16). */
import { equalBytes } from "../bytes/index.ts";
import { areOfSameHeads, saysMore } from "../evidence/index.ts";
import type { Evidence, ForkEvidence } from "../evidence/index.ts";
import type { Feeds } from "./feeds.ts";
import type { Carried, Heard } from "./heard.ts";

/** Whether the claim stands in what both branches of every fork begin with: such leaves still count. */
export function isBelowForks(
  { carried }: Pick<Heard, "carried">,
  forks: readonly ForkEvidence[] | "rewritten",
): boolean {
  return forks !== "rewritten" && carried.some((place) => isBelowAll(place, forks));
}

/** Whether a feed carries the claim, its builder's or anybody's, and no fork of that feed takes this away. */
export function isLogged({ carried }: Heard, feeds: Feeds, evidence: readonly Evidence[]): boolean {
  const all = [...evidence, ...feeds.forks].filter((one): one is ForkEvidence => one.kind === "fork");
  return carried.some((place) => {
    const { origin } = place.head;
    const forks = all.filter(({ a }) => a.origin === origin);
    return forks.length === 0 ? feeds.views.get(origin)?.rewritten !== true : isBelowAll(place, forks);
  });
}

/** Of two proofs about the same heads the one counts that says what they share. */
function isBelowAll(place: Carried, forks: readonly ForkEvidence[]): boolean {
  const strictest = forks.filter(
    (fork) => !forks.some((other) => areOfSameHeads(other, fork) && saysMore(other, fork)),
  );
  return strictest.every((fork) => isCommon(place, fork));
}

function isCommon({ head, index }: Carried, { a, b, common }: ForkEvidence): boolean {
  return (
    common !== null &&
    index < common.size &&
    head.origin === a.origin &&
    [a, b, common].some((tree) => tree.size === head.size && equalBytes(tree.root, head.root))
  );
}
