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
  assert.deepEqual([stored, head?.size, proven?.size, unresolved.map(({ size }) => size)], [2, 4, 2, [6]]);
});
