/** A feed's key says that its feed ends, and which one goes on in its stead (`protocol/spec/freeze.md`): a hint, never trust. */
import { jsonObject } from "../bytes/index.ts";
import type { JsonValue } from "../bytes/index.ts";
import { formatTime } from "./time.ts";

export const FREEZE_V1 = "https://samebits.dev/feed-freeze/v1";

export interface FreezePredicate {
  readonly origin: string;
  /** The largest size that the key is known to have signed. */
  readonly size: number;
  /** Entries that could be had, in one history. */
  readonly held: number;
  /** Origin of the feed that goes on; null for none. */
  readonly successor: string | null;
  readonly reason: string;
  /** ms since 1970. */
  readonly time: number;
}

/** The predicate as we write it. */
export function freezeJson({ origin, size, held, successor, reason, time }: FreezePredicate): JsonValue {
  return jsonObject({
    origin,
    size,
    held,
    successor: successor ?? undefined,
    reason,
    time: formatTime(time),
  });
}
