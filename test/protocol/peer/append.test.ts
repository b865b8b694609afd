import assert from "node:assert/strict";
import { test } from "node:test";
import type { Effect, StoreOp } from "../../../protocol/peer/index.ts";
import { Builder, packageNumber } from "../../sim/builder.ts";
import { FeedViews } from "../../sim/feed-views.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { NETWORK, Rig } from "./rig.ts";
import { feedServer } from "./stubs.ts";

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

const isEntry = (key: Uint8Array): boolean => key[0] === "e".charCodeAt(0);

/** Puts what was written without entries onto what was written before; how many entries the feed's row says are stored. */
function storedAsSaid(feed: MemoryFeed, before: readonly Effect[], later: readonly Effect[]): number {
  const views = new FeedViews();
  const writes = (effects: readonly Effect[]): readonly (readonly StoreOp[])[] =>
    effects.flatMap((effect) => (effect.kind === "store" ? [effect.ops] : []));
  for (const ops of writes(before)) views.write(ops);
  const [withEntries, without] = [true, false].map((has) =>
    writes(later).filter((ops) => ops.some(({ key }) => isEntry(key)) === has),
  );
  assert.equal(withEntries?.length, 1, "entries are being written");
  for (const ops of without ?? []) views.write(ops);
  return views.of(feed.origin)?.stored ?? 0;
}

function feedOf(count: number): { readonly alice: Builder; readonly feed: MemoryFeed } {
  const alice = new Builder(1);
  const links = Array.from({ length: count }, (_, i) => alice.link(packageNumber(i), "bits"));
  return { alice, feed: new MemoryFeed(1, NETWORK).append(...links) };
}

test("while entries are being written, a row says nothing of them: they may not come to be (I1)", () => {
  const { alice, feed } = feedOf(4);
  const rig = new Rig();
  const peer = rig.peer("p", { follow: { builders: [alice.key] } });
  rig.connect(
    peer,
    rig.stub("s", () => null),
  );
  rig.pass(100);
  peer.gossiped("feeds", feed.branch(2).update(0), "s");
  rig.pass(100);
  const before = peer.seen.length;
  peer.fault = (effect) =>
    effect.kind === "store" && effect.ops.some(({ key }) => isEntry(key)) ? "hang" : null;
  peer.gossiped("feeds", feed.branch(3).update(2), "s");
  // A head beyond it is accepted, which the row keeps too.
  peer.gossiped("feeds", feed.update(4), "s");
  rig.pass(1_000);
  assert.equal(storedAsSaid(feed, peer.seen.slice(0, before), peer.seen.slice(before)), 2);
});

test("nor does the row that goes with the index of entries before them", () => {
  const [first, all] = [30, 32];
  const { alice, feed } = feedOf(all);
  const rig = new Rig();
  const peer = rig.peer("p", { follow: { builders: [alice.key] } });
  // Nothing is compared: after a restart a job indexes it once more.
  peer.fault = ({ kind }) => (kind === "read" ? "hang" : null);
  rig.connect(peer, feedServer(rig, "s", feed.branch(first)));
  rig.pass(1_000);
  assert.equal(peer.held(feed.origin), first);
  let before = 0;
  // More come just when the job has begun to read.
  peer.fault = (effect) => {
    if (before === 0 && effect.kind === "read" && isEntry(effect.range.from)) {
      before = peer.seen.length;
      peer.gossiped("feeds", feed.update(first), "s");
    }
    const isAppend = effect.kind === "store" && effect.ops.some(({ key }) => isEntry(key));
    return before > 0 && isAppend ? "hang" : null;
  };
  peer.start();
  rig.pass(1_000);
  assert.ok(before > 0, "the job has read");
  assert.equal(peer.status().feeds[0]?.indexed, first);
  assert.equal(storedAsSaid(feed, peer.seen.slice(0, before), peer.seen.slice(before)), first);
});
