import assert from "node:assert/strict";
import { test } from "node:test";
import { MAX_CLOCK_SKEW_MS, QUIESCENT_MS, STALE_FEED_MS } from "../../../protocol/limits.ts";
import { lifecycleOf } from "../../../protocol/lifecycle/index.ts";
import type { Ending } from "../../../protocol/lifecycle/index.ts";

const NOW = Date.UTC(2026, 0, 2);
const ending: Ending = {
  origin: "samebits/test/aa",
  successor: null,
  size: 3,
  reason: "off",
  time: NOW,
  carrier: "samebits/test/aa",
  index: 3,
};

test("the state of a feed goes by its own key's words: newest time line, how long that head is the newest, its end, a fork", () => {
  const alive = { forked: false, ending: null, time: NOW, since: NOW };
  const cases = [
    ["appending", alive],
    ["appending", { ...alive, time: NOW - STALE_FEED_MS, since: null }],
    ["stale", { ...alive, time: NOW - STALE_FEED_MS - 1 }],
    ["stale", { ...alive, time: null, since: null }],
    ["appending", { ...alive, time: NOW + MAX_CLOCK_SKEW_MS }],
    ["stale", { ...alive, time: NOW + MAX_CLOCK_SKEW_MS + 1 }],
    ["appending", { ...alive, since: NOW - QUIESCENT_MS + 1 }],
    ["quiescent", { ...alive, since: NOW - QUIESCENT_MS }],
    ["stale", { ...alive, time: NOW - STALE_FEED_MS - 1, since: NOW - 2 * QUIESCENT_MS }],
    ["ended", { ...alive, ending }],
    ["frozen", { ...alive, ending: { ...ending, successor: "samebits/test/bb" }, time: null }],
    ["forked", { ...alive, ending, forked: true }],
  ] as const;
  for (const [expected, facts] of cases)
    assert.equal(lifecycleOf(facts, NOW), expected, JSON.stringify(facts));
});
