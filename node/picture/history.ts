/** Points of time as they are kept: one an hour for two days, one a day before. Pure. */
import { PICTURE_DAYS, PICTURE_HOURS } from "../../protocol/index.ts";

const HOUR = 3_600_000;
const DAY: number = 24 * HOUR;

/** With one more, the newest: of each hour of the last PICTURE_HOURS the last point is kept, of each of the `days` before the last of the day. */
export function withPoint<Point extends { readonly time: number }>(
  history: readonly Point[],
  point: Point,
  days: number = PICTURE_DAYS,
): readonly Point[] {
  const all = [...history.filter(({ time }) => time < point.time), point];
  const hourly = point.time - PICTURE_HOURS * HOUR;
  const oldest = point.time - days * DAY;
  return all.filter(({ time }, i) => {
    const next = all[i + 1]?.time;
    if (next === undefined) return true;
    const step = time < hourly ? DAY : HOUR;
    return time >= oldest && Math.floor(next / step) !== Math.floor(time / step);
  });
}
