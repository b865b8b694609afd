/** A web server that is not ours: nginx serves what `feed export` wrote, and a node has nothing else. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { runCommand } from "../../client/cli/run.ts";
import { serveFeed } from "../../client/source/feed-server.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { newFolder } from "../folder.ts";
import { until } from "../mesh/peers.ts";
import { startTestNode } from "../test-node.ts";
import { skip, startNginx } from "./nginx.ts";

const feed = new MemoryFeed(1).append(...Array.from({ length: 700 }, (_, i) => `entry ${i}`));

test("a feed that nginx serves is synchronised by a node that knows nobody else", { skip }, async () => {
  const site = await newFolder();
  const { url } = await serveFeed(feed);
  const exported = await runCommand([
    "feed",
    "export",
    join(site, "feeds/one"),
    feed.origin,
    "--api",
    url,
    "--network",
    "test",
  ]);
  assert.equal(exported.code, 0, exported.err);
  const { port, log } = await startNginx(site);
  const node = await startTestNode({
    follow: { all: false, origins: [feed.origin], builders: [] },
    mirrors: [`http://127.0.0.1:${port}/feeds/one`],
  });
  await until("all of it", async () => (await node.status()).feeds.some(({ held }) => held === 700));
  assert.match(await readFile(log, "utf8"), /GET \/feeds\/one\/tile\/entries\/002\.p\/188 HTTP\/1\.1" 200/);
});
