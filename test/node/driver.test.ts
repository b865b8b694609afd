import assert from "node:assert/strict";
import { test } from "node:test";
import type { Store, Transport } from "../../node/edges.ts";
import { NodeError } from "../../node/errors.ts";
import { memoryOwnHead, memoryStore } from "../../node/store/index.ts";
import type { Effect, Event } from "../../protocol/index.ts";
import { bench, octets, ready, settled } from "./driver-bench.ts";

test("driver: the engine is opened with its own head, and ready when it says so", async () => {
  const ownHead = memoryOwnHead();
  await ownHead.swap(null, octets(7));
  const { driver, events } = bench((event) => (event.kind === "opened" ? [ready] : []), { ownHead });
  await driver.open();
  assert.deepEqual(events, [{ kind: "opened", own: octets(7), moved: false }]);
});

test("driver: every token is answered once, in the order of the stores", async () => {
  const put = (n: number): Effect => ({
    kind: "store",
    token: n,
    durable: n === 2,
    ops: [{ op: "put", key: octets(97, n), value: octets(n) }],
    asks: [],
  });
  const range = { from: octets(97), to: octets(98), limit: 10 };
  const { driver, events } = bench((event) => {
    if (event.kind !== "opened") return [];
    return [
      put(1),
      put(2),
      { kind: "read", token: 3, range },
      { kind: "swap", token: 4, old: null, next: octets(1) },
      { kind: "swap", token: 5, old: null, next: octets(2) },
      { kind: "sign", token: 6, bytes: octets(1) },
      { kind: "lookup", token: 7, key: octets(1), timeoutMs: 1 },
      { kind: "ask", token: 8, to: "x", stream: "tiles", bytes: octets(1), timeoutMs: 1 },
      { kind: "check", token: 9, items: [] },
      ready,
    ];
  });
  await driver.open();
  await settled();
  const answers = new Map(
    events.flatMap((event) => ("token" in event ? [[event.token, event] as const] : [])),
  );
  assert.equal(answers.size, 9);
  assert.deepEqual(
    [1, 2, 4].map((token) => answers.get(token)?.kind),
    ["stored", "stored", "stored"],
  );
  const rows = answers.get(3);
  assert.equal(rows?.kind === "rows" && rows.rows.length, 2);
  assert.deepEqual(answers.get(5), { kind: "failed", token: 5, code: "own-head/changed" });
  assert.deepEqual(answers.get(6), { kind: "failed", token: 6, code: "data/bad-key" });
  assert.deepEqual(answers.get(7), { kind: "closest", token: 7, peers: [] });
  assert.deepEqual(answers.get(8), { kind: "failed", token: 8, code: "mesh/unreachable" });
  assert.deepEqual(answers.get(9), { kind: "checked", token: 9, good: [] });
});

test("driver: gossip, questions and commands end in what the engine says", async () => {
  const { driver } = bench((event) => {
    if (event.kind === "opened") return [ready];
    if (event.kind === "gossip")
      return [{ kind: "verdict", ticket: event.ticket, verdict: "reject", code: "x/y" }];
    if (event.kind === "asked") {
      return event.bytes.length === 0
        ? [{ kind: "refuse", ticket: event.ticket, code: "peer/busy" }]
        : [{ kind: "reply", ticket: event.ticket, parts: [event.bytes] }];
    }
    if (event.kind === "local") {
      return [{ kind: "done", ticket: event.ticket, result: { ok: false, code: "peer/no", message: "no" } }];
    }
    return [];
  });
  await driver.open();
  assert.equal(await driver.listener.gossip("feeds", "a", octets(1)), "reject");
  assert.deepEqual(await driver.ask("tiles", "a", octets(5)), octets(5));
  await assert.rejects(driver.ask("tiles", "a", octets()), { code: "peer/busy" });
  assert.deepEqual(await driver.command({ do: "status" }), { ok: false, code: "peer/no", message: "no" });
});

test("driver: an exception in the engine is nobody else's fault", async () => {
  const { driver } = bench((event) => {
    if (event.kind === "opened") return [ready];
    throw new TypeError("our bug");
  });
  await driver.open();
  assert.equal(await driver.listener.gossip("feeds", "a", octets(1)), "ignore");
  await assert.rejects(driver.ask("tiles", "a", octets(1)), { code: "internal/impossible" });
  const result = await driver.command({ do: "status" });
  assert.equal(!result.ok && result.code, "internal/impossible");
});

test("driver: an engine that cannot take up its own head does not open", async () => {
  const { driver } = bench(() => {
    throw new TypeError("our bug");
  });
  await assert.rejects(driver.open(), { code: "node/no-engine" });
});

test("driver: a store that cannot be read keeps a peer from opening", async () => {
  const store: Store = {
    ...memoryStore(),
    read: () => Promise.reject(new NodeError("store/failed", "broken disk")),
  };
  const { driver } = bench(
    (event) =>
      event.kind === "opened"
        ? [{ kind: "read", token: 1, range: { from: octets(0), to: octets(1), limit: 1 } }]
        : [],
    { store },
  );
  await assert.rejects(driver.open(), { code: "store/failed" });
});

test("driver: the engine is ticked when it wants, and every second", async () => {
  const { driver, events, alarms } = bench((event) => {
    if (event.kind === "opened") return [ready, { kind: "wake", at: 1_200 }, { kind: "wake", at: 1_500 }];
    return [];
  });
  await driver.open();
  assert.deepEqual(
    alarms.map(({ at }) => at),
    [1_200],
  );
  alarms.splice(0)[0]?.run();
  assert.equal(events.at(-1)?.kind, "tick");
  assert.deepEqual(
    alarms.map(({ at }) => at),
    [2_000],
  );
});

test("driver: closing waits for commands and writes, then takes and tells nothing more", async () => {
  const store = memoryStore();
  const slow = Promise.withResolvers<void>();
  let applied = 0;
  const slowStore: Store = {
    ...store,
    async apply(ops, durable) {
      await slow.promise;
      await store.apply(ops, durable);
      applied++;
    },
  };
  const { driver, events } = bench(
    (event) => {
      if (event.kind === "opened") return [ready];
      if (event.kind === "local") {
        return [
          {
            kind: "store",
            token: event.ticket,
            durable: true,
            ops: [{ op: "put", key: octets(97), value: octets(1) }],
            asks: [],
          },
        ];
      }
      if (event.kind === "stored") {
        return [{ kind: "done", ticket: event.token, result: { ok: true, do: "prune" } }];
      }
      return [];
    },
    { store: slowStore },
  );
  await driver.open();
  const result = driver.command({ do: "prune" });
  const unanswered = driver.listener.gossip("feeds", "a", octets(1));
  const closing = driver.close();
  await assert.rejects(driver.command({ do: "status" }), { code: "node/closed" });
  slow.resolve();
  assert.deepEqual(await result, { ok: true, do: "prune" });
  await closing;
  assert.equal(await unanswered, "ignore");
  assert.equal(applied, 1);
  const told = events.length;
  driver.listener.joined("late");
  assert.equal(events.length, told);
});

test("driver: gossip beyond the queue's bound is left out, questions are refused, and none is kept", async () => {
  let held = 0;
  let refused: Promise<unknown> = Promise.resolve();
  const { driver } = bench((event) => {
    if (event.kind === "opened") return [ready];
    // While one event is handled, the others wait.
    if (event.kind === "joined") {
      const big = new Uint8Array(1024 * 1024);
      for (let i = 0; i < 40; i++) {
        void driver.listener
          .gossip("feeds", "a", big)
          .then((judgement) => (held += judgement === "ignore" ? 0 : 1));
      }
      refused = assert.rejects(driver.command({ do: "status" }), { code: "node/busy" });
    }
    if (event.kind === "gossip")
      return [{ kind: "verdict", ticket: event.ticket, verdict: "accept", code: null }];
    return [];
  });
  await driver.open();
  driver.listener.joined("somebody");
  await settled();
  await refused;
  assert.equal(held, 16);
});

test("driver: questions are counted by who asked and what came of them", async () => {
  const asks = { kind: "ask", to: "other", stream: "tiles", timeoutMs: 1_000 } as const;
  const react = (event: Event): readonly Effect[] => {
    if (event.kind === "opened")
      return [ready, { ...asks, token: 1, bytes: octets(1, 2, 3) }, { ...asks, token: 2, bytes: octets(9) }];
    if (event.kind === "asked")
      return [{ kind: "reply", ticket: event.ticket, parts: [octets(1, 2), octets(3, 4)] }];
    return [];
  };
  const ask: Transport["ask"] = async (_to, _stream, bytes) => {
    if (bytes.length === 1) throw new NodeError("mesh/timeout", "nothing came");
    return octets(1, 2);
  };
  const { driver } = bench(react, { transport: { ask } });
  await driver.open();
  await settled();
  await driver.listener.asked("query", "other", octets(5, 6));
  // What somebody on this machine asks went over no stream.
  await driver.ask("query", "self", octets(5, 6));
  // Both were under way at once.
  assert.equal(driver.traffic.rounds, 1);
  assert.deepEqual(driver.traffic.all(), [
    { asker: "self", stream: "tiles", questions: 2, asked: 4, answered: 2 },
    { asker: "others", stream: "query", questions: 1, asked: 2, answered: 4 },
  ]);
});
