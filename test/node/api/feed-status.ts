import type { FeedView, StatusResult } from "../../../protocol/index.ts";
import type { MemoryFeed } from "../../sim/memory-feed.ts";

/** The status of a node that holds so many entries of this feed alone. */
export function statusOfFeed(
  feed: MemoryFeed,
  size: number,
  changes: Partial<FeedView> = {},
  witness: StatusResult["witness"] = null,
): StatusResult {
  const view: FeedView = {
    origin: feed.origin,
    checkpoint: feed.note(),
    size,
    held: size,
    indexed: 0,
    timed: null,
    cosigned: [],
    state: "syncing",
    class: "followed",
    lifecycle: "appending",
    ending: null,
    ...changes,
  };
  return {
    feeds: [view],
    own: null,
    recovery: null,
    witness,
    sync: { feeds: 0, missing: 0, rate: 0, seconds: 0 },
    audit: { audited: 0, left: 0, seconds: 0 },
    claims: 0,
    findings: 0,
    records: 0,
    sweep: { wanted: 0, stored: 0, behind: 0 },
    peers: 0,
    counters: new Map(),
  };
}
