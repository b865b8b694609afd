import assert from "node:assert/strict";
import { test } from "node:test";
import { bench, ready, settled } from "./driver-bench.ts";

test("driver: a clock that is turned puts off no tick, and makes no slice of the queue longer", async () => {
  let now = 1_000;
  const { driver, events, alarms } = bench(
    (event) => {
      if (event.kind === "opened") return [ready];
      if (event.kind === "joined" && event.peer === "first") {
        for (const peer of ["second", "third"]) driver.listener.joined(peer);
        now -= 1_000_000;
      }
      return event.kind === "tick" ? [{ kind: "wake", at: now + 300 }] : [];
    },
    { now: () => now },
  );
  await driver.open();
  driver.listener.joined("first");
  assert.equal(events.length, 2, "sockets have their turn");
  await settled();
  assert.equal(events.length, 4);
  // The timer that runs is of the clock before: it ends all the same, and what is wanted meanwhile is by the clock as it is.
  for (const turn of [0, 5_000_000]) {
    now += turn;
    alarms.splice(0)[0]?.run();
    assert.equal(events.at(-1)?.kind, "tick");
    assert.deepEqual(
      alarms.map(({ at }) => at),
      [now + 300],
    );
  }
});
