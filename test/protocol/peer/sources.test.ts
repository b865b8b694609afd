/** Whom a peer asks for a feed's entries, and whom it leaves alone. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  MAX_ANSWER_ITEMS,
  MAX_BUSY_WAITS,
  SOURCE_BUSY_MS,
  SOURCE_REST_MS,
} from "../../../protocol/limits.ts";
import { BundleRun } from "../../../protocol/peer/bundle-run.ts";
import { Rests } from "../../../protocol/peer/rests.ts";
import { readTilesRequest } from "../../../protocol/wire/index.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { page } from "../../sim/sources.ts";
import { NETWORK, Rig } from "./rig.ts";
import type { RigPeer, Stub } from "./rig.ts";
import { feedServer } from "./stubs.ts";
import type { Change } from "./stubs.ts";

const short = new MemoryFeed(1, NETWORK).append(...Array.from({ length: 20 }, (_, i) => `entry ${i}`));
const long = new MemoryFeed(2, NETWORK).append(...Array.from({ length: 4_000 }, (_, i) => `entry ${i}`));

function follower(rig: Rig, feed: MemoryFeed): RigPeer {
  return rig.peer("p", { follow: { origins: [feed.origin] } });
}

function server(
  rig: Rig,
  name: string,
  feed: MemoryFeed,
  lie?: (truth: Uint8Array[]) => Uint8Array[] | null,
): Stub {
  const change: Change = (request, blobs) => {
    if (request.kind !== "entries") return blobs;
    const truth = page(feed, request.from, request.count);
    return lie === undefined ? truth : lie(truth);
  };
  return feedServer(rig, name, feed, change);
}

/** Answers later. */
function delayed(rig: Rig, stub: Stub, ms: number): Stub {
  const asked = stub.asked.bind(stub);
  stub.asked = (stream, bytes, from, answer): void =>
    rig.at(rig.now + ms, () => asked(stream, bytes, from, answer));
  return stub;
}

test("who failed is not asked again while there are others: one good source among many is found at once, and nothing is called withheld", () => {
  const rig = new Rig();
  const peer = follower(rig, short);
  for (let i = 0; i < 7; i++)
    rig.connect(
      peer,
      server(rig, `bad${i}`, short, () => (i % 2 === 0 ? null : [])),
    );
  rig.connect(peer, server(rig, "good", short));
  rig.pass(2_000);
  assert.equal(peer.held(short.origin), 20);
  assert.deepEqual(peer.findings, []);
});

test("what is missing is withheld only when all who showed it were asked", () => {
  const rig = new Rig();
  const peer = follower(rig, short);
  for (let i = 0; i < 3; i++)
    rig.connect(
      peer,
      server(rig, `bad${i}`, short, () => []),
    );
  rig.pass(60_000);
  assert.deepEqual(
    peer.findings.map(({ kind }) => kind),
    ["withheld"],
  );
});

test("a slow source of a page is waited for only where there is no other", () => {
  const rig = new Rig();
  const peer = follower(rig, short);
  const slow = [0, 1, 2].map((i) => delayed(rig, server(rig, `slow${i}`, short), 9_000));
  for (const stub of [...slow, server(rig, "good", short)]) rig.connect(peer, stub);
  // The heads of the slow ones come first.
  rig.pass(9_500);
  rig.pass(6_500);
  assert.equal(peer.held(short.origin), 20);

  const alone = new Rig();
  const lonely = follower(alone, short);
  alone.connect(lonely, delayed(alone, server(alone, "slow", short), 9_000));
  alone.pass(20_000);
  assert.equal(lonely.held(short.origin), 20, "it is kept to where nobody is faster");
});

test("one source that makes up entries which fill an answer does not have all others asked for pages", () => {
  const rig = new Rig();
  const peer = follower(rig, long);
  const huge = delayed(
    rig,
    server(rig, "huge", long, () => Array.from({ length: 14 }, (_, i) => new Uint8Array(65_535).fill(i))),
    200,
  );
  const good = ["a", "b"].map((name) => delayed(rig, server(rig, name, long), 100));
  for (const stub of [huge, ...good]) rig.connect(peer, stub);
  rig.pass(10_000);
  assert.equal(peer.held(long.origin), 4_000);
  const counts = good.flatMap(({ questions }) =>
    questions.flatMap(({ bytes }) => {
      const request = readTilesRequest(bytes);
      return request.kind === "entries" ? [request.count] : [];
    }),
  );
  assert.ok(
    counts.length > 0 && Math.max(...counts) < MAX_ANSWER_ITEMS / 2,
    `asked for ${Math.max(...counts)} at once`,
  );
});

test("who has no time is asked again soon, and fails only when that goes on; who fails rests twice as long each time", () => {
  const rests = new Rests();
  let now = 1_000_000;
  for (let i = 0; i < MAX_BUSY_WAITS; i++) {
    assert.ok(rests.waits("a", i === 0 ? "peer/over-budget" : "peer/busy", now));
    assert.ok(rests.isBusy("a") && rests.isResting("a", now) && !rests.hasFailed("a"));
    now += SOURCE_BUSY_MS;
    assert.equal(rests.isResting("a", now), false);
  }
  assert.ok(!rests.waits("a", "peer/busy", now) && !rests.waits("c", "transport/timeout", now));
  rests.failed("a", now);
  assert.ok(rests.hasFailed("a") && !rests.isBusy("a"));
  now += SOURCE_REST_MS;
  assert.equal(rests.isResting("a", now), false);
  rests.failed("a", now);
  assert.equal(rests.isResting("a", now + 2 * SOURCE_REST_MS - 1), true);
  rests.served("a");
  assert.ok(!rests.hasFailed("a") && !rests.isResting("a", now));
  rests.lagged("a", now);
  assert.ok(!rests.hasFailed("a") && rests.isResting("a", now));
  rests.lied("b", now);
  assert.equal(rests.isResting("b", now + 10 * SOURCE_REST_MS), true);
});

test("the engine wakes at whole ms, however long questions take as a rule", () => {
  const run = new BundleRun({ from: 0, to: 0, bundles: [], edge: [], end: { size: 0, hashes: [] } });
  run.usual = 612.3;
  assert.ok(Number.isInteger(run.patience));
});
