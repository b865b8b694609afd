import { MAX_CLOCK_SKEW_MS } from "../limits.ts";

/** A time that is not ahead of the verifier's clock by more than clocks differ (RULES R10), else null. */
export function usableTime(ms: number | null, now: number): number | null {
  return ms === null || ms > now + MAX_CLOCK_SKEW_MS ? null : ms;
}
