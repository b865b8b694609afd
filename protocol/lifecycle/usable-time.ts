import { MAX_CLOCK_SKEW_MS } from "../limits.ts";

/** Whether a time is ahead of the clock by more than clocks differ, and so says nothing (RULES R10). Both in ms since 1970. */
export function isAhead(ms: number, now: number): boolean {
  return ms > now + MAX_CLOCK_SKEW_MS;
}

/** A time that is not ahead of the clock, else null. */
export function usableTime(ms: number | null, now: number): number | null {
  return ms === null || isAhead(ms, now) ? null : ms;
}
