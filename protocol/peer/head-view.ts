import type { Ending, Lifecycle } from "../lifecycle/index.ts";

/** How far this peer holds a feed. */
export interface HeadView {
  readonly origin: string;
  /** Signed note of the accepted head, own line only. */
  readonly checkpoint: Uint8Array;
  readonly size: number;
  /** Entries held without a gap from 0. */
  readonly held: number;
  /** Newest own-key time line (RULES R10): the note with that cosignature, or null. */
  readonly timed: Uint8Array | null;
  /** What witnesses have cosigned, each a note with the feed's line and one witness's: pinned witnesses first. */
  readonly cosigned: readonly Uint8Array[];
  readonly state: FeedStateName;
  /** Claims are indexed up to here. */
  readonly indexed: number;
  readonly class: FeedClass;
}

/** A feed for people: also what became of it. */
export interface FeedView extends HeadView {
  readonly lifecycle: Lifecycle;
  /** The statement by its own key that it has ended, and the entries that it has behind that; null without one. */
  readonly ending: (Ending & { readonly after: number }) | null;
}

/**
 * `full`: there is no room for what is missing. `oversized`: that begins with an entry which is larger than any may be. `not-begun`, `unconfirmed`,
 * `frozen` and `lost` are states of the own feed: nothing can be published.
 */
export type FeedStateName =
  | "open"
  | "syncing"
  | "full"
  | "oversized"
  | "withheld"
  | "not-begun"
  | "unconfirmed"
  | "frozen"
  | "forked"
  | "lost";
export type FeedClass = "own" | "followed" | "vouched" | "unknown";

/** Two heads of a feed, and the hashes of the consistency proof that leads from the smaller to the larger. */
export interface HeadJoin {
  readonly small: Uint8Array;
  readonly large: Uint8Array;
  readonly proof: readonly Uint8Array[];
}
