/** Ages in a policy: `30d`, `12h`, `none`. */
import type { Shape } from "../bytes/index.ts";
import { formatTime } from "../attestation/index.ts";
import { quote } from "../bytes/index.ts";
import { MAX_AGE_DAYS } from "../limits.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const UNITS: ReadonlyMap<string, number> = new Map([
  ["m", MINUTE],
  ["h", 60 * MINUTE],
  ["d", DAY],
  ["w", 7 * DAY],
]);

/** An age in ms; null for `none` and for a missing member. Throws `policy/bad-age`. */
export function readAge(shape: Shape | undefined): number | null {
  if (shape === undefined) return null;
  const text = shape.string();
  if (text === "none") return null;
  const [, digits, unit] = /^([1-9][0-9]{0,6})([mhdw])$/.exec(text) ?? [];
  const ms = Number(digits) * (UNITS.get(unit ?? "") ?? Number.NaN);
  if (Number.isNaN(ms)) {
    shape.fail(
      "policy/bad-age",
      `${quote(text)} is no age; write "none" or a number with m, h, d or w, as in "30d"`,
    );
  }
  if (ms > MAX_AGE_DAYS * DAY) {
    shape.fail(
      "policy/bad-age",
      `${quote(text)} is more than ${MAX_AGE_DAYS} days; write "none" for any age`,
    );
  }
  return ms;
}

/** A date as a policy writes it: the day, and the time where it is not its beginning in UTC. */
export function writeDate(ms: number): string {
  return formatTime(ms).replace("T00:00:00Z", "");
}

/** An age as a policy writes it, in the largest unit that fits. */
export function writeAge(ms: number | null): string {
  if (ms === null) return "none";
  const [unit, length] = [...UNITS].findLast(([, length]) => ms % length === 0) ?? ["m", MINUTE];
  return `${Math.round(ms / length)}${unit}`;
}
