import type { FindResult } from "../../../protocol/index.ts";
import type { MemoryFeed } from "../cli/stage.ts";

/** What a light peer is told of feeds by somebody who has all of them. */
export function answerOf(...feeds: readonly MemoryFeed[]): FindResult {
  return {
    found: feeds.flatMap((feed) =>
      feed.entries.map((entry, index) => ({
        entry,
        signer: feed.head().key,
        index,
        path: feed.inclusion(index),
        checkpoint: feed.note(),
      })),
    ),
    heads: [],
    cosigned: [],
    joins: [],
    evidence: [],
    peers: { asked: 1, replied: 1 },
    dht: { asked: 0, replied: 0 },
    ended: true,
  };
}
