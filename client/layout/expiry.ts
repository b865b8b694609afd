/** Until when a layout holds, as people write it. */
import { parseTime, ProtocolError } from "../../protocol/index.ts";

const DAY_MS = 86_400_000;
const SPAN = /^([0-9]{1,5})d$/;
const DAY = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;

/** How people write it, for messages. */
export const EXPIRY_FORMS = "a span as in 365d, a day as in 2027-12-31, or a time as in 2027-12-31T18:00:00Z";

/** ms since 1970, whole seconds: a span from `now` on, a day (its beginning in UTC) or a time; null for anything else. */
export function readExpiry(text: string, now: number): number | null {
  const days = SPAN.exec(text)?.[1];
  if (days !== undefined) return Math.floor(now / 1_000) * 1_000 + Number(days) * DAY_MS;
  try {
    return parseTime(DAY.test(text) ? `${text}T00:00:00Z` : text);
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw error;
  }
}
