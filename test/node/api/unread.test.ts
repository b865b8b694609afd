/** Whoever asks for much and reads nothing of it: what that costs a node is bounded, and who reads is answered beside it. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Hono } from "hono";
import { startApi } from "../../../node/api/index.ts";
import type { ApiNode } from "../../../node/api/index.ts";
import { closeServer, listen, serverOf, urlOf } from "../../../node/api/listener.ts";
import { problemOf } from "../../../node/api/problem.ts";
import { Room } from "../../../node/api/room.ts";
import type { RoomLimits } from "../../../node/api/room.ts";
import { silent } from "../../../node/log.ts";
import {
  ANSWER_FILL_BYTES,
  MAX_ENTRY_BYTES,
  MAX_FEED_ANSWERS_BYTES,
  originHash,
  readBundle,
  readTilesRequest,
  TILE_WIDTH,
  toHex,
  writeTilesAnswer,
} from "../../../protocol/index.ts";
import { atEnd } from "../../at-end.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { until } from "../mesh/peers.ts";
import { statusOfFeed } from "./feed-status.ts";

/** Octets of buffers at most, whoever reads nothing: what there is room for, as the engine gave it, as it is written, and on its way out. */
const BOUND = 3 * MAX_FEED_ANSWERS_BYTES;
/** A bundle of entries that are as long as any has so many pages. */
const PAGES = Math.ceil(TILE_WIDTH / Math.floor(ANSWER_FILL_BYTES / MAX_ENTRY_BYTES));

const feed = new MemoryFeed(1).append("a");
const BUNDLE = `/feeds/${toHex(originHash(feed.origin))}/tile/entries/000`;

interface Served {
  readonly url: string;
  /** Questions that the engine got. */
  readonly asked: () => number;
}

/** A node with a feed of one bundle, whose entries have so many octets. */
async function serve(size = MAX_ENTRY_BYTES, fails = Number.POSITIVE_INFINITY): Promise<Served> {
  let asked = 0;
  const node: Pick<ApiNode, "status" | "ask"> = {
    status: async () => statusOfFeed(feed, TILE_WIDTH),
    async ask(_, question) {
      if (++asked > fails) throw new Error("a failing disk");
      const request = readTilesRequest(question);
      assert.ok(request.kind === "entries");
      const count = Math.min(request.count, Math.floor(ANSWER_FILL_BYTES / size));
      const blobs = Array.from({ length: count }, () => new Uint8Array(size).fill(7));
      return writeTilesAnswer({ blobs, next: 0, code: "" });
    },
  };
  const options = { socket: null, token: "", apiPublic: false, hosts: [], log: silent };
  const api = await startApi(node as ApiNode, { ...options, listen: "127.0.0.1:0" });
  atEnd(() => api.close());
  return { url: api.url ?? "", asked: () => asked };
}

/** Sends so many requests at once, and reads nothing. */
function sendOnly(url: string, target: string, times: number): Socket {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  socket.on("error", () => undefined);
  socket.pause();
  socket.write(`GET ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`.repeat(times));
  atEnd(() => socket.destroy());
  return socket;
}

async function readWhole(url: string): Promise<void> {
  const answer = await fetch(`${url}${BUNDLE}`);
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("cache-control"), "public, max-age=31536000, immutable");
  const entries = readBundle(new Uint8Array(await answer.arrayBuffer()), TILE_WIDTH);
  assert.ok(entries.every((entry) => entry.length === MAX_ENTRY_BYTES && entry[0] === 7));
}

/** Until the node has done all that it does while nobody reads. */
async function quiet({ asked }: Served): Promise<void> {
  for (let before = -1; before < asked() || before === 0; await sleep(500)) before = asked();
}

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Octets of buffers, beside the heap, that something still holds. */
async function held(): Promise<number> {
  // What is collected at once is given back a little later.
  for (let i = 0; i < 3; i++) {
    collect();
    await sleep(100);
  }
  return process.memoryUsage().external;
}

for (const [connections, each] of [
  [1, 16],
  [3, 100],
  [60, 1],
] as const)
  test(`${connections} connections that ask for ${each} bundles each and read none take what is bounded, and others are answered`, async () => {
    const node = await serve();
    const before = await held();
    const sockets = Array.from({ length: connections }, () => sendOnly(node.url, BUNDLE, each));
    await quiet(node);
    const most = (await held()) - before;
    assert.ok(most < BOUND, `${most} octets held`);
    assert.ok(node.asked() < 6 * Math.min(connections, 32), `${node.asked()} pages read`);
    await readWhole(node.url);
    for (const socket of sockets) socket.destroy();
  });

test("what is asked for on one connection is answered one after the other, and all of it", async () => {
  const node = await serve();
  const socket = sendOnly(node.url, BUNDLE, 10);
  await quiet(node);
  assert.ok(node.asked() < PAGES, `${node.asked()} pages read`);
  let octets = 0;
  socket.on("data", (part: Buffer) => (octets += part.length)).resume();
  await until("all ten", () => octets > 10 * TILE_WIDTH * (MAX_ENTRY_BYTES + 2));
  assert.equal(node.asked(), 10 * PAGES);
  // What is refused on Node's way out of the connection comes behind what is asked before it, too.
  socket.write(
    `GET ${BUNDLE} HTTP/1.1\r\nHost: localhost\r\n\r\nCONNECT any:1 HTTP/1.1\r\nHost: localhost\r\n\r\n`,
  );
  await once(socket, "close");
  assert.ok(octets > 11 * TILE_WIDTH * (MAX_ENTRY_BYTES + 2));
});

test("a bundle of one page has its length, HEAD has no body and takes no room, and a bundle that breaks off is no whole one", async () => {
  const small = await fetch(`${(await serve(100)).url}${BUNDLE}`);
  assert.equal(small.headers.get("content-length"), String(102 * TILE_WIDTH));
  assert.equal((await small.arrayBuffer()).byteLength, 102 * TILE_WIDTH);
  const { url } = await serve();
  for (let i = 0; i < 40; i++) {
    const head = await fetch(`${url}${BUNDLE}`, { method: "HEAD" });
    assert.deepEqual([head.status, await head.text()], [200, ""]);
  }
  const broken = await serve(MAX_ENTRY_BYTES, 3);
  await assert.rejects(async () => (await fetch(`${broken.url}${BUNDLE}`)).arrayBuffer());
});

/** A server of answers of 100 octets and of one that never ends, with room for two. */
async function served(limits: Partial<RoomLimits>): Promise<string> {
  const long = 60_000;
  const room = new Room({ octets: 200, waitMs: long, stallMs: long, answerMs: long, ...limits });
  const app = new Hono();
  app.get("/endless", async (context) => {
    await room.take(context, 100);
    return context.body(new ReadableStream({ start: (stream) => stream.enqueue(new Uint8Array(1)) }));
  });
  app.get("/short", async (context) => {
    await room.take(context, 100);
    return context.text("short");
  });
  app.onError((error, context) => problemOf(context, error, silent));
  const server = serverOf(app);
  await listen(server, { host: "127.0.0.1", port: 0, option: "--api-listen" });
  atEnd(() => closeServer(server));
  return urlOf(server, "127.0.0.1");
}

test("an answer for which there is no room waits, is refused after a time, and comes where room is made", async () => {
  const url = await served({ waitMs: 1_000 });
  const over = new AbortController();
  for (let i = 0; i < 2; i++)
    assert.equal((await fetch(`${url}/endless`, { signal: over.signal })).status, 200);
  const refused = await fetch(`${url}/short`);
  assert.deepEqual([refused.status, refused.headers.get("retry-after")], [503, "1"]);
  assert.match(await refused.text(), /"code":"node\/busy"/);
  // Who hangs up while it waits leaves no trace.
  const waiting = new AbortController();
  const left = fetch(`${url}/short`, { signal: waiting.signal });
  const other = fetch(`${url}/short`);
  waiting.abort();
  await assert.rejects(left);
  over.abort();
  assert.equal(await (await other).text(), "short");
  const many = await Promise.all(Array.from({ length: 20 }, () => fetch(`${url}/short`)));
  assert.deepEqual([...new Set(many.map(({ status }) => status))], [200]);
});

test("an answer that is not read in time is broken off, and gives its room back", async () => {
  const url = await served({ answerMs: 500 });
  const slow = await Promise.all([fetch(`${url}/endless`), fetch(`${url}/endless`)]);
  assert.equal(await (await fetch(`${url}/short`)).text(), "short");
  for (const each of slow) await assert.rejects(each.arrayBuffer());
});

test("an answer of which nothing is read gives way to one that waits, and only to that", async () => {
  const url = await served({ stallMs: 300 });
  const first = await fetch(`${url}/endless`);
  await sleep(100);
  const second = await fetch(`${url}/endless`);
  await sleep(600);
  const [one, two] = [first, second].map(({ body }) => body?.getReader() ?? assert.fail());
  for (const reader of [one, two]) assert.equal((await reader?.read())?.value?.length, 1);
  assert.equal(await (await fetch(`${url}/short`)).text(), "short");
  await assert.rejects(async () => one?.read());
  const still = two?.read().then(() => "ended");
  assert.equal(await Promise.race([still, sleep(600, "goes on")]), "goes on");
  await two?.cancel();
});
