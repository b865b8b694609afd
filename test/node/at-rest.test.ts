/** Memory that a node gives back when it has nothing to do. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { giveBackAtRest } from "../../node/at-rest.ts";
import { OneTimer } from "./one-timer.ts";

/** How often memory was given back after each look, while a node takes these ms of processor time from one look to the next. */
async function givenBack(...took: readonly number[]): Promise<readonly number[]> {
  const clock = new OneTimer();
  let [work, times] = [500, 0];
  const end = giveBackAtRest(
    clock,
    () => work,
    () => {
      times++;
      work += 5_000;
    },
  );
  const seen: number[] = [];
  for (const ms of took) {
    work += ms;
    assert.equal(await clock.pass(), 10_000);
    seen.push(times);
  }
  end();
  assert.equal(clock.isSet, false);
  return seen;
}

test("once when it rests after its start, whatever that took, and not again while it does", async () => {
  assert.deepEqual(await givenBack(100, 0, 1_499, 200), [1, 1, 1, 1]);
});

test("never while it works, once when it has worked", async () => {
  assert.deepEqual(await givenBack(9_000, 1_600, 4_000, 100, 100), [0, 0, 0, 1, 1]);
  assert.deepEqual(await givenBack(100, 3_001, 9_000, 1_501, 1_499, 0), [1, 1, 1, 1, 2, 2]);
});

test("what it does now and then is no work, and what giving back takes is none", async () => {
  assert.deepEqual(await givenBack(0, 2_999, 0, 1_501, 0, 2_500, 0), [1, 1, 1, 1, 1, 1, 1]);
});
