import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { NodeError } from "../../node/errors.ts";
import { storeSuite } from "../acceptance/store.ts";
import { Queue } from "./queue.ts";
import { Random } from "./random.ts";
import { simulate } from "./report.ts";
import { SCENARIOS } from "./scenarios/index.ts";
import { SimStore } from "./store.ts";

/** Seed and size of the runs in every test; `npm run sim` has more. */
const RUNS = [
  [1, 4],
  [2, 8],
] as const;

describe("simulation", () => {
  for (const scenario of SCENARIOS.keys()) {
    for (const [seed, nodes] of RUNS) {
      it(`keeps the invariants: ${scenario}, seed ${seed}, ${nodes} peers`, () => {
        simulate(scenario, seed, nodes);
      });
    }
  }

  it("gives the same run for the same seed, and another for another", () => {
    const [one, again, other] = [5, 5, 6].map((seed) => simulate("publish", seed, 4).trace);
    assert.equal(one, again);
    assert.notEqual(one, other);
  });
});

describe("the simulator's queue", () => {
  it("gives items by time, and those of one time in the order of planning", () => {
    const random = new Random(7);
    const queue = new Queue();
    const ran: (readonly [number, number])[] = [];
    for (let i = 0; i < 500; i++) {
      const time = random.below(50);
      queue.plan(time, () => ran.push([time, i]));
    }
    for (let item = queue.take(); item !== null; item = queue.take()) item.run();
    const sorted = ran.toSorted(([a, i], [b, j]) => a - b || i - j);
    assert.equal(ran.length, 500);
    assert.deepEqual(ran, sorted);
    assert.equal(queue.peek(), null);
  });
});

describe("the simulator's disk", () => {
  const key = (octet: number): Uint8Array => Uint8Array.of(octet);
  const put = (octet: number): { op: "put"; key: Uint8Array; value: Uint8Array } => ({
    op: "put",
    key: key(octet),
    value: key(octet),
  });

  it("loses some last batches in a crash, never a durable one nor one in the middle", () => {
    const kept = new Set<string>();
    for (let seed = 0; seed < 50; seed++) {
      const store = new SimStore();
      store.apply([put(1)], false);
      store.apply([put(2)], true);
      store.apply([put(3)], false);
      store.apply([put(4)], false);
      store.crash(new Random(seed));
      const { rows } = store.read({ from: key(0), to: key(9), limit: 9 });
      kept.add(rows.map((row) => row.key[0]).join(""));
    }
    assert.deepEqual([...kept].sort(), ["12", "123", "1234"]);
  });
});

storeSuite("the simulator's store", () => {
  let store: SimStore | null = new SimStore();
  const opened = (): SimStore => {
    if (store === null) throw new NodeError("store/closed", "the store is closed");
    return store;
  };
  return Promise.resolve({
    apply: async (ops, durable) => opened().apply(ops, durable),
    read: async (range) => opened().read(range),
    close: async () => void (store = null),
  });
});
