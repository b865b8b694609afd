/** Reads from the store what the engine keeps in memory. Nothing is served before it is done. */
import { ProtocolError } from "../errors.ts";
import { MAX_FEEDS } from "../limits.ts";
import type { Context } from "./context.ts";
import { keyOfFeedRow, readFeedRow } from "./feed-row.ts";
import { readWhole } from "./reads.ts";
import { feedNumberOf, rowsOf } from "./rows.ts";
import type { Row } from "./types.ts";

/** Brings back all feeds. A row that cannot be read is left out: a foreign feed is fetched anew, the own one counts as lost. */
export function loadFeeds(ctx: Context, done: () => void, failed: (code: string) => void): void {
  readWhole(
    ctx.turn,
    rowsOf("f", MAX_FEEDS),
    (rows) => {
      for (const row of rows) load(ctx, row);
      done();
    },
    failed,
  );
}

function load(ctx: Context, { key, value }: Row): void {
  let feed = null;
  try {
    feed = ctx.feeds.add(feedNumberOf(key), keyOfFeedRow(value));
    readFeedRow(feed, value, ctx.config.network);
    // The clock by which it was heard may have been ahead.
    feed.heardAt = Math.min(feed.heardAt, ctx.turn.steady);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    ctx.counters.add("bad-row");
    if (feed !== null) ctx.feeds.remove(feed);
  }
}
