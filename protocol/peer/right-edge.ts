/** Whether what the store holds at a feed's right edge is what its row says: what is signed next stands on it (I1). */
import { concat, equalBytes } from "../bytes/index.ts";
import { leafHashes, rangeRoot } from "../feed/index.ts";
import { ProtocolError } from "../errors.ts";
import { TILE_WIDTH } from "../limits.ts";
import type { Context } from "./context.ts";
import { entriesIn, entryRange } from "./entry-rows.ts";
import type { FeedState } from "./feed-state.ts";
import { equalRoot } from "./feed-state.ts";
import { readAll } from "./reads.ts";
import { hashRange } from "./rows.ts";
import type { Tiles } from "./tiles.ts";

/**
 * Reads the entries of the newest tile, their hashes, and the hashes from which the tree's root is made. `done` is told whether all of them
 * are there and make the root of what is held; `failed` is called where the store cannot be read.
 */
export function checkRightEdge(
  ctx: Context,
  tiles: Tiles,
  feed: FeedState,
  done: (holds: boolean) => void,
  failed: (code: string) => void,
): void {
  const size = feed.held;
  if (size === 0) {
    done(true);
    return;
  }
  const start = TILE_WIDTH * Math.floor((size - 1) / TILE_WIDTH);
  readAll(
    ctx.turn,
    [entryRange(feed.no, start, size), hashRange(feed.no, 0, start, size)],
    ([rows = [], hashes = []]) => {
      const entries = entriesIn(rows, start, size);
      const leaves = leafHashes(entries);
      const held = concat(...hashes.map(({ value }) => value));
      if (entries.length !== size - start || !equalBytes(leaves, held)) done(false);
      else readRoot(tiles, feed, done, failed);
    },
    failed,
  );
}

function readRoot(
  tiles: Tiles,
  feed: FeedState,
  done: (holds: boolean) => void,
  failed: (code: string) => void,
): void {
  tiles.frontier(
    feed,
    feed.held,
    (read) => {
      try {
        done(equalRoot({ root: rangeRoot(read()) }, { root: rangeRoot(feed.stored) }));
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        done(false);
      }
    },
    failed,
  );
}
