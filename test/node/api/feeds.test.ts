/** Feeds as static files: what a node may show of one that it has not got to the end of. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { buildApp } from "../../../node/api/server.ts";
import type { ApiNode } from "../../../node/api/index.ts";
import { openLog } from "../../../node/log.ts";
import { originHash, toHex } from "../../../protocol/index.ts";
import type { HeadView } from "../../../protocol/index.ts";
import { assertAnswered } from "../../json-schemas.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";

const feed = new MemoryFeed(1).append("a", "b");

async function statusOf(held: number): Promise<number> {
  const view: HeadView = {
    origin: feed.origin,
    checkpoint: feed.note(),
    size: 2,
    held,
    indexed: 0,
    timed: null,
    state: "syncing",
    class: "followed",
  };
  const status = {
    feeds: [view],
    own: null,
    claims: 0,
    findings: 0,
    records: 0,
    peers: 0,
    counters: new Map(),
  };
  const node: Pick<ApiNode, "status"> = { status: async () => status };
  const options = {
    listen: null,
    socket: null,
    token: "",
    apiPublic: true,
    hosts: [],
    log: await openLog("silent"),
  };
  const door = { local: true, apiPublic: true, hosts: null };
  const app = buildApp(node as ApiNode, options, door, new AbortController().signal);
  const path = `/feeds/${toHex(originHash(feed.origin))}/checkpoint`;
  const answer = await app.request(path);
  const type = answer.headers.get("content-type") ?? "";
  assertAnswered("GET", path, { status: answer.status, type, text: await answer.text() });
  return answer.status;
}

test("a head is served only with every entry below it", async () => {
  assert.deepEqual([await statusOf(0), await statusOf(1), await statusOf(2)], [404, 404, 200]);
});
