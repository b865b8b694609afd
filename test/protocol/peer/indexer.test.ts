/** What the index takes up first, and what it lets wait. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { INDEX_BULK_REST_MS, INDEX_REST_MS } from "../../../protocol/limits.ts";
import { uintOf } from "../../../protocol/peer/rows.ts";
import { Builder, packageNumber } from "../../sim/builder.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { NETWORK, Rig } from "./rig.ts";
import type { RigPeer } from "./rig.ts";
import { feedServer, whole } from "./stubs.ts";

/** ms that one who has much takes for an answer. */
const ANSWER_MS = 3_000;

/** The feed's number in the key of an entry. */
function numberIn(key: Uint8Array): number {
  return uintOf(key, 1, 4);
}

function indexed(peer: RigPeer, { origin }: MemoryFeed): number {
  return peer.status().feeds.find((feed) => feed.origin === origin)?.indexed ?? 0;
}

test("bundles are indexed when they have come, or have taken long; meanwhile what others say is, after a moment", () => {
  const much = new MemoryFeed(1, NETWORK).append(...Array.from({ length: 30_000 }, (_, i) => `entry ${i}`));
  const bob = new Builder(2);
  const little = new MemoryFeed(2, NETWORK).append(
    ...Array.from({ length: 100 }, (_, i) => bob.link(packageNumber(i), "same")),
  );
  const rig = new Rig();
  const peer = rig.peer("p", { follow: { origins: [much.origin, little.origin] } });
  const source = feedServer(rig, "much", much, whole(much));
  const answer = source.asked.bind(source);
  source.asked = (stream, bytes, from, done) =>
    rig.at(rig.now + ANSWER_MS, () => answer(stream, bytes, from, done));
  rig.connect(peer, source);
  while (peer.held(much.origin) === 0) rig.pass(50);
  const began = rig.now;
  rig.connect(peer, feedServer(rig, "little", little, whole(little)));
  while (peer.held(little.origin) < little.entries.length) rig.pass(50);
  rig.pass(INDEX_REST_MS + 100);
  assert.equal(indexed(peer, little), 100);
  while (rig.now < began + INDEX_BULK_REST_MS - 500) {
    rig.pass(100);
    assert.equal(indexed(peer, much), 0);
  }
  assert.ok(peer.held(much.origin) > 2_000, `${peer.held(much.origin)} are held`);
  rig.pass(2_000);
  assert.ok(indexed(peer, much) > 0, "for so long it waits, and no longer");
  assert.ok(peer.held(much.origin) < much.entries.length);
  while (peer.held(much.origin) < much.entries.length) rig.pass(1_000);
  rig.pass(2_000);
  assert.equal(indexed(peer, much), much.entries.length);
});

test("a bulk that comes fast is indexed as soon as it is there", () => {
  const much = new MemoryFeed(1, NETWORK).append(...Array.from({ length: 5_000 }, (_, i) => `entry ${i}`));
  const rig = new Rig();
  const peer = rig.peer("p", { follow: { origins: [much.origin] } });
  rig.connect(peer, feedServer(rig, "much", much, whole(much)));
  for (let ms = 0; ms < INDEX_BULK_REST_MS / 2 && indexed(peer, much) < much.entries.length; ms += 50)
    rig.pass(50);
  assert.equal(indexed(peer, much), much.entries.length);
});

test("a feed whose entries are not to be read, or are not there, keeps no other from being indexed", () => {
  const junk = Array.from({ length: 70 }, (_, i) => `entry ${i}`);
  const [bad, worse, good] = [1, 2, 3].map((seed) => new MemoryFeed(seed, NETWORK).append(...junk));
  assert.ok(bad && worse && good);
  const rig = new Rig();
  const peer = rig.peer("p", { follow: { origins: [bad.origin, worse.origin, good.origin] } });
  let isBroken = true;
  peer.fault = (effect) => {
    if (!isBroken || effect.kind !== "read" || effect.range.from[0] !== "e".charCodeAt(0)) return null;
    return numberIn(effect.range.from) === 1 ? "fail" : null;
  };
  const read = peer.store.read.bind(peer.store);
  peer.store.read = (range) => {
    const isGone = isBroken && range.from[0] === "e".charCodeAt(0) && numberIn(range.from) === 2;
    return isGone ? { rows: [], more: false } : read(range);
  };
  for (const feed of [bad, worse, good]) peer.gossiped("feeds", feed.update(0), "a");
  rig.pass(5_000);
  assert.deepEqual(
    [bad, worse, good].map((feed) => indexed(peer, feed)),
    [0, 0, 70],
  );
  const failures = peer.status().counters.get("index-failed") ?? 0;
  assert.ok(failures > 4 && failures < 1_000, `${failures} failures`);
  isBroken = false;
  rig.pass(5_000);
  assert.deepEqual(
    [bad, worse].map((feed) => indexed(peer, feed)),
    [70, 70],
  );
});
