import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { NodeError } from "../../node/errors.ts";
import { storeSuite } from "../acceptance/store.ts";
import { assertFits } from "../json-schemas.ts";
import { Mesh } from "./mesh.ts";
import { Queue } from "./queue.ts";
import { Random } from "./random.ts";
import { simulate, simulateAsJson } from "./report.ts";
import { SCENARIOS } from "./scenarios/index.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import { SimStore } from "./store.ts";

/** Seed and size of the runs in every test; `npm run sim` has more. */
const RUNS = [
  [1, 4],
  [2, 8],
] as const;
/** They take five seconds a run, with as many peers of their own whatever the size: one run each. */
const LONG: ReadonlySet<string> = new Set(["audit", "churn"]);

describe("simulation", () => {
  for (const scenario of SCENARIOS.keys()) {
    for (const [seed, nodes] of LONG.has(scenario) ? RUNS.slice(0, 1) : RUNS) {
      it(`keeps the invariants: ${scenario}, seed ${seed}, ${nodes} peers`, async () => {
        await simulate(scenario, seed, nodes);
      });
    }
  }

  it("gives the same run for the same seed, and another for another", async () => {
    const trace = (seed: number): Promise<string> => simulate("publish", seed, 4).then((run) => run.trace);
    const [one, again, other] = [await trace(5), await trace(5), await trace(6)];
    assert.equal(one, again);
    assert.notEqual(one, other);
  });
});

describe("a run that breaks", () => {
  /** The mesh is well; one peer is made to hang up on another, as no peer may. */
  const framed: Scenario = (seed, size) => {
    const mesh = Mesh.of(seed, size, 1);
    mesh.world.run(5_000);
    const [one, other] = mesh.peers;
    if (one === undefined || other === undefined) throw new Error("two peers expected");
    mesh.world.plan(1, () =>
      mesh.invariants.effect(one, { kind: "drop", peer: other.name, code: "test", forMs: 1 }),
    );
    mesh.world.run(1_000);
    return { mesh, facts: {} };
  };
  const scenarios = new Map([["framed", framed]]);

  it("says in one object which run it was, at which step, what broke, and how to have it again", async () => {
    const { line, held } = await simulateAsJson("framed", 7, 3, scenarios);
    assert.equal(held, false);
    const { step, ms, ...rest } = JSON.parse(line) as Record<string, unknown>;
    assertFits(["simulated"], JSON.parse(line), "a run that breaks");
    assert.ok(Number(step) > 0 && Number(ms) >= 0, line);
    assert.deepEqual(rest, {
      samebits: 1,
      scenario: "framed",
      seed: 7,
      nodes: 3,
      message: "InvariantError: publisher-0: R6: hangs up on the honest peer peer-1 (test)",
      again: `npm run sim -- --scenario framed --seed 7 --nodes 3 --until ${step}`,
    });
    await assert.rejects(
      simulate("framed", 7, 3, scenarios),
      { name: "BrokenRun", step },
      "at the same step",
    );
  });

  it("is told of too where no world was made: at step 0", async () => {
    const never: Scenario = () => assert.fail("no world");
    const { line } = await simulateAsJson("never", 1, 3, new Map([["never", never]]));
    assert.equal((JSON.parse(line) as { step: unknown }).step, 0);
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
    has: async (keys) => keys.map((key) => opened().has(key)),
    read: async (range) => opened().read(range),
    close: async () => void (store = null),
  });
});
