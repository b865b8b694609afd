/** A node that has nothing but mirrors: engine, driver, level, libp2p, and folders of static files. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { Node, NodeConfig } from "../../../node/index.ts";
import { writeCosigned } from "../../../protocol/index.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { cosignedNote, witnessOf } from "../../witness-requests.ts";
import { newFolder } from "../folder.ts";
import { until } from "../mesh/peers.ts";
import { startTestNode } from "../test-node.ts";
import { writeFeed } from "./folders.ts";

const feed = new MemoryFeed(1).append(...Array.from({ length: 900 }, (_, i) => `entry ${i}`));
const follow = { all: false, origins: [feed.origin], builders: [] };
const start = (changes: Partial<NodeConfig>): Promise<Node> => startTestNode({ follow, ...changes });

const held = async (node: Node): Promise<number> =>
  (await node.status()).feeds.find(({ origin }) => origin === feed.origin)?.held ?? 0;

test("a folder alone brings a feed, what witnesses say of it, and what it has grown by the next time", async () => {
  const [folder, dataDir] = [await newFolder(), await newFolder()];
  await writeFeed(folder, feed.branch(700));
  const seeds = [31, 32].map((octet) => new Uint8Array(32).fill(octet));
  const notes = seeds.map((seed, i) => cosignedNote(feed, 600 + i, seed, Math.floor(Date.now() / 1_000)));
  await writeFile(join(folder, "cosigned"), writeCosigned(notes) ?? "");
  const witnesses = seeds.map((seed) => witnessOf(seed));
  const node = await start({ dataDir, mirrors: [`file:${folder}`], witnesses });
  await until("all of it", async () => (await held(node)) === 700);
  const [view] = (await node.status()).feeds;
  assert.deepEqual(view?.cosigned, notes);
  await node.close();
  await writeFeed(folder, feed);
  const again = await start({ dataDir, mirrors: [`file://${folder}`] });
  await until("what is new", async () => (await held(again)) === 900);
});

test("a mirror that lies brings nothing, and does not keep an honest one from it", async () => {
  const [lying, honest] = [await newFolder(), await newFolder()];
  await writeFeed(lying, feed);
  await writeFile(join(lying, "tile/entries/002"), await readBundleOf(feed.branch(767).append("other")));
  await writeFeed(honest, feed.branch(800));
  const node = await start({ mirrors: [`file:${lying}`] });
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  assert.ok((await held(node)) < 768, "an entry that was never signed is not taken");
  await node.close();
  const both = await start({ mirrors: [`file:${lying}`, `file:${honest}`] });
  await until("all that the honest one has", async () => (await held(both)) >= 800);
});

test("what is no mirror is refused, and told what to write", async () => {
  for (const name of ["ftp://example.org/", "/srv/feed", "", "example.org"])
    await assert.rejects(start({ mirrors: [name] }), { code: "config/bad-address" }, name);
  await assert.rejects(start({ mirrors: ["/srv/feed"] }), /write file:\/srv\/feed/);
});

async function readBundleOf(other: MemoryFeed): Promise<Uint8Array> {
  const folder = await newFolder();
  await writeFeed(folder, other);
  return new Uint8Array(await readFile(join(folder, "tile/entries/002")));
}
