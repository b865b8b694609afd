/** Outboxes: what a sink gets when it is down, slow, or when the watch ends anywhere in between. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import type { Told } from "../../../client/edges.ts";
import { Outboxes } from "../../../client/watch/outboxes.ts";
import { outboxPath, readOutbox } from "../../../client/watch/outbox-file.ts";
import type { Looks } from "../../../client/watch/look.ts";
import { webhookSink } from "../../../client/watch/sinks/index.ts";
import { matterOfAlert } from "../../../client/watch/told.ts";
import { alertOf } from "../../../client/watch/alert.ts";
import { ALERTS_AT_ONCE } from "../../../protocol/index.ts";
import type { Matter } from "../../../protocol/index.ts";
import { assertFits } from "../../json-schemas.ts";
import { testFinding } from "../../node/finding.ts";
import { newFolder } from "../../node/folder.ts";
import { alice, bob, carol, conflict, Feed, fileOf, files, keeper, start, until } from "./outboxes.ts";
import { startReceiver } from "./receiver.ts";

test("outbox: a webhook that is down gets its alerts later, in order, and delays no other", async () => {
  const feed = new Feed();
  const well = keeper("well");
  let isDown = true;
  const { url, received } = await startReceiver(() => (isDown ? 500 : 200));
  const run = start(feed, [webhookSink({ url, secret: null, allowPrivate: false }), well], await newFolder());
  feed.add(...[1, 2, 3, 4].map((number) => conflict(number)));
  await until("the other sink", () => well.got.length === 4);
  await until("a try", () => received.length > 0);
  assert.ok(
    received.every(({ body }) => body.includes(fileOf(1))),
    "nothing overtakes the first",
  );
  isDown = false;
  const tries = received.length;
  await until("all", () => new Set(received.map(({ body }) => body)).size === 4);
  await run.end();
  const taken = received
    .slice(tries > 0 ? tries - 1 : 0)
    .map(({ body }) => (JSON.parse(body) as { target: { file: string } }).target.file);
  assert.deepEqual([...new Set(taken)], [1, 2, 3, 4].map(fileOf));
  assert.ok(run.failures.length > 0);
  for (const { body } of received) assertFits(["alert"], JSON.parse(body) as object, "webhook");
});

test("outbox: whatever is told is told once over restarts, and what was not is told then", async () => {
  const feed = new Feed();
  const folder = await newFolder();
  const sink = keeper("one");
  feed.add(conflict(1), conflict(2));
  let run = start(feed, [sink], folder);
  await until("two", () => sink.got.length === 2);
  await run.end();
  feed.add(conflict(3), conflict(4, 2, [carol, bob]));
  run = start(feed, [sink], folder);
  await until("four", () => sink.got.length === 4);
  await sleep(50);
  await run.end();
  assert.deepEqual(files(sink.got), [1, 2, 3, 2].map(fileOf));
  assert.deepEqual(
    sink.got.map(({ change }) => change),
    ["new", "new", "new", "joined"],
  );
  assert.equal(sink.got[3]?.matter, sink.got[1]?.matter);
});

test("outbox: the end of the process between two deliveries loses nothing, and repeats one at most", async () => {
  const feed = new Feed();
  const folder = await newFolder();
  feed.add(...[1, 2, 3].map((number) => conflict(number)));
  const got: Told[] = [];
  for (let crash = 0; crash < 4; crash++) {
    // Taken, and then the process ends before it could write that down.
    const sink = keeper("crashing", (told, n) => {
      got.push(told);
      if (n === 0 && crash < 3) throw new Error("crash");
    });
    const run = start(feed, [sink], folder);
    await until("a delivery", () => run.failures.length > 0 || (crash === 3 && sink.got.length > 0));
    if (crash === 3) await until("the rest", () => new Set(files(got)).size === 3);
    await run.end();
  }
  assert.deepEqual([...new Set(files(got))], [1, 2, 3].map(fileOf));
});

test(
  "outbox: 10,000 contradictions are a handful of calls of a webhook, which count them all",
  { timeout: 120_000 },
  async () => {
    const COUNT = 10_000;
    const { url, received } = await startReceiver();
    const feed = new Feed();
    const folder = await newFolder();
    const sink = webhookSink({ url, secret: null, allowPrivate: false });
    const run = start(feed, [sink], folder);
    const first = await alertOf(conflict(1));
    assert.ok(first);
    const matter = matterOfAlert(first);
    const offered = Array.from({ length: COUNT }, async (_, i) => {
      const number = i + 1;
      const key = number.toString(16).padStart(64, "0");
      const more: Matter = {
        ...matter,
        number,
        id: key,
        target: { purl: `pkg:generic/p${number}@1`, file: `p${number}`, key },
      };
      await run.outboxes.offer(more, null);
    });
    await Promise.all(offered);
    interface Line {
      readonly event: string;
      readonly count: number;
    }
    const lines = (): readonly Line[] => received.map(({ body }) => JSON.parse(body) as Line);
    await until("a digest", () => lines().some(({ event }) => event === "digest"));
    await run.end();
    const digests = lines().filter(({ event }) => event === "digest");
    for (const digest of digests) assertFits(["alert-digest"], digest, "webhook");
    assert.equal(lines().length - digests.length, ALERTS_AT_ONCE);
    // What is collected when the watch ends is kept, and told by the next one.
    const kept = readOutbox(outboxPath(folder, sink.name))?.book.state.storm.digest?.count ?? 0;
    assert.equal(
      digests.reduce((sum, { count }) => sum + count, ALERTS_AT_ONCE + kept),
      COUNT,
    );
    assert.ok(digests.length < 5);
  },
);

test("outbox: who has seen to it is asked before more of it is told, and what was taken back is told", async () => {
  const feed = new Feed();
  const sink = keeper("asked");
  let seen = false;
  let withdrawn = false;
  const looks: Looks = {
    acknowledged: async (alerts) =>
      Promise.resolve(
        alerts
          .filter(({ target }) => seen && target?.file === fileOf(1))
          .map(({ id }) => ({ id, acknowledged: { time: 1, note: "seen" } })),
      ),
    pictures: () => Promise.resolve([]),
    news: async (alerts) =>
      Promise.resolve(
        alerts.map((alert): Matter => ({
          ...alert,
          id: alert.findings[0] ?? "",
          keys: [alice.key.raw, bob.key.raw],
          ended: false,
          voices: alert.voices.map((voice, i) => ({ ...voice, withdrawn: withdrawn && i === 0 })),
        })),
      ),
  };
  const run = start(feed, [sink], await newFolder(), { looks, lookMs: 50 });
  feed.add(conflict(1), conflict(2));
  await until("both", () => sink.got.length === 2);
  seen = true;
  feed.add(conflict(3, 1, [carol, bob]), conflict(4));
  await until("the next", () => sink.got.length === 3);
  assert.deepEqual(files(sink.got), [1, 2, 4].map(fileOf), "of the first nobody is told again");
  withdrawn = true;
  await until("what was taken back", () => sink.got.length === 5);
  await run.end();
  assert.deepEqual(
    sink.got.slice(3).map(({ change, state }) => `${change} ${state}`),
    ["taken-back resolved", "taken-back resolved"],
  );
  assert.deepEqual(new Set(files(sink.got.slice(3))), new Set([2, 4].map(fileOf)));
  for (const { line } of sink.got) assertFits(["alert"], JSON.parse(line) as object, "told");
});

test("outbox: a clock that is set back delays no look at what goes on, and nothing that is written down", async (t) => {
  const feed = new Feed();
  const folder = await newFolder();
  const sink = keeper("steady");
  let asked = 0;
  const looks: Looks = {
    acknowledged: () => Promise.resolve([]),
    pictures: () => Promise.resolve([]),
    news: () => {
      asked++;
      return Promise.resolve([]);
    },
  };
  const run = start(feed, [sink], folder, { looks, lookMs: 50 });
  feed.add(conflict(1));
  await until("a look", () => sink.got.length === 1 && asked > 0);
  const { now } = Date;
  t.mock.method(Date, "now", () => now() - 3_600_000);
  const before = asked;
  await until("two more", () => asked > before + 1);
  // One more of the same, which is no news: its number is written all the same.
  feed.add({ ...conflict(1), number: 2 });
  await until("its number", () => readOutbox(outboxPath(folder, "steady"))?.book.number === 2);
  await run.end();
});

test("outbox: what weighs too little is not told, what is acknowledged already neither", async () => {
  const feed = new Feed();
  const [heavy, all] = [keeper("heavy"), keeper("all")];
  const folder = await newFolder();
  const runs = [start(feed, [heavy], folder, { least: "critical" }), start(feed, [all], folder)];
  feed.add({ ...conflict(1), acknowledged: { time: 5, note: "known" } }, conflict(2));
  feed.add(testFinding(3, { kind: "silent", keys: [alice.key.raw], id: "33".repeat(32) }));
  await until("what is told", () => all.got.length === 2);
  await Promise.all(runs.map((run) => run.end()));
  assert.deepEqual(
    all.got.map(({ kind }) => kind),
    ["contradiction", "silent"],
  );
  assert.equal(heavy.got.length, 0);
});

test("outbox: one watch at a time tells a sink, and a file that can't be read is nobody's to guess", async () => {
  const feed = new Feed();
  const folder = await newFolder();
  const run = start(feed, [keeper("same")], folder);
  await until("the file", () => {
    feed.add(...(feed.found.length === 0 ? [conflict(1)] : []));
    return readOutbox(outboxPath(folder, "same")) !== null;
  });
  await run.end();
  await writeFile(outboxPath(folder, "same"), "{}\n{}");
  const stop = new AbortController();
  const options = {
    dataDir: folder,
    least: "info",
    first: { afterNumber: 0, fromTime: 0 },
    alerts: () => assert.fail("nothing is asked for"),
    policyOf: () => null,
    looks: null,
    lookMs: 1_000,
    signal: stop.signal,
    failed: () => undefined,
  } as const;
  await assert.rejects(new Outboxes([keeper("same")], options).run(), { code: "watch/bad-outbox" });
  await writeFile(`${outboxPath(folder, "other")}.lock`, `${process.pid}`);
  await assert.rejects(new Outboxes([keeper("other")], options).run(), { code: "watch/outbox-busy" });
});
