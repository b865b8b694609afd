/** Feeds by how long ago their keys last confirmed a head. */
import { isAhead } from "../../protocol/index.ts";

/** Feeds of one age. */
export interface FeedAge {
  readonly name: string;
  readonly count: number;
  readonly fill: string;
}

const HOUR_MS = 3_600_000;

/** `times`: ms since 1970 by origin. A time ahead of this clock is as good as none (RULES R10). */
export function feedsByAge(
  origins: readonly string[],
  times: ReadonlyMap<string, number>,
  now: number,
): readonly FeedAge[] {
  const ages = origins.map((origin) => {
    const time = times.get(origin);
    return time === undefined || isAhead(time, now) ? null : now - time;
  });
  const aged = (from: number, to: number): number =>
    ages.filter((age) => age !== null && age >= from && age < to).length;
  return [
    { name: "within an hour", count: aged(-Infinity, HOUR_MS), fill: "good" },
    { name: "within a day", count: aged(HOUR_MS, 24 * HOUR_MS), fill: "good" },
    { name: "within a week", count: aged(24 * HOUR_MS, 168 * HOUR_MS), fill: "warn" },
    { name: "longer ago", count: aged(168 * HOUR_MS, Infinity), fill: "bad" },
    { name: "no time known", count: ages.filter((age) => age === null).length, fill: "quiet" },
  ];
}
