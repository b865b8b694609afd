import assert from "node:assert/strict";
import { test } from "node:test";
import { FAIR, Network } from "./network.ts";
import { Random } from "./random.ts";

const MANY = 2_000;

function network(conditions: Partial<typeof FAIR>): Network {
  const made = new Network(new Random(1));
  made.conditions = { ...FAIR, ...conditions };
  return made;
}

test("network: loses and doubles as many as it is told to, and lets later ones overtake", () => {
  const bad = network({ latency: [10, 90], loss: 0.1, duplication: 0.2 });
  const copies = Array.from({ length: MANY }, () => bad.transits("a", 100, 0));
  const share = (count: number): number => copies.filter(({ length }) => length === count).length / MANY;
  assert.ok(Math.abs(share(0) - 0.1) < 0.03, `${share(0)} lost`);
  assert.ok(Math.abs(share(2) - 0.9 * 0.2) < 0.03, `${share(2)} doubled`);
  const delays = copies.flat();
  assert.ok(delays.every((delay) => delay >= 10 && delay <= 90));
  assert.ok(delays.some((delay, at) => delay < (delays[at - 1] ?? 0)));
});

test("network: what a node sends faster than its bandwidth waits its turn; others do not wait for it", () => {
  const narrow = network({ latency: [0, 0], bandwidth: 1_000 });
  assert.deepEqual(narrow.transits("a", 500, 0), [500]);
  assert.deepEqual(narrow.transits("a", 500, 100), [900]);
  assert.deepEqual(narrow.transits("b", 500, 100), [500]);
  assert.deepEqual(narrow.transits("a", 500, 5_000), [500], "what was sent is sent");
});
