/** What the index takes up first, and what it lets wait. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { INDEX_BULK_REST_MS, INDEX_REST_MS } from "../../../protocol/limits.ts";
import { Builder, packageNumber } from "../../sim/builder.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { NETWORK, Rig } from "./rig.ts";
import type { RigPeer } from "./rig.ts";
import { feedServer, whole } from "./stubs.ts";

/** ms that one who has much takes for an answer. */
const ANSWER_MS = 3_000;

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
