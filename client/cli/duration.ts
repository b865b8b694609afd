import { MAX_TIMER_MS } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";

const UNITS: ReadonlyMap<string, number> = new Map([
  ["s", 1_000],
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
]);

/** `30s`, `10m`, `24h`, `2d`, in ms. Throws `usage/bad-option`. */
export function parseDuration(option: string, text: string): number {
  const match = /^([0-9]{1,6})([smhd])$/.exec(text);
  const unit = UNITS.get(match?.[2] ?? "");
  if (match === null || unit === undefined)
    throw new ClientError("usage/bad-option", `${option} ${text}: write it like 30s, 10m, 24h or 2d`);
  return Number(match[1]) * unit;
}

/** How long something may take, by one timer. Throws `usage/bad-option`. */
export function parseTimeout(option: string, text: string): number {
  const ms = parseDuration(option, text);
  if (ms > 0 && ms <= MAX_TIMER_MS) return ms;
  throw new ClientError("usage/bad-option", `${option} ${text}: from 1s to ${durationInWords(MAX_TIMER_MS)}`);
}

/** What is between two rounds. Throws `usage/bad-option`. */
export function parseEvery(text: string): number {
  const ms = parseDuration("--every", text);
  if (ms === 0) throw new ClientError("usage/bad-option", "--every 0: at least 1s");
  return ms;
}

/** A span in the largest unit that tells it well: `59 s`, `119 min`, `47 h`, `3 days`. */
export function durationInWords(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return `${Math.floor(ms / 1_000)} s`;
  if (minutes < 120) return `${minutes} min`;
  return minutes < 2_880 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1_440)} days`;
}
