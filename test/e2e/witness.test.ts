/** A witness in a process of its own: what it answers by HTTP, with requests that race, and killed while it answers. */
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { join } from "node:path";
import { test } from "node:test";
import {
  originHash,
  parseVkey,
  publicFromSeed,
  record,
  toHex,
  toPkcs8Pem,
  utf8,
  verifyCosignature,
} from "../../protocol/index.ts";
import type { Cosigner } from "../../protocol/index.ts";
import { assertAnswered } from "../json-schemas.ts";
import { Builder, packageNumber } from "../sim/builder.ts";
import { MemoryFeed } from "../sim/memory-feed.ts";
import { addCheckpoint, timeOfLine } from "../witness-requests.ts";
import { heldOf, until } from "./asking.ts";
import { startPeer } from "./processes.ts";
import type { PeerProcess } from "./processes.ts";
import { askSocket } from "./socket.ts";
import type { RawAnswer } from "./socket.ts";

const LIMIT = { timeout: 600_000 };
const ROUNDS = 8;
const SIZE = 60;
const alice = new Builder(1);
/** What the publisher has, once more in memory: so that any two heads of it can be signed and joined. */
const feed = new MemoryFeed(1, "e2e").append(
  ...Array.from({ length: SIZE }, (_, i) => alice.link(packageNumber(i), "same")),
);
const witnessSeed = new Uint8Array(32).fill(77);
const witnessKey = toPkcs8Pem(witnessSeed);
const name = `samebits/e2e/witness/${toHex(publicFromSeed(witnessSeed))}`;
const witness: Cosigner = { name, raw: publicFromSeed(witnessSeed) };
const ROUTE = "/witness/add-checkpoint";

async function add(peer: PeerProcess, request: string): Promise<RawAnswer> {
  const answer = await askSocket(join(peer.dataDir, "api.sock"), "POST", ROUTE, "", request, "text/plain");
  assertAnswered("POST", ROUTE, answer);
  return answer;
}

function get(peer: PeerProcess, path: string): Promise<RawAnswer> {
  return askSocket(join(peer.dataDir, "api.sock"), "GET", path, "", null);
}

/** The size that the witness has cosigned, by its own word. */
async function lastOf(peer: PeerProcess): Promise<number> {
  const answer = await add(peer, addCheckpoint(feed, 0, SIZE));
  if (answer.status === 200) return SIZE;
  assert.deepEqual([answer.status, answer.type], [409, "text/x.tlog.size"], answer.text);
  return Number(answer.text);
}

async function followed(): Promise<{ readonly publisher: PeerProcess; readonly peer: PeerProcess }> {
  const publisher = await startPeer({ publishKey: toPkcs8Pem(feed.seed), first: true });
  assert.equal((await publisher.publish(...feed.entries)).status, 200);
  const peer = await startPeer({ bootstrap: publisher.listen, followOrigins: [feed.origin], witnessKey });
  await until("all of it at the witness", async () => (await heldOf(peer, feed.origin)) === SIZE);
  return { publisher, peer };
}

test("statuses, the line beside the feed's own in its folder, and requests that race", LIMIT, async () => {
  const { publisher, peer } = await followed();
  const status = record((await peer.get("/v1/status")).body, "status");
  const vkey = parseVkey(status.record("witness").string("vkey"));
  assert.deepEqual([vkey.name, vkey.type, toHex(vkey.raw)], [name, 4, toHex(witness.raw)]);

  const stranger = new MemoryFeed(9, "e2e").append("x");
  const unsigned = addCheckpoint(feed, 0, 3).replace(/\n— .*\n$/, "\n— x AAAABBBB\n");
  const refused = [
    [400, "old 0\n"],
    [404, addCheckpoint(stranger, 0, 1)],
    [403, unsigned],
    [400, addCheckpoint(feed, 4, 3)],
    [409, addCheckpoint(feed, 4, 9)],
    [413, "x".repeat(30_000)],
  ] as const;
  for (const [expected, request] of refused) {
    const answer = await add(peer, request);
    assert.equal(answer.status, expected, answer.text);
  }
  const branch = feed.branch(3).append("another", "history");
  const first = await add(peer, addCheckpoint(feed, 0, 3));
  assert.equal(first.status, 200, first.text);
  assert.ok(timeOfLine(feed, 3, first.text.slice(0, -1), witness) > 0);

  // The race of the specification: A(n) and B(n + k) begin from one size at once; whatever comes first, no smaller one comes after a larger.
  for (let size = 3; size + 9 < SIZE;) {
    const wanted = [size + 1, size + 9, size + 5, size + 3];
    const answers = await Promise.all(wanted.map((to) => add(peer, addCheckpoint(feed, size, to))));
    const done = answers.flatMap(({ status: code }, i) => (code === 200 ? [i] : []));
    assert.equal(done.length, 1, JSON.stringify(answers));
    assert.deepEqual(
      answers.filter(({ status: code }) => code === 409).map(({ text }) => Number(text)),
      Array.from({ length: 3 }, () => wanted[done[0] ?? 0]),
    );
    size = await lastOf(peer);
  }

  const last = await lastOf(peer);
  assert.equal((await add(peer, addCheckpoint(feed, last, SIZE))).status, 200);
  const served = await get(peer, `/feeds/${toHex(originHash(feed.origin))}/checkpoint`);
  assert.ok((verifyCosignature(utf8(served.text), witness) ?? 0) > 0, served.text);
  assert.match((await get(peer, "/metrics")).text, /^samebits_witness_feeds 1$/m);
  // One who is no witness knows no origin.
  assert.equal((await add(publisher, addCheckpoint(feed, 0, 3))).status, 404);
  // Another history from here is none, though its owner has signed it.
  assert.equal((await add(peer, addCheckpoint(branch, 3, 5))).status, 409);
  assert.equal((await add(peer, addCheckpoint(feed.branch(SIZE).append("z"), SIZE, SIZE + 1))).status, 503);
});

test(
  `killed ${ROUNDS} times while it answers, a witness never forgets what it has cosigned`,
  LIMIT,
  async () => {
    const { publisher, peer: started } = await followed();
    let peer = started;
    const { dataDir } = peer;
    let cosigned = 0;
    let largest = 0;
    assert.equal((await add(peer, addCheckpoint(feed, 0, 1))).status, 200);
    for (let round = 0; round < ROUNDS; round++) {
      const old = await lastOf(peer);
      assert.ok(old >= largest, `round ${round}: ${old} is known, ${largest} was cosigned`);
      if (old >= SIZE - 4) break;
      const sizes = [old + 3, old + 1, old + 4];
      const asking = sizes.map(async (size) => {
        const answer = await add(peer, addCheckpoint(feed, old, size)).catch(() => null);
        if (answer?.status !== 200) return;
        timeOfLine(feed, size, answer.text.slice(0, -1), witness);
        cosigned++;
        largest = Math.max(largest, size);
      });
      // By turns at a moment of chance, and as soon as one was answered while the others wait.
      if (round % 2 === 0) await Promise.race(asking);
      else await new Promise((resolve) => setTimeout(resolve, randomInt(60)));
      await peer.end("SIGKILL");
      await Promise.all(asking);
      peer = await startPeer({
        dataDir,
        bootstrap: publisher.listen,
        followOrigins: [feed.origin],
        witnessKey,
      });
    }
    assert.ok((await lastOf(peer)) >= largest);
    assert.ok(cosigned > 0, "no kill came after an answer");
  },
);
