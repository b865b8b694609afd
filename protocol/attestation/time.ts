/** Times in statements: RFC 3339 in UTC and whole seconds, one writing each. */
import { quote } from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";

const TIME = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/;
/** 9999-12-31T23:59:59Z: the last that has four digits of year. */
const LAST_MS = 253_402_300_799_000;

/** ms since 1970 of `2026-11-21T03:25:00Z`; nothing but this form. Throws `attestation/bad-time`. */
export function parseTime(text: string): number {
  const ms = TIME.test(text) ? Date.parse(text) : Number.NaN;
  // Written back, the 31st of February shows.
  if (!(ms >= 0) || formatTime(ms) !== text) {
    throw new ProtocolError(
      "attestation/bad-time",
      `${quote(text)} is no time from 1970 on, written YYYY-MM-DDThh:mm:ssZ`,
    );
  }
  return ms;
}

/** The form that `parseTime` reads; fractions of a second are cut. Throws `attestation/bad-time` outside 1970 … 9999. */
export function formatTime(ms: number): string {
  if (!hasForm(ms)) {
    throw new ProtocolError("attestation/bad-time", `${ms} ms since 1970 is no time from 1970 to 9999`);
  }
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** The same for people, of times that strangers signed and no rule bounds, such as those of time lines: one without that form is told in words. */
export function showTime(ms: number): string {
  if (hasForm(ms)) return formatTime(ms);
  return `${Math.floor(ms / 1_000)} s since 1970, ${ms > 0 ? "after the year 9999" : "before it"}`;
}

function hasForm(ms: number): boolean {
  return ms >= 0 && ms <= LAST_MS + 999;
}
