/** When what is stored in the DHT is stored again: a round takes REPUBLISH_SECONDS, and each place of the key space has its time in it. */
import { compareBytes } from "../bytes/index.ts";
import { REPUBLISH_SECONDS } from "../limits.ts";
import { markAt, partOf } from "./sweep-rows.ts";
import type { SweepProgress } from "./sweep-rows.ts";

const ROUND_MS = REPUBLISH_SECONDS * 1_000;

/** A round and a mark in it. */
export type RoundMark = Pick<SweepProgress, "round" | "mark">;

/** Up to where everything should have been stored again by now (ms since 1970). */
export function dueAt(now: number): RoundMark {
  return { round: Math.floor(now / ROUND_MS), mark: markAt((now % ROUND_MS) / ROUND_MS) };
}

/**
 * Where to go on from so as to come to `due`; null where that is reached. What an absence has left out of two rounds is stored once. A round that
 * is still to come was begun by a clock that was ahead: nothing waits for it.
 */
export function goOnFrom({ round, mark }: RoundMark, due: RoundMark): RoundMark | null {
  const isBehind = compareBytes(mark, due.mark) < 0;
  if (round > due.round) return due;
  if (round === due.round && !isBehind) return null;
  if (round < due.round - 1 || (round < due.round && isBehind))
    return { round: due.round - 1, mark: due.mark };
  return { round, mark };
}

/** Seconds from where a sweep stands to now. */
export function secondsBehind({ round, mark }: RoundMark, now: number): number {
  return Math.max(0, Math.floor(now / 1_000 - (round + partOf(mark)) * REPUBLISH_SECONDS));
}
