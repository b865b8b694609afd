import type { SignedHead } from "../feed/index.ts";
import { MAX_CLOCK_SKEW_MS } from "../limits.ts";

/** Whether a head's time line is ahead of `now` (ms since 1970) by more than clocks differ: it says nothing then (RULES R10). */
export function isAhead(head: SignedHead | null, now: number): boolean {
  return head !== null && head.time !== null && 1_000 * head.time > now + MAX_CLOCK_SKEW_MS;
}
