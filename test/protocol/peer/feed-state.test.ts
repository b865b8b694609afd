import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { emptyRange } from "../../../protocol/feed/index.ts";
import type { SignedHead } from "../../../protocol/feed/index.ts";
import { MAX_UNRESOLVED_HEADS } from "../../../protocol/limits.ts";
import { readFeedRow, writeFeedRow } from "../../../protocol/peer/feed-row.ts";
import { FeedState } from "../../../protocol/peer/feed-state.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";

const HEADS = 2 * MAX_UNRESOLVED_HEADS;

const feed = new MemoryFeed(1).append(...Array.from({ length: HEADS }, (_, i) => `entry ${i}`));
const heads = Array.from({ length: HEADS }, (_, i) => feed.head(i + 1));

function state(): FeedState {
  return new FeedState(1, feed.origin, feed.head().key, "followed", true);
}

function sizesWanted(of: FeedState): readonly (number | undefined)[] {
  return Array.from({ length: HEADS }, (_, failures) => of.wantedAfter(failures)?.size);
}

test("unresolved heads are wanted largest first, each in its turn, in whatever order they came, after a restart too", () => {
  const shown = fc.shuffledSubarray(heads, { minLength: 1 });
  fc.assert(
    fc.property(shown, fc.subarray(heads), (came, joined) => {
      const known = state();
      let kept: SignedHead[] = [];
      for (const head of came) {
        known.keepUnresolved(head);
        kept = [...kept, head].sort((a, b) => b.size - a.size).slice(0, MAX_UNRESOLVED_HEADS);
      }
      for (const head of joined) known.resolve(head);
      kept = kept.filter((head) => !joined.includes(head));
      const turns = Array.from({ length: HEADS }, (_, failures) => kept[failures % kept.length]?.size);
      assert.deepEqual(sizesWanted(known), turns);

      const again = state();
      readFeedRow(again, writeFeedRow(known, emptyRange), "test");
      assert.deepEqual(sizesWanted(again), turns);
    }),
    { numRuns: 50 },
  );
});
