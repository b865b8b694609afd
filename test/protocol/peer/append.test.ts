import assert from "node:assert/strict";
import { test } from "node:test";
import { Builder, packageNumber } from "../../sim/builder.ts";
import { FeedViews } from "../../sim/feed-views.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { NETWORK, Rig } from "./rig.ts";

test("what is being written keeps its head in the feed's row, though a later one is accepted meanwhile (R18)", () => {
  const alice = new Builder(1);
  const rig = new Rig();
  const peer = rig.peer("p", { follow: { builders: [alice.key] } });
  const feed = new MemoryFeed(1, NETWORK);
  for (let i = 0; i < 6; i++) feed.append(alice.link(packageNumber(i), "bits"));
  const neighbour = rig.stub("s", () => null);
  rig.connect(peer, neighbour);
  rig.pass(100);
  // The disk is slow: nobody hears that entries are stored.
  const isEntry = (key: Uint8Array): boolean => key[0] === "e".charCodeAt(0);
  peer.fault = (effect) =>
    effect.kind === "store" && effect.ops.some(({ key }) => isEntry(key)) ? "hang" : null;
  peer.gossiped("feeds", feed.branch(2).update(0), "s");
  peer.gossiped("feeds", feed.branch(4).update(2), "s");
  peer.gossiped("feeds", feed.update(6), "s");
  rig.pass(100);
  const views = new FeedViews();
  for (const effect of peer.seen) if (effect.kind === "store") views.write(effect.ops);
  const { stored, head, proven, unresolved } = views.of(feed.origin) ?? assert.fail("a row of the feed");
  // The later ones stand in a row when this write is done.
  assert.deepEqual([stored, head?.size, proven?.size, unresolved], [2, 2, 2, []]);
});

test("while entries are being written, no other write says that they are there: that write may fail (I1)", () => {
  const alice = new Builder(1);
  const rig = new Rig();
  const peer = rig.peer("p", { follow: { builders: [alice.key] } });
  const feed = new MemoryFeed(1, NETWORK);
  for (let i = 0; i < 4; i++) feed.append(alice.link(packageNumber(i), "bits"));
  const neighbour = rig.stub("s", () => null);
  rig.connect(peer, neighbour);
  rig.pass(100);
  const isEntry = (key: Uint8Array): boolean => key[0] === "e".charCodeAt(0);
  peer.gossiped("feeds", feed.branch(2).update(0), "s");
  rig.pass(100);
  const before = peer.seen.length;
  peer.fault = (effect) =>
    effect.kind === "store" && effect.ops.some(({ key }) => isEntry(key)) ? "hang" : null;
  peer.gossiped("feeds", feed.branch(3).update(2), "s");
  // A head beyond it is accepted, which the row keeps too.
  peer.gossiped("feeds", feed.update(4), "s");
  rig.pass(1_000);
  const views = new FeedViews();
  for (const effect of peer.seen.slice(0, before)) if (effect.kind === "store") views.write(effect.ops);
  const later = peer.seen.slice(before).flatMap((effect) => (effect.kind === "store" ? [effect.ops] : []));
  assert.ok(
    later.some((ops) => ops.some(({ key }) => isEntry(key))),
    "entries are being written",
  );
  for (const ops of later.filter((some) => !some.some(({ key }) => isEntry(key)))) views.write(ops);
  assert.equal(views.of(feed.origin)?.stored, 2);
});
