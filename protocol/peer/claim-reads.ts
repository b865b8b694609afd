/** Index rows of targets and digests, so read that no number of strangers' rows hides those of the feeds that matter (RULES R11). */
import { equalBytes } from "../bytes/index.ts";
import { MAX_CROWDED_READS, MAX_LOOKED_UP_FEEDS } from "../limits.ts";
import type { Context } from "./context.ts";
import type { FeedState } from "./feed-state.ts";
import type { AskedKeys } from "./keys.ts";
import { readAll } from "./reads.ts";
import { inFeed } from "./rows.ts";
import type { Range, Row } from "./types.ts";

/** Rows of each range; of one that is full, those of asked-for, own and followed feeds stand first, read feed by feed. */
export function readClaims(
  ctx: Context,
  ranges: readonly Range[],
  asked: AskedKeys,
  done: (rows: readonly (readonly Row[])[]) => void,
  failed: (code: string) => void,
): void {
  readAll(
    ctx.turn,
    ranges,
    (rows) => {
      const full = ranges.filter((range, i) => (rows[i]?.length ?? 0) >= range.limit);
      if (full.length === 0) {
        done(rows);
        return;
      }
      const isAsked = (feed: FeedState): boolean => asked.keys.some(({ raw }) => equalBytes(raw, feed.key));
      const all = [...ctx.feeds.all()];
      const feeds = [
        ...all.filter(isAsked),
        ...all.filter((feed) => feed.isFollowed && !isAsked(feed)),
      ].slice(0, Math.min(MAX_LOOKED_UP_FEEDS, Math.ceil(MAX_CROWDED_READS / full.length)));
      const parts = full.flatMap((range) => feeds.map(({ no }) => ({ range, part: inFeed(range, no) })));
      readAll(
        ctx.turn,
        parts.map(({ part }) => part),
        (found) => {
          const own = (range: Range): readonly Row[] =>
            found.filter((_, i) => parts[i]?.range === range).flat();
          done(rows.map((some, i) => [...own(ranges[i] ?? NOWHERE), ...some]));
        },
        failed,
      );
    },
    failed,
  );
}

const NOWHERE: Range = { from: new Uint8Array(0), to: new Uint8Array(0), limit: 0 };
