/**
 * Rows `p` origin hash, witness's key, seconds: a head of the feed that the witness cosigned then and that a larger one has displaced. Not by
 * feed number: a feed that is dropped and fetched anew has another.
 */
import { concat, tried, utf8 } from "../bytes/index.ts";
import { KEY_BYTES } from "../crypto/index.ts";
import { HASH_BYTES, parseCosigned } from "../feed/index.ts";
import type { Checkpoint } from "../feed/index.ts";
import { MAX_PAST_COSIGNATURES, PAST_DAYS_S, PAST_HOURS_S, PAST_SPAN_S } from "../limits.ts";
import { rowsUnder, uintOctets, uintOf } from "./rows.ts";
import type { Range, Row } from "./types.ts";

const KIND = utf8("p");
const TIME_BYTES = 5;
const HOUR_S = 3_600;
const DAY_S = 86_400;

/** Key of a row. */
export function pastKey(originHash: Uint8Array, witness: Uint8Array, time: number): Uint8Array {
  return concat(KIND, originHash, witness, uintOctets(time, TIME_BYTES));
}

/** The newest of one witness that is not later. */
export function pastBy(originHash: Uint8Array, witness: Uint8Array, time: number): Range {
  const from = pastKey(originHash, witness, 0);
  return { from, to: pastKey(originHash, witness, time + 1), limit: 1, reverse: true };
}

/** All of one witness, oldest first. */
export function pastOf(originHash: Uint8Array, witness: Uint8Array): Range {
  return rowsUnder(concat(KIND, originHash, witness), 2 * MAX_PAST_COSIGNATURES);
}

/** Of all witnesses, oldest first of each. */
export function pastOfFeed(originHash: Uint8Array, limit: number): Range {
  return rowsUnder(concat(KIND, originHash), limit);
}

/** Seconds since 1970, by the witness's clock. */
export function timeOfPast(key: Uint8Array): number {
  return uintOf(key, KIND.length + HASH_BYTES + KEY_BYTES, TIME_BYTES);
}

/** The head in a row, nothing verified; null where the row is damaged. */
export function readPast({ value }: Row): Checkpoint | null {
  return tried(() => parseCosigned(value).checkpoint);
}

/** Whether two times are in one hour of UTC: the finest that is kept. */
export function isSameHour(a: number, b: number): boolean {
  return Math.floor(a / HOUR_S) === Math.floor(b / HOUR_S);
}

/** The day of UTC, as a number. */
export function dayOf(time: number): number {
  return Math.floor(time / DAY_S);
}

/** Which of these rising times go, seen from `now`: those before `forS`, and all but the last of each hour, then day, then four weeks. */
export function thinnedOut(times: readonly number[], now: number, forS: number): readonly number[] {
  const last = new Map(times.map((time) => [spanOf(time, now), time]));
  return times.filter((time) => now - time > forS || last.get(spanOf(time, now)) !== time);
}

function spanOf(time: number, now: number): string {
  const age = now - time;
  const seconds = age < PAST_HOURS_S ? HOUR_S : age < PAST_DAYS_S ? DAY_S : PAST_SPAN_S;
  return `${seconds} ${Math.floor(time / seconds)}`;
}
