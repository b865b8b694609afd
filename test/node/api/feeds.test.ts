/** Feeds as static files: what a node may show of one that it has not got to the end of. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Hono } from "hono";
import { buildApp } from "../../../node/api/server.ts";
import type { ApiNode } from "../../../node/api/index.ts";
import { openLog } from "../../../node/log.ts";
import {
  MAX_FEEDS,
  originHash,
  parseCheckpoint,
  publicFromSeed,
  readCosigned,
  toHex,
  witnessName,
} from "../../../protocol/index.ts";
import type { FeedView, StatusResult } from "../../../protocol/index.ts";
import { assertAnswered } from "../../json-schemas.ts";
import { timedNote } from "../../client/cli/stage.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { statusOfFeed } from "./feed-status.ts";
import { cosignedNote } from "../../witness-requests.ts";

const feed = new MemoryFeed(1).append("a", "b");

/** The routes of a node with this status. */
async function appOf(status: StatusResult): Promise<Hono> {
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
  return buildApp(node as ApiNode, options, door, new AbortController().signal);
}

/** What a node with this view of the feed serves below the feed's folder. */
async function served(
  path: string,
  changes: Partial<FeedView>,
  witness: StatusResult["witness"] = null,
): Promise<Response> {
  const app = await appOf(statusOfFeed(feed, 2, changes, witness));
  const route = `/feeds/${toHex(originHash(feed.origin))}/${path}`;
  const answer = await app.request(route);
  const type = answer.headers.get("content-type") ?? "";
  assertAnswered("GET", route, { status: answer.status, type, text: await answer.clone().text() });
  return answer;
}

const statusOf = async (held: number): Promise<number> => (await served("checkpoint", { held })).status;

test("a head is served only with every entry below it", async () => {
  assert.deepEqual([await statusOf(0), await statusOf(1), await statusOf(2)], [404, 404, 200]);
});

test("the time of a feed is served: in the checkpoint where it is of the very same head, else beside it", async () => {
  const bytesOf = async (path: string, timed: Uint8Array | null): Promise<Uint8Array | number> => {
    const answer = await served(path, { timed });
    return answer.status === 200 ? new Uint8Array(await answer.arrayBuffer()) : answer.status;
  };
  const [same, older] = [timedNote(feed, 5_000), timedNote(feed.branch(1), 4_000)];
  const newer = timedNote(feed.branch(2).append("c"), 6_000);
  assert.deepEqual(await bytesOf("checkpoint", same), same);
  assert.deepEqual(await bytesOf("timed", same), same);
  assert.deepEqual(await bytesOf("checkpoint", older), feed.note());
  assert.deepEqual(await bytesOf("timed", older), older);
  for (const none of [newer, null]) {
    assert.deepEqual(await bytesOf("checkpoint", none), feed.note());
    assert.equal(await bytesOf("timed", none), 404);
  }
});

test("a checkpoint bears the lines of all witnesses that cosigned the very same head, in their order, and no others", async () => {
  const seeds = [21, 22, 23].map((octet) => new Uint8Array(32).fill(octet));
  const [same, smaller, alike] = seeds.map((seed, i) => cosignedNote(feed, i === 1 ? 1 : 2, seed, 7));
  const timed = timedNote(feed, 5_000);
  const cosigned = [same, smaller, alike].map((note) => note ?? new Uint8Array(0));
  const answer = await served("checkpoint", { timed, cosigned });
  const names = parseCheckpoint(new Uint8Array(await answer.arrayBuffer())).signatures.map(
    ({ name }) => name,
  );
  const [first = "", , third = ""] = seeds.map((seed) => witnessName("test", publicFromSeed(seed)));
  assert.deepEqual(names, [feed.origin, feed.origin, first, third]);
});

test("what witnesses cosigned is served beside it, smaller heads too, and of this node's own witness the newest", async () => {
  const seeds = [21, 22, 23].map((octet) => new Uint8Array(32).fill(octet));
  const [smaller, same, larger] = [1, 2, 3].map((size, i) =>
    cosignedNote(feed.branch(2).append("c"), size, seeds[i] ?? new Uint8Array(), 7),
  );
  const told = (...notes: readonly (Uint8Array | undefined)[]): readonly Uint8Array[] =>
    notes.filter((note) => note !== undefined);
  const view = { cosigned: told(smaller, same, larger) };
  const shown = async (mine: Uint8Array | null): Promise<readonly Uint8Array[] | number> => {
    const cosigned = new Map(mine === null ? [] : [[feed.origin, mine]]);
    const answer = await served("cosigned", view, { vkey: "", state: "open", reason: null, cosigned });
    if (answer.status !== 200) return answer.status;
    assert.equal(answer.headers.get("cache-control"), "public, max-age=5");
    return readCosigned(new Uint8Array(await answer.arrayBuffer())).map(({ checkpoint }) => checkpoint.note);
  };
  assert.deepEqual(await shown(null), told(smaller, same), "what is not shown yet is not there");
  const newer = cosignedNote(feed, 2, seeds[0] ?? new Uint8Array(), 99);
  assert.deepEqual(await shown(newer), told(same, newer));
  assert.deepEqual(await shown(larger ?? null), told(smaller, same));
  assert.equal((await served("cosigned", { cosigned: told(larger) })).status, 404);
});

test("a file is found among thousands of feeds, which strangers can have kept here, without hashing the names of all (I9)", async () => {
  const status = statusOfFeed(feed, 2);
  const strange = Array.from({ length: MAX_FEEDS - 1 }, (_, i) => {
    const origin = `samebits/test/${i.toString(16).padStart(64, "0")}`;
    return status.feeds.map((view) => ({ ...view, origin }));
  });
  const app = await appOf({ ...status, feeds: [...strange.flat(), ...status.feeds] });
  const route = `/feeds/${toHex(originHash(feed.origin))}/checkpoint`;
  const timeOf = async (work: () => unknown): Promise<number> => {
    const before = performance.now();
    await work();
    return performance.now() - before;
  };
  const hashAll = (): void => strange.flat().forEach(({ origin }) => void toHex(originHash(origin)));
  const ask = async (): Promise<void> => {
    for (let i = 0; i < 20; i++) assert.equal((await app.request(route)).status, 200);
  };
  await ask();
  const [hashing, asking] = [await timeOf(hashAll), await timeOf(ask)];
  assert.ok(asking < 5 * hashing, `20 requests took ${asking} ms, hashing once ${hashing} ms`);
});
