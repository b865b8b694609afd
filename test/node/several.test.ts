/** A newcomer that fetches a long feed from several sources over libp2p and from a folder that lies: engine, driver, level and all. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { writeBundle } from "../../protocol/index.ts";
import type { Node, NodeConfig } from "../../node/index.ts";
import { MemoryFeed } from "../sim/memory-feed.ts";
import { newFolder } from "./folder.ts";
import { until } from "./mesh/peers.ts";
import { writeFeed } from "./mirror/folders.ts";
import { startTestNode } from "./test-node.ts";

const SIZE = 4_000;
const feed = new MemoryFeed(1).append(
  ...Array.from({ length: SIZE }, (_, i) => `entry ${i} ${"·".repeat(200)}`),
);
const follow = { all: false, origins: [feed.origin], builders: [] };
const start = (changes: Partial<NodeConfig>): Promise<Node> => startTestNode({ follow, ...changes });

async function held(node: Node): Promise<number> {
  return (await node.status()).feeds.find(({ origin }) => origin === feed.origin)?.held ?? 0;
}

test("a long feed comes from four peers, one of which has half of it, beside a folder with a false bundle", async () => {
  const [folder, half, lying] = [await newFolder(), await newFolder(), await newFolder()];
  await writeFeed(folder, feed);
  await writeFeed(half, feed.branch(SIZE / 2));
  await writeFeed(lying, feed);
  const bundle = feed.entries.slice(256 * 9, 256 * 10);
  bundle[100] = new TextEncoder().encode("never signed");
  await writeFile(join(lying, "tile/entries/009"), writeBundle(bundle));
  const folders = [folder, folder, folder, half];
  const peers = await Promise.all(folders.map((source) => start({ mirrors: [`file:${source}`] })));
  for (const [i, peer] of peers.entries())
    await until("the peers have it", async () => (await held(peer)) >= (i === 3 ? SIZE / 2 : SIZE));
  const bootstrap = peers.flatMap(({ listen }) => listen);
  const newcomer = await start({ bootstrap, mirrors: [`file:${lying}`] });
  await until("all of it", async () => (await held(newcomer)) === SIZE);
  const status = await newcomer.status();
  assert.equal(status.feeds[0]?.state, "open");
  assert.equal(status.findings, 0);
});
