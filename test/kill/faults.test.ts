/** Each write of a publisher fails once, in every way: afterwards the feed is whole, nothing acknowledged is lost, no head is forked (I1, R12). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { newFolder } from "../node/folder.ts";
import { FAULTS } from "./faulty.ts";
import { below, Publisher } from "./life.ts";

/** More than a life does, so that each of its writes is met. */
const MOST_WRITES = 60;
/** Of the lives with several faults, one after the other; `npm run faults` does more. */
const HISTORIES = 6;

for (const kind of FAULTS) {
  test(`${kind} at each write of the store and of the own-head file`, { timeout: 300_000 }, async () => {
    let met = 0;
    for (let step = 1; step <= MOST_WRITES; step++) {
      const publisher = new Publisher(await newFolder());
      const writes = await publisher.live({ step, kind });
      if (writes < step) break;
      met++;
      await publisher.check();
    }
    assert.ok(met >= 10 && met < MOST_WRITES, `${met} writes were met`);
  });
}

test("one fault after the other, on one disk", { timeout: 300_000 }, async () => {
  for (let seed = 0; seed < HISTORIES; seed++) {
    const publisher = new Publisher(await newFolder());
    for (let life = 0; life < 4; life++) {
      const kind = FAULTS[below(FAULTS.length, seed, life, "kind")] ?? "torn";
      await publisher.live({ step: 1 + below(14, seed, life, "step"), kind });
    }
    await publisher.check();
    assert.ok(publisher.acknowledged > 0);
  }
});
