import assert from "node:assert/strict";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { lightConfig, startNode } from "../../node/index.ts";
import { record, toHex, verifyEntry } from "../../protocol/index.ts";
import { held, heldOf, until } from "./asking.ts";
import { builder, claim, packageTarget } from "./claims.ts";
import { startPeer } from "./processes.ts";
import type { PeerProcess } from "./processes.ts";

const LIMIT = { timeout: 120_000 };
const alice = builder("alice");
const bob = builder("bob");

test("what A publishes is stored at B and C, and a late joiner catches up", LIMIT, async () => {
  const a = await startPeer({ publishKey: alice.pem, first: true });
  const follow = { followOrigins: [a.origin], followBuilders: [alice.hex] };
  const b = await startPeer({ bootstrap: a.listen, ...follow });
  const c = await startPeer({ bootstrap: b.listen, ...follow });
  const published = await a.publish(claim(alice, "hello", "bits"), claim(alice, "world", "bits"));
  assert.equal(published.status, 200);
  for (const peer of [b, c]) {
    await until(
      "both claims",
      async () => (await held(peer, alice, "hello")) + (await held(peer, alice, "world")) === 2,
    );
  }
  await a.publish(...Array.from({ length: 40 }, (_, i) => claim(alice, `p${i}`, "bits")));
  const late = await startPeer({ bootstrap: c.listen, ...follow });
  await until("the whole feed at the late joiner", async () => (await heldOf(late, a.origin)) === 42);
  await until("its index", async () => (await held(late, alice, "p39")) === 1);
  const again = await a.publish(claim(alice, "hello", "bits"));
  assert.equal(record(again.body, "answer").list("entries", 1)[0]?.record().boolean("known"), true);
});

test(
  "a light peer finds a record when its publisher and half of those who stored it are gone",
  LIMIT,
  async () => {
    const first = await startPeer({});
    const others: PeerProcess[] = [];
    for (let i = 0; i < 5; i++) others.push(await startPeer({ bootstrap: first.listen }));
    const publisher = await startPeer({ bootstrap: first.listen, publishKey: alice.pem, first: true });
    await until(
      "company",
      async () => record((await publisher.get("/v1/peers")).body, "peers").list("peers", 99).length >= 6,
    );
    await publisher.publish(claim(alice, "kept", "bits"));
    const records = async (peer: PeerProcess): Promise<number> =>
      record((await peer.get("/v1/status")).body, "status").integer("records", 0, 1_000_000);
    await until("records at all", async () => {
      const counts = await Promise.all([first, ...others].map(records));
      return counts.every((count) => count > 0);
    });
    await publisher.end("SIGKILL");
    for (const peer of others.slice(0, 3)) await peer.end("SIGKILL");
    const light = await startNode({ ...lightConfig("e2e", first.listen), log: "silent" });
    const target = packageTarget("kept");
    const result = await light.query(
      { targets: [target.key], digests: [], builders: [alice.raw] },
      { network: true, deadlineMs: 10_000 },
    );
    await light.close();
    assert.equal(result.ended, true);
    assert.ok(result.dht.replied > 0);
    const found = result.found.filter((entry) => toHex(entry.signer) === alice.hex);
    assert.equal(found.length > 0, true);
    for (const entry of found) assert.equal(verifyEntry(entry, "e2e").head.origin, publisher.origin);
  },
);

test(
  "--listen none publishes through the peers that it called, and its feed stays when it sleeps",
  LIMIT,
  async () => {
    const hub = await startPeer({ followAll: true });
    const behind = await startPeer({ listen: [], bootstrap: hub.listen, publishKey: alice.pem, first: true });
    await until(
      "company",
      async () => record((await behind.get("/v1/peers")).body, "peers").list("peers", 9).length === 1,
    );
    await behind.publish(claim(alice, "hello", "bits"));
    await until("the feed at the hub", async () => (await heldOf(hub, behind.origin)) === 1);
    assert.equal(await behind.end("SIGTERM"), 0);
    const follower = await startPeer({
      bootstrap: hub.listen,
      followOrigins: [behind.origin],
      followBuilders: [alice.hex],
    });
    await until("the feed at the follower", async () => (await heldOf(follower, behind.origin)) === 1);
  },
);

test("two builders who disagree make a finding with evidence at a watcher", LIMIT, async () => {
  const a = await startPeer({ publishKey: alice.pem, first: true });
  const b = await startPeer({ bootstrap: a.listen, publishKey: bob.pem, first: true });
  const watcher = await startPeer({
    bootstrap: a.listen,
    followOrigins: [a.origin, b.origin],
    followBuilders: [alice.hex, bob.hex],
  });
  await a.publish(claim(alice, "hello", "these bits"));
  await until("the first claim", async () => (await held(watcher, alice, "hello")) === 1);
  await b.publish(claim(bob, "hello", "those bits"));
  await until("a finding", async () => {
    const { body } = await watcher.get("/v1/findings?since=0");
    return record(body, "findings")
      .list("findings", 99)
      .some(
        (item) =>
          item.record().string("kind") === "contradiction" &&
          typeof item.record().member("evidence").value === "string",
      );
  });
});

test("a second process on the same data is told to use the API", LIMIT, async () => {
  const a = await startPeer({});
  await assert.rejects(startPeer({ dataDir: a.dataDir }), /store\/locked|another samebits node/);
  assert.equal((await a.get("/v1/status")).status, 200);
});

test("SIGTERM and kill -9 lose nothing that was acknowledged, and fork no feed", LIMIT, async () => {
  const follower = await startPeer({ followAll: true, followBuilders: [alice.hex] });
  let a = await startPeer({ bootstrap: follower.listen, publishKey: alice.pem, first: true });
  const { dataDir, origin } = a;
  let acknowledged = 0;
  for (const [round, signal] of (["SIGTERM", "SIGKILL", "SIGKILL", "SIGTERM"] as const).entries()) {
    const pending = Array.from({ length: 8 }, async (_, i) => {
      const answer = await a.publish(claim(alice, `r${round}-${i}`, "bits")).catch(() => null);
      if (answer?.status === 200) acknowledged++;
      return answer;
    });
    await Promise.race(pending);
    const code = await a.end(signal);
    if (signal === "SIGTERM") assert.equal(code, 0);
    await Promise.all(pending);
    a = await startPeer({ dataDir, bootstrap: follower.listen, publishKey: alice.pem });
    assert.ok((await heldOf(a, origin)) >= acknowledged, `${acknowledged} acknowledged`);
  }
  const last = await a.publish(claim(alice, "last", "bits"));
  assert.equal(last.status, 200);
  await until(
    "all of it at the follower",
    async () => (await heldOf(follower, origin)) === (await heldOf(a, origin)),
  );
  const { body } = await follower.get("/v1/findings?since=0");
  assert.equal(record(body, "findings").list("findings", 99).length, 0);
});

test("a store that is gone from under its own head appends nothing any more", LIMIT, async () => {
  const a = await startPeer({ publishKey: alice.pem, first: true });
  assert.equal((await a.publish(claim(alice, "hello", "bits"))).status, 200);
  await a.end("SIGTERM");
  await rm(join(a.dataDir, "store"), { recursive: true });
  const again = await startPeer({ dataDir: a.dataDir, publishKey: alice.pem });
  const refused = await again.publish(claim(alice, "other", "bits"));
  assert.equal(record(refused.body, "problem").string("code"), "peer/feed-lost");
  await again.end("SIGTERM");
  await rm(join(a.dataDir, "own-head", alice.hex));
  await rm(join(a.dataDir, "store"), { recursive: true });
  await assert.rejects(
    startPeer({ dataDir: a.dataDir, publishKey: alice.pem, first: true }),
    /begun here before/,
  );
});

test(
  "after kill -9, and without anybody to begin from, a node finds those again that it knew",
  LIMIT,
  async () => {
    const hub = await startPeer({});
    const a = await startPeer({ bootstrap: hub.listen });
    await until("the hub in the address book", async () => {
      const book = await readFile(join(a.dataDir, "peers.json"), "utf8").catch(() => "");
      return book.includes(hub.peer);
    });
    await a.end("SIGKILL");
    const again = await startPeer({ dataDir: a.dataDir });
    assert.equal(again.peer, a.peer);
    await until("the hub", async () => {
      const { body } = await again.get("/v1/peers");
      return record(body, "peers")
        .list("peers", 9)
        .some((item) => item.record().string("peer") === hub.peer);
    });
  },
);

test(
  "what was acknowledged just before SIGTERM has reached the neighbours, also from behind NAT",
  LIMIT,
  async () => {
    const hub = await startPeer({ followAll: true });
    const behind = await startPeer({ listen: [], bootstrap: hub.listen, publishKey: alice.pem, first: true });
    await until("company", async () => {
      const { body } = await hub.get("/v1/peers");
      return record(body, "peers").list("peers", 9).length === 1;
    });
    // The first one opens the gossip streams; the last one has no time but its own.
    await behind.publish(claim(alice, "first", "bits"));
    await until("the first at the hub", async () => (await heldOf(hub, behind.origin)) === 1);
    assert.equal((await behind.publish(claim(alice, "last", "bits"))).status, 200);
    assert.equal(await behind.end("SIGTERM"), 0);
    await until("the last at the hub", async () => (await heldOf(hub, behind.origin)) === 2);
  },
);
