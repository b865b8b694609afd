/** What a rule asks of a claim beside its digest (spec/verdict.md, "Votes"). All of it takes away agreement, never dissent. */
import { isLogged } from "./carried.ts";
import type { Count, Dossier } from "./dossier.ts";
import { isFreshFor } from "./feeds.ts";
import type { Heard } from "./heard.ts";
import { usableTime } from "../lifecycle/index.ts";

type Said = Pick<Heard, "claim" | "carried">;

/** Not older than this, by the time that it states; one that states none is too old. */
export function isYoung({ claim }: Pick<Said, "claim">, maxAgeMs: number | null, now: number): boolean {
  const stated = usableTime(claim.time, now);
  return maxAgeMs === null || (stated !== null && now - stated <= maxAgeMs);
}

/** The head of a feed that carries it, or of one of its builder's own, is as young as the rule asks. */
export function isHeard({ carried }: Said, own: Dossier["feeds"], { rule, feeds, now }: Count): boolean {
  const heads = [...carried.map(({ head }) => feeds.views.get(head.origin)), ...own];
  return rule.maxHeadAgeMs === null || heads.some((feed) => isFreshFor(rule, feed, now));
}

/** A feed is proven to carry it, where the rule asks for that. */
export function isInFeed(one: Said, { rule, feeds, found }: Count): boolean {
  return !rule.logged || isLogged(one, feeds, found.evidence);
}

/** Enough witnesses saw it in a feed, long enough ago, where the rule asks for that. */
export function isWitnessed(one: Said, { witnessed }: Count): boolean {
  return witnessed?.isSeen(one) ?? true;
}
