/** A newcomer that knows one address, of a node that does not have the feed it follows, finds a node that has (DESIGN 4.4): over libp2p. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { openChecker } from "../../node/check.ts";
import { Driver } from "../../node/driver.ts";
import type { Clock, TransportListener } from "../../node/edges.ts";
import { silent } from "../../node/log.ts";
import { openMesh } from "../../node/mesh/index.ts";
import { memoryOwnHead, memoryStore } from "../../node/store/index.ts";
import { createEngine } from "../../protocol/index.ts";
import type { StatusResult } from "../../protocol/index.ts";
import { atEnd } from "../at-end.ts";
import { MemoryFeed } from "../sim/memory-feed.ts";
import { newFolder } from "./folder.ts";
import { until } from "./mesh/peers.ts";
import { writeFeed } from "./mirror/folders.ts";
import { startTestNode } from "./test-node.ts";

const NETWORK = "test";
/** One page of it is more than the bootstrap node has room for. */
const feed = new MemoryFeed(1).append(
  ...Array.from({ length: 12 }, (_, i) => `entry ${i} ${"x".repeat(60_000)}`),
);
const follow = { all: false, origins: [feed.origin], builders: [] };

const clock: Clock = {
  now: () => Date.now(),
  at(at, run) {
    const timer = setTimeout(run, Math.max(0, at - Date.now()));
    return () => clearTimeout(timer);
  },
};

function heldBy(status: StatusResult): number {
  return status.feeds.find(({ origin }) => origin === feed.origin)?.held ?? 0;
}

/**
 * A peer that hears of nobody but those it begins from and those that it calls itself: in so small a mesh Kademlia alone connects everybody
 * with everybody.
 */
async function startNewcomer(bootstrap: readonly string[]): Promise<Driver> {
  const mesh = await openMesh({
    network: NETWORK,
    folder: null,
    database: null,
    listen: [],
    bootstrap,
    light: true,
    log: silent,
    now: () => clock.now(),
  });
  const engine = createEngine(
    {
      network: NETWORK,
      self: mesh.self,
      feedKey: null,
      first: false,
      follow,
      light: false,
      maxStoreBytes: 2 ** 32,
      maxFollowedBytes: 2 ** 40,
    },
    Math.random,
  );
  const known = new Set(bootstrap.flatMap((address) => address.split("/").at(-1) ?? []));
  const waiting = new Set<string>();
  const checker = openChecker();
  const driver: Driver = new Driver(engine, {
    store: memoryStore(),
    ownHead: memoryOwnHead(),
    transport: {
      ...mesh,
      async call(peer, timeoutMs): Promise<void> {
        await mesh.call(peer, timeoutMs);
        known.add(peer);
        if (waiting.delete(peer)) driver.listener.joined(peer);
      },
    },
    signer: null,
    checker,
    clock,
    log: silent,
  });
  const listener: TransportListener = {
    ...driver.listener,
    joined: (peer) => (known.has(peer) ? driver.listener.joined(peer) : void waiting.add(peer)),
  };
  await driver.open();
  await mesh.serve(listener);
  atEnd(async () => {
    await driver.close();
    await mesh.close();
    await checker.close();
  });
  return driver;
}

async function statusOf(driver: Driver): Promise<StatusResult> {
  const result = await driver.command({ do: "status" });
  if (!result.ok || result.do !== "status") throw new Error("no status");
  return result.result;
}

test("a newcomer with one bootstrap address, which lacks the feed, gets it from a node that said that it has it", async () => {
  const folder = await newFolder();
  await writeFeed(folder, feed);
  const bootstrap = await startTestNode({ maxStoreBytes: 1024 * 1024 });
  const mirror = await startTestNode({ follow, mirrors: [`file:${folder}`], bootstrap: bootstrap.listen });
  await until("the mirror has it, and says so", async () => {
    const status = await mirror.status();
    return heldBy(status) === feed.entries.length && (status.counters.get("feeds-provided") ?? 0) > 0;
  });
  const newcomer = await startNewcomer(bootstrap.listen);
  await until("all of it", async () => heldBy(await statusOf(newcomer)) === feed.entries.length);
  assert.equal(heldBy(await bootstrap.status()), 0);
  const { counters } = await statusOf(newcomer);
  assert.ok((counters.get("providers-called") ?? 0) > 0, "it was called, as it was named");
});
