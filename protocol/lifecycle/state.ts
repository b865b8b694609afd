import { QUIESCENT_MS, STALE_FEED_MS } from "../limits.ts";
import type { Ending } from "./ending.ts";
import { isAhead } from "./usable-time.ts";

/**
 * `appending`: its key has called a head the newest lately, and that grew within a day. `quiescent`: the same head for a day or longer, and its
 * key still says so. `stale`: nothing by its key says that what is here is the newest: it may be off, or somebody holds newer heads back.
 * `frozen`: its key has named a successor. `ended`: its key has ended it without one. `forked`: its key signed two histories.
 */
export type Lifecycle = "appending" | "quiescent" | "stale" | "frozen" | "ended" | "forked";

/** All that the state of a feed is read out of. */
export interface LifecycleFacts {
  /** A proof of a fork is held. */
  readonly forked: boolean;
  readonly ending: Ending | null;
  /** ms since 1970 of the newest time line by the feed's own key (RULES R10); without one, when the feed was met; null where it was not. */
  readonly time: number | null;
  /** The same of the first time line known under the head that the newest one is about. */
  readonly since: number | null;
}

/** What became of a feed at `now`, in ms since 1970. A time ahead of `now` by more than clocks differ says nothing. */
export function lifecycleOf({ forked, ending, time, since }: LifecycleFacts, now: number): Lifecycle {
  if (forked) return "forked";
  if (ending !== null) return ending.successor === null ? "ended" : "frozen";
  if (time === null || isAhead(time, now) || now - time > STALE_FEED_MS) return "stale";
  return time - (since ?? time) >= QUIESCENT_MS ? "quiescent" : "appending";
}

/** Entries that a feed of `size` entries has behind its end: whoever relies on the end looks at them. */
export function entriesAfter({ carrier, origin, index, size: said }: Ending, size: number): number {
  return Math.max(0, size - (carrier === origin ? index + 1 : said));
}
