/** Waiting longer each time. */

const FIRST_MS = 500;
const MOST_MS = 60_000;
/** A server may ask for so much patience and no more. */
const MOST_ASKED_MS = 3_600_000;

/** After so many failures in a row; half of it by chance, so that many who failed at once do not come back at once. */
export function pauseAfter(failures: number, askedMs: number | null, chance: number = Math.random()): number {
  const most = Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 16));
  const own = most / 2 + (most / 2) * chance;
  return askedMs === null ? own : Math.max(own, Math.min(askedMs, MOST_ASKED_MS));
}
