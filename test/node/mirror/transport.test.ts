import assert from "node:assert/strict";
import { test } from "node:test";
import { withMirrors } from "../../../node/mirror/index.ts";
import { readTilesAnswer, writeTilesRequest } from "../../../protocol/index.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { newFolder } from "../folder.ts";
import { octets, startPeer } from "../mesh/peers.ts";
import { writeFeed } from "./folders.ts";

const clock = { now: Date.now, at: () => () => undefined };

test("mirrors: one answers what its files hold, peers beside it what they are asked, and nobody for another", async () => {
  const folder = await newFolder();
  const feed = new MemoryFeed(1).append("entry");
  await writeFeed(folder, feed);
  const other = await startPeer([]);
  const { mesh } = await startPeer([other]);
  const mirrored = withMirrors(mesh, [`file:${folder}`], clock);
  const heads = writeTilesRequest({ kind: "heads", after: "" });
  const mirror = `mirror:file:${folder}`;
  const ask = (to: string, stream: "tiles" | "query"): Promise<Uint8Array> =>
    mirrored.ask(to, stream, heads, 5_000);
  assert.deepEqual(readTilesAnswer(await ask(mirror, "tiles")).blobs, [feed.note()]);
  await assert.rejects(ask(mirror, "query"), { code: "mesh/refused" });
  await assert.rejects(mirrored.ask(mirror, "tiles", octets("junk"), 5_000), { code: /^wire\// });
  assert.deepEqual(await ask(other.mesh.self, "query"), heads, "the peer echoes");
  await assert.rejects(ask(`${mirror}x`, "tiles"), { code: "mesh/unreachable" });
  mirrored.close();
});
