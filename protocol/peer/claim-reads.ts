/** Index rows of targets and digests, so read that no number of strangers' rows hides those of the feeds that matter (RULES R11). */
import { equalBytes } from "../bytes/index.ts";
import { MAX_LOOKED_UP_FEEDS } from "../limits.ts";
import type { Context } from "./context.ts";
import type { AskedKeys } from "./keys.ts";
import { readAll } from "./reads.ts";
import { inFeed } from "./rows.ts";
import type { Range, Row } from "./types.ts";

/** Rows of each range; of one that is full, those of own, followed and asked-for feeds stand first, read feed by feed. */
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
      const feeds = [...ctx.feeds.all()]
        .filter((feed) => feed.isFollowed || asked.keys.some(({ raw }) => equalBytes(raw, feed.key)))
        .slice(0, MAX_LOOKED_UP_FEEDS);
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
