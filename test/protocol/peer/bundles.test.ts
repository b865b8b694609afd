import assert from "node:assert/strict";
import { test } from "node:test";
import {
  MAX_BUNDLE_ASKS,
  MAX_BUNDLES_BYTES,
  MAX_BUNDLES_WRITE_BYTES,
  MAX_PEER_BUNDLE_ASKS,
  MAX_SEGMENT_ENTRIES,
  MAX_STREAM_BYTES,
  MIN_BULK_ENTRIES,
  TILE_WIDTH,
} from "../../../protocol/limits.ts";
import { runOf } from "../../../protocol/peer/entry-rows.ts";
import type { StoreOp } from "../../../protocol/peer/index.ts";
import { readTilesRequest, writeTilesAnswer } from "../../../protocol/wire/index.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { NETWORK, Rig } from "./rig.ts";
import type { RigPeer, Stub } from "./rig.ts";
import { feedServer, whole } from "./stubs.ts";
import type { Change } from "./stubs.ts";

const long = new MemoryFeed(1, NETWORK).append(...Array.from({ length: 20_000 }, (_, i) => `entry ${i}`));

/** A source whose answers take so long. */
function distant(rig: Rig, name: string, feed: MemoryFeed, ms: number, change = whole(feed)): Stub {
  const stub = feedServer(rig, name, feed, change);
  const asked = stub.asked.bind(stub);
  stub.asked = (stream, bytes, from, answer) =>
    rig.at(rig.now + ms, () => asked(stream, bytes, from, answer));
  return stub;
}

function follower(rig: Rig, ...feeds: MemoryFeed[]): RigPeer {
  return rig.peer("p", { follow: { origins: feeds.map(({ origin }) => origin) } });
}

/** Ranges of entries that a source was asked for. */
function asked({ questions }: Stub): readonly { origin: string; from: number; count: number }[] {
  return questions.flatMap(({ stream, bytes }) => {
    const request = stream === "tiles" ? readTilesRequest(bytes) : null;
    return request?.kind === "entries" ? [request] : [];
  });
}

/** How many entries are in the rows that are put. */
function entriesPut(ops: readonly StoreOp[]): number {
  return ops
    .filter((op) => op.op === "put")
    .filter(({ key }) => key[0] === "e".charCodeAt(0))
    .reduce((sum, row) => sum + runOf(row).entries.length, 0);
}

/** ms until the feed is held. */
function timeToHold(rig: Rig, peer: RigPeer, feed: MemoryFeed, atMost: number): number {
  const start = rig.now;
  while (peer.held(feed.origin) < feed.entries.length && rig.now < start + atMost) rig.pass(50);
  assert.equal(peer.held(feed.origin), feed.entries.length, "not held in time");
  assert.equal(peer.status().counters.get("internal/impossible"), undefined);
  return rig.now - start;
}

test("bundles come from all sources at once", () => {
  // As long as a segment: what comes before its bundles is the same from one as from four.
  const longer = new MemoryFeed(1, NETWORK).append(
    ...Array.from({ length: MAX_SEGMENT_ENTRIES }, (_, i) => `entry ${i}`),
  );
  const time = (count: number): number => {
    const rig = new Rig();
    const peer = follower(rig, longer);
    const sources = Array.from({ length: count }, (_, i) => distant(rig, `s${i}`, longer, 200));
    for (const source of sources) rig.connect(peer, source);
    const ms = timeToHold(rig, peer, longer, 60_000);
    for (const source of sources) assert.ok(asked(source).length > 0, "a source was not asked");
    return ms;
  };
  const alone = time(1);
  const together = time(4);
  assert.ok(together < 0.6 * alone, `${together} ms from four, ${alone} ms from one`);
});

test("the last bundles of a segment go to the disk, and with them all before", () => {
  const rig = new Rig();
  const peer = follower(rig, long);
  const durable: boolean[] = [];
  peer.fault = (effect) => {
    if (effect.kind === "store" && entriesPut(effect.ops) >= 256) durable.push(effect.durable);
    return null;
  };
  rig.connect(peer, feedServer(rig, "s", long, whole(long)));
  timeToHold(rig, peer, long, 60_000);
  assert.ok(durable.length > 2, "all came in one write");
  assert.deepEqual([durable[0], durable.filter(Boolean).length, durable.at(-1)], [false, 1, true]);
});

test("what was fetched as bundles is handed on as bundles", () => {
  const rig = new Rig();
  const feed = long.branch(2_400);
  const peer = follower(rig, feed);
  rig.connect(peer, feedServer(rig, "s", feed, whole(feed)));
  timeToHold(rig, peer, feed, 5_000);
  const later = rig.peer("later", { follow: { origins: [feed.origin] } });
  rig.connect(peer, later);
  rig.pass(2_000);
  assert.equal(later.held(feed.origin), 2_400);
  const counters = later.status().counters;
  assert.equal(counters.get("entries-from-sync"), 2_400);
  assert.equal(counters.get("page-refused"), undefined);
});

test("a lying, a silent and a slow source hold nothing up: what they don't give comes from others", () => {
  const rig = new Rig();
  const peer = follower(rig, long);
  const honest = whole(long);
  const lie: Change = (request, blobs) => {
    const given = honest(request, blobs);
    if (request.kind !== "entries" || !Array.isArray(given)) return given;
    return given.map((entry, i) => (i === 77 ? new Uint8Array([1]) : entry));
  };
  const silence: Change = (request, blobs) => (request.kind === "entries" ? "silent" : blobs);
  const good = ["good", "better"].map((name) => distant(rig, name, long, 100));
  const liar = distant(rig, "liar", long, 100, lie);
  const silent = distant(rig, "silent", long, 100, silence);
  const slow = distant(rig, "slow", long, 8_000);
  for (const source of [liar, silent, slow, ...good]) rig.connect(peer, source);
  const before = rig.now;
  rig.pass(9_000);
  const ms = timeToHold(rig, peer, long, 15_000) + 9_000;
  assert.ok(rig.now - before >= 9_000 && ms < 15_000);
  const refused = peer.status().counters.get("bundle-refused") ?? 0;
  assert.ok(refused >= 1 && refused <= MAX_PEER_BUNDLE_ASKS, `the liar was believed ${refused} times`);
  assert.deepEqual([...peer.dropped], [], "its octets alone don't prove a lie (R7)");
  assert.deepEqual(peer.findings, []);
  assert.ok(asked(silent).length <= MAX_PEER_BUNDLE_ASKS + 1, "the silent one is left alone");
});

test("a source that gives wrong hashes is found out before any entry is fetched", () => {
  const rig = new Rig();
  const peer = follower(rig, long);
  const other = new MemoryFeed(2, NETWORK).append(...Array.from({ length: 20_000 }, (_, i) => `other ${i}`));
  const lie: Change = (request, blobs) =>
    request.kind === "tiles" ? other.answer(request) : whole(long)(request, blobs);
  const liar = distant(rig, "liar", long, 50, lie);
  rig.connect(peer, liar);
  rig.pass(1_000);
  assert.ok((peer.status().counters.get("page-refused") ?? 0) > 0);
  rig.connect(peer, distant(rig, "good", long, 50));
  timeToHold(rig, peer, long, 120_000);
  assert.deepEqual(peer.findings, []);
});

test("after a kill nothing that is stored is asked for again", () => {
  const rig = new Rig();
  const peer = follower(rig, long);
  const sources = ["a", "b"].map((name) => distant(rig, name, long, 300));
  for (const source of sources) rig.connect(peer, source);
  while (peer.held(long.origin) < 5_000) rig.pass(50);
  assert.ok(peer.held(long.origin) < 20_000, "killed on the way");
  peer.stop();
  const before = sources.map((source) => asked(source).length);
  peer.start();
  const held = peer.held(long.origin);
  assert.ok(held >= 5_000);
  timeToHold(rig, peer, long, 60_000);
  const froms = sources.flatMap((source, i) =>
    asked(source)
      .slice(before[i])
      .map(({ from }) => from),
  );
  assert.ok(froms.length > 0 && Math.min(...froms) >= held, `from ${Math.min(...froms)}, held ${held}`);
});

test("two long feeds of one source get on alike", () => {
  const rig = new Rig();
  const second = new MemoryFeed(2, NETWORK).append(
    ...Array.from({ length: 20_000 }, (_, i) => `second ${i}`),
  );
  const peer = follower(rig, long, second);
  const stub = rig.stub("s", (stream, bytes) => {
    if (stream !== "tiles") return null;
    const request = readTilesRequest(bytes);
    if (request.kind === "heads")
      return writeTilesAnswer({ blobs: [long.note(), second.note()], next: 0, code: "" });
    if (!("origin" in request)) return null;
    const feed = request.origin === long.origin ? long : second;
    const blobs = whole(feed)(request, feed.answer(request));
    return Array.isArray(blobs) ? writeTilesAnswer({ blobs, next: 0, code: "" }) : null;
  });
  const answer = stub.asked.bind(stub);
  stub.asked = (...question) => rig.at(rig.now + 100, () => answer(...question));
  rig.connect(peer, stub);
  for (let ms = 0; ms < 30_000 && peer.held(second.origin) < 20_000; ms += 50) {
    rig.pass(50);
    const ahead = Math.abs(peer.held(long.origin) - peer.held(second.origin));
    assert.ok(ahead <= 4_096, `one is ${ahead} entries ahead`);
  }
  assert.equal(peer.held(long.origin), 20_000);
  assert.equal(peer.held(second.origin), 20_000);
});

test("questions in flight and octets that wait are bounded, and big entries come all the same (I9)", () => {
  const rig = new Rig();
  const big = new MemoryFeed(3, NETWORK).append(
    ...Array.from({ length: 12_000 }, (_, i) => new Uint8Array(3_000).fill(i % 251)),
  );
  const peer = follower(rig, big);
  const flying = new Map<string, number>();
  let given = 0;
  let [most, mostOfOne, waited] = [0, 0, 0];
  for (let n = 0; n < 6; n++) {
    const stub = feedServer(rig, `s${n}`, big, (request, blobs) => {
      const answer = whole(big)(request, blobs);
      if (request.kind === "entries" && Array.isArray(answer))
        given += answer.reduce((sum, { length }) => sum + length, 0);
      return answer;
    });
    const answer = stub.asked.bind(stub);
    stub.asked = (stream, bytes, from, done): void => {
      const request = readTilesRequest(bytes);
      const isEntries = request.kind === "entries";
      if (isEntries) flying.set(stub.name, (flying.get(stub.name) ?? 0) + 1);
      most = Math.max(
        most,
        [...flying.values()].reduce((sum, each) => sum + each, 0),
      );
      mostOfOne = Math.max(mostOfOne, ...flying.values());
      // The first is slow, and the first bundle: what the others give waits for it.
      const isSlow = n === 0 || (isEntries && request.from === 0);
      rig.at(rig.now + (isSlow ? 3_000 : 100), () => {
        if (isEntries) flying.set(stub.name, (flying.get(stub.name) ?? 0) - 1);
        answer(stream, bytes, from, done);
      });
    };
    rig.connect(peer, stub);
  }
  for (let ms = 0; ms < 60_000 && peer.held(big.origin) < big.entries.length; ms += 50) {
    rig.pass(50);
    waited = Math.max(waited, given - 3_000 * peer.held(big.origin));
  }
  assert.equal(peer.held(big.origin), big.entries.length);
  assert.ok(most > MAX_PEER_BUNDLE_ASKS && most <= MAX_BUNDLE_ASKS, `${most} questions at once`);
  assert.ok(mostOfOne <= MAX_PEER_BUNDLE_ASKS, `${mostOfOne} to one source`);
  // What was given twice, to overtake the slow one, stays in this sum.
  assert.ok(waited <= MAX_BUNDLES_BYTES + MAX_BUNDLE_ASKS * MAX_STREAM_BYTES, `${waited} octets waited`);
  // A bundle of these is more than a write should be, and a write of its own.
  const written = peer.seen.map((effect) => (effect.kind === "store" ? entriesPut(effect.ops) : 0));
  assert.equal(Math.max(...written), TILE_WIDTH);
});

test("small bundles go into the store several at a time, as far as a write should be large", () => {
  const rig = new Rig();
  const peer = follower(rig, long);
  rig.connect(peer, distant(rig, "s", long, 10));
  timeToHold(rig, peer, long, 60_000);
  const octets = long.entries.reduce((sum, { length }) => sum + length, 0) / long.entries.length;
  const written = peer.seen.map((effect) => (effect.kind === "store" ? entriesPut(effect.ops) : 0));
  assert.ok(Math.max(...written) >= 2 * TILE_WIDTH, `${Math.max(...written)} entries in one write`);
  assert.ok(Math.max(...written) * octets <= MAX_BUNDLES_WRITE_BYTES);
});

test("bundles that fill no answer come page by page", () => {
  const rig = new Rig();
  const huge = new MemoryFeed(4, NETWORK).append(
    ...Array.from({ length: MIN_BULK_ENTRIES + 300 }, (_, i) => new Uint8Array(8_000).fill(i % 251)),
  );
  const peer = follower(rig, huge);
  rig.connect(peer, distant(rig, "s", huge, 10));
  timeToHold(rig, peer, huge, 20_000);
});

test("more than a segment, from a size that is no multiple of a bundle", () => {
  const rig = new Rig();
  const size = MAX_SEGMENT_ENTRIES + 5_000;
  const feed = new MemoryFeed(5, NETWORK).append(...Array.from({ length: size }, (_, i) => `e${i}`));
  const peer = follower(rig, feed);
  const early = distant(rig, "early", feed.branch(300), 10);
  rig.connect(peer, early);
  rig.pass(2_000);
  assert.equal(peer.held(feed.origin), 300);
  rig.disconnect(peer, early);
  const source = distant(rig, "s", feed, 10);
  rig.connect(peer, source);
  timeToHold(rig, peer, feed, 60_000);
  const total = asked(source).reduce((sum, { count }) => sum + count, 0);
  assert.equal(total, size - 300, "nothing is fetched twice");
  const held = peer.status().feeds[0];
  assert.equal(held?.state, "open");
});
