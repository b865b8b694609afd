/** What `watch --since` says. */
import { fromDecimal } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";

/** RFC 3339, or the beginning of it. */
const TIME = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})?)?$/;

export interface Since {
  /** Number of the last finding that is left out. */
  readonly afterNumber: number;
  /** ms since 1970. */
  readonly fromTime: number;
}

/** Nothing = from now on; digits = after that alert; else a time. */
export function readSince(text: string | undefined, now: number): Since {
  if (text === undefined) return { afterNumber: 0, fromTime: now };
  if (/^[0-9]{1,15}$/.test(text)) return { afterNumber: fromDecimal(text), fromTime: 0 };
  // Date.parse takes much more, and makes a year of what was meant as a number.
  const time = TIME.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(time)) {
    throw new ClientError(
      "usage/bad-option",
      `--since ${text}: a time like 2026-11-12T00:00:00Z, or a number`,
    );
  }
  return { afterNumber: 0, fromTime: time };
}
