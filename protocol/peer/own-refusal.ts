/** In which state the own feed can be, and what whoever wants to publish is told where it can't be. */

/**
 * `none`: never begun here. `checking`: entries are taken and wait until others were asked. `unconfirmed`: the store was restored or copied.
 * `lost`: store or file are not what this feed's last head rests on. `frozen`: a write failed.
 */
export type OwnState = "none" | "checking" | "unconfirmed" | "open" | "lost" | "frozen";

const RECOVER =
  "It never appends again by itself, since a second head of one size would be a fork: stop the node and run `samebits feed recover --key KEY`";
const MOVED =
  "the own-head file is not the one that this node wrote last: the data folder was restored or copied, and the feed may have gone on since";
const CONFIRM =
  "Wait until more of those who hold it are connected, name one that does with --anchor, or recover the feed (samebits feed recover)";
const NONE: Refusal = {
  code: "peer/feed-not-begun",
  message:
    "this node has no feed: start it once with --first to begin one, if its key never had a feed anywhere; a key that has one elsewhere " +
    "must not begin it again, since that would fork it: recover it (samebits feed recover), or make a new key",
};
const FROZEN: Refusal = {
  code: "peer/publishing-frozen",
  message:
    "a write of the own feed failed and may or may not have persisted: nothing is signed until the node has started anew and read what is there; " +
    "it does so by itself once it can write, and its log says why it could not",
};

/** Why nothing can be published, and what to do. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
}

/** Null where publishing is possible, now or in a moment. `detail` says why the feed is lost, or who has answered after a restore. */
export function refusalOf(state: OwnState, detail: string): Refusal | null {
  switch (state) {
    case "open":
    case "checking":
      return null;
    case "none":
      return NONE;
    case "frozen":
      return FROZEN;
    case "lost":
      return { code: "peer/feed-lost", message: `${detail}. ${RECOVER}` };
    case "unconfirmed":
      return { code: "peer/feed-unconfirmed", message: `${MOVED}; ${detail}. ${CONFIRM}` };
  }
}
