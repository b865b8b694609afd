import assert from "node:assert/strict";
import { test } from "node:test";
import { sleep } from "../../../client/import/every.ts";

test("a bridge waits for months, if it is to, and ends all the same when it is told to", async () => {
  const stop = new AbortController();
  let isOver = false;
  const waiting = sleep(60 * 86_400_000, stop.signal).then(() => (isOver = true));
  await sleep(100, stop.signal);
  assert.equal(isOver, false);
  stop.abort();
  await waiting;
});
