/** Dates in a policy: a day, or a time, in UTC. */
import { parseTime } from "../attestation/index.ts";
import { quote } from "../bytes/index.ts";
import type { Shape } from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";

const DAY = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;

/** A day, whose beginning in UTC is meant, or a time. Throws `policy/bad-date`. */
export function readDate(shape: Shape): number {
  const text = shape.string();
  try {
    return parseTime(DAY.test(text) ? `${text}T00:00:00Z` : text);
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    return shape.fail(
      "policy/bad-date",
      `${quote(text)} is no date: a day as in "2026-12-31", or a time as in "2026-12-31T18:00:00Z"`,
    );
  }
}
