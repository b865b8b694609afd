/** Numbers, times and digests in words. */
import { isAhead } from "../../protocol/index.ts";

/** Digits of a digest that tell files apart on a page. */
const SHORT_DIGITS = 8;
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** ms from 1970 to the last date that there is in ECMAScript, and to the first. */
const LAST_DATE = 8.64e15;

const grouped = new Intl.NumberFormat("en");

/** `65,000`. */
export function number(value: number): string {
  return grouped.format(value);
}

/** `1 file`, `2 files`. */
export function many(count: number, one: string, several = `${one}s`): string {
  return `${number(count)} ${count === 1 ? one : several}`;
}

export function short(digest: string): string {
  return digest.length > SHORT_DIGITS ? `${digest.slice(0, SHORT_DIGITS)}…` : digest;
}

/** `5 min ago`. Whatever the time: whoever signs may state any. */
export function ago(time: number, now: number): string {
  if (Number.isNaN(time)) return "at no time known";
  if (isAhead(time, now)) return "ahead of this clock";
  const ms = Math.max(0, now - time);
  return ms < 10 * SECOND ? "just now" : `${span(ms)} ago`;
}

export function span(ms: number): string {
  if (ms < MINUTE) return `${Math.round(ms / SECOND)} s`;
  if (ms < HOUR) return `${Math.round(ms / MINUTE)} min`;
  if (ms < 2 * DAY) return `${Math.round(ms / HOUR)} h`;
  return `${Math.round(ms / DAY)} days`;
}

/** `2026-11-29 10:15 UTC`. */
export function when(time: number): string {
  if (Number.isNaN(time)) return "no time known";
  if (Math.abs(time) > LAST_DATE) return "a time beyond all calendars";
  return `${new Date(time).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** `12.5 MB`. */
export function octets(count: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = count;
  let unit = 0;
  while (value >= 1_000 && unit < units.length - 1) {
    value /= 1_000;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** `94 %`, with one digit more where it would be all or nothing and is not; `–` of nothing. */
export function share(part: number, whole: number): string {
  if (whole === 0) return "–";
  const percent = (100 * part) / whole;
  const rounded = Math.round(percent);
  const isExact = rounded === percent || (rounded !== 0 && rounded !== 100);
  return `${isExact ? rounded : Math.min(99.9, Math.max(0.1, percent)).toFixed(1)} %`;
}

const PURL = /^pkg:[a-z]+\/(?:[^@?]*\/)?([^/@?]+)(?:@([^?]*))?(?:\?(.*))?$/;

/** The package's name alone, by which nodes look for it; the text as it is where it is no purl. */
export function nameInPurl(purl: string): string {
  return decoded(PURL.exec(purl)?.[1] ?? purl);
}

/** `hello 2.10-3 amd64` of a purl; the text as it is where it is none. */
export function packageName(purl: string): string {
  const match = PURL.exec(purl);
  if (match === null) return purl;
  const arch = new URLSearchParams(match[3] ?? "").get("arch") ?? "";
  return [decoded(match[1] ?? ""), decoded(match[2] ?? ""), arch].filter((part) => part !== "").join(" ");
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
