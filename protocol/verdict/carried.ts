/** What standing in a feed is worth once feeds fork (RULES R15, R16). */
import { areOfSameHeads, saysMore } from "../evidence/index.ts";
import type { Evidence, ForkEvidence } from "../evidence/index.ts";
import type { Feeds } from "./feeds.ts";
import type { Carried, Heard } from "./heard.ts";
import type { Histories } from "./histories.ts";

/** Whether the claim stands in what both branches of every fork begin with: such leaves still count. */
export function isBelowForks(
  { carried }: Pick<Heard, "carried">,
  forks: readonly ForkEvidence[] | "rewritten",
  { histories }: Pick<Feeds, "histories">,
): boolean {
  return forks !== "rewritten" && carried.some((place) => isBelowAll(place, forks, histories));
}

/** Whether a feed carries the claim, its builder's or anybody's (or one that `isMeant` takes), and no fork of that feed takes this away. */
export function isLogged(
  { carried }: Pick<Heard, "carried">,
  feeds: Feeds,
  evidence: readonly Evidence[],
  isMeant: (origin: string) => boolean = () => true,
): boolean {
  const all = [...evidence, ...feeds.forks].filter((one): one is ForkEvidence => one.kind === "fork");
  return carried.some((place) => {
    const { origin } = place.head;
    if (!isMeant(origin)) return false;
    const forks = all.filter(({ a }) => a.origin === origin);
    return forks.length === 0
      ? feeds.views.get(origin)?.rewritten !== true
      : isBelowAll(place, forks, feeds.histories);
  });
}

/** Of two proofs about the same heads the one counts that says what they share. */
function isBelowAll(place: Carried, forks: readonly ForkEvidence[], histories: Histories): boolean {
  const strictest = forks.filter(
    (fork) => !forks.some((other) => areOfSameHeads(other, fork) && saysMore(other, fork)),
  );
  return strictest.every((fork) => isCommon(place, fork, histories));
}

/** Under a third head too, where it is proven to be of one history with any of the trees: then they share this leaf, as those share it. */
function isCommon({ head, index }: Carried, { a, b, common }: ForkEvidence, histories: Histories): boolean {
  if (common === null || index >= common.size) return false;
  const trees = [a, b, { origin: a.origin, size: common.size, root: common.root }];
  return trees.some((tree) => histories.areOfOne(tree, head));
}
