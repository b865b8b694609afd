/** A publisher that shows two histories is caught by all who follow it, and stays caught (R14, R15). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { record } from "../../protocol/index.ts";
import { newFolder } from "../node/folder.ts";
import { writeFeed } from "../node/mirror/folders.ts";
import { MemoryFeed } from "../sim/memory-feed.ts";
import { until } from "./asking.ts";
import { startPeer } from "./processes.ts";
import type { PeerProcess } from "./processes.ts";

const LIMIT = { timeout: 120_000 };
/** ms from the meeting of those who were shown different histories until each follower has the proof. */
const CAUGHT_MS = 30_000;

/** How a peer calls the feed. */
async function stateOf(peer: PeerProcess, origin: string): Promise<string> {
  const { body } = await peer.get("/v1/feeds");
  for (const item of record(body, "answer").list("feeds", 4_096)) {
    const feed = item.record();
    if (feed.string("origin") === origin) return feed.string("state");
  }
  return "unknown";
}

/** Kinds of what it found so far. */
async function findingsOf(peer: PeerProcess): Promise<readonly string[]> {
  const { body } = await peer.get("/v1/findings");
  return record(body, "answer")
    .list("findings", 1_000)
    .map((item) => item.record().string("kind"));
}

test(
  "a publisher that forks is caught by all followers within half a minute; a restart keeps it",
  LIMIT,
  async () => {
    const one = new MemoryFeed(7, "e2e");
    for (let i = 0; i < 600; i++) one.append(`entry ${i}`);
    const other = one.branch(500);
    while (other.entries.length < 700) other.append(`another ${other.entries.length}`);
    const [left, right] = [await newFolder(), await newFolder()];
    await writeFeed(left, one);
    await writeFeed(right, other);
    const follow = { followOrigins: [one.origin] };
    const a = await startPeer({ ...follow, mirrors: [`file:${left}`] });
    await until("its history at one", async () => (await stateOf(a, one.origin)) === "open");
    const b = await startPeer({ ...follow, bootstrap: a.listen, mirrors: [`file:${right}`] });
    const met = Date.now();
    const c = await startPeer({ ...follow, bootstrap: b.listen });
    for (const peer of [a, b, c]) {
      await until("the fork", async () => (await findingsOf(peer)).includes("fork"));
      assert.equal(await stateOf(peer, one.origin), "forked");
    }
    assert.ok(Date.now() - met < CAUGHT_MS, `${Date.now() - met} ms`);
    for (const peer of [a, b]) await peer.end("SIGKILL");
    await c.end("SIGTERM");
    const again = await startPeer({ ...follow, dataDir: c.dataDir });
    assert.equal(await stateOf(again, one.origin), "forked");
    assert.deepEqual(
      (await findingsOf(again)).filter((kind) => kind === "fork"),
      ["fork"],
    );
    const late = await startPeer({ ...follow, bootstrap: again.listen });
    await until("the fork at who comes later", async () => (await findingsOf(late)).includes("fork"));
  },
);
