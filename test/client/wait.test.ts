import assert from "node:assert/strict";
import { test } from "node:test";
import { wait } from "../../client/wait.ts";

test("it is waited for months, if it is to be, and no longer than until it is told to end", async () => {
  const stop = new AbortController();
  let isOver = false;
  const waiting = wait(60 * 86_400_000, stop.signal).then(() => (isOver = true));
  await wait(100, stop.signal);
  assert.equal(isOver, false);
  stop.abort();
  await waiting;
});
