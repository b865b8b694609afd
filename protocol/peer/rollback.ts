import type { SignedHead } from "../feed/index.ts";
import { isAhead } from "../lifecycle/index.ts";
import { MAX_CLOCK_SKEW_MS } from "../limits.ts";

/**
 * Whether a feed's key has called a smaller head its newest after it had said so of a larger one (spec/peer.md, "Findings"): two time lines of its own,
 * the later of the smaller size, further apart than clocks differ, and none of them ahead of `now` (ms since 1970). Order plays no part. Who hands out
 * old heads can't bring this about, since these bear old lines, and neither can a clock that was put right by less than that.
 */
export function isRolledBack(one: SignedHead, other: SignedHead, now: number): boolean {
  if (one.time === null || other.time === null) return false;
  const [earlier, later] = one.time < other.time ? [one, other] : [other, one];
  const [from, to] = [1_000 * (earlier.time ?? 0), 1_000 * (later.time ?? 0)];
  return later.size < earlier.size && to - from > MAX_CLOCK_SKEW_MS && !isAhead(to, now);
}
