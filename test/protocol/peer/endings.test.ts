/** What a peer knows of the lives of feeds: fresh or stale by their own time lines, ended by their own keys (spec/lifecycle.md). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { origin } from "../../../protocol/feed/index.ts";
import { MAX_ENDINGS_TRIED, QUIESCENT_MS, STALE_FEED_MS } from "../../../protocol/limits.ts";
import type { StatusResult } from "../../../protocol/peer/index.ts";
import { readTilesRequest, writeTilesAnswer } from "../../../protocol/wire/index.ts";
import { Builder, packageNumber } from "../../sim/builder.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { ends } from "../lifecycle/endings.ts";
import { NETWORK, Rig } from "./rig.ts";
import type { RigPeer } from "./rig.ts";

const [alice, bob] = [new Builder(1), new Builder(2)];
const A = origin(NETWORK, alice.key.raw);
const B = origin(NETWORK, bob.key.raw);

type View = StatusResult["feeds"][number];

function viewOf(peer: RigPeer, name: string): View {
  return peer.status().feeds.find((feed) => feed.origin === name) ?? assert.fail(`no feed ${name}`);
}

function link(number: number): Uint8Array {
  return alice.link(packageNumber(number), "same");
}

function codeOf(result: ReturnType<RigPeer["publish"]>): string {
  return result?.ok === false ? result.code : "published";
}

/** Alice publishes, and a follower of both hears of it. */
function mesh(rig: Rig): { readonly own: RigPeer; readonly follower: RigPeer } {
  const own = rig.peer("a", { seed: alice.seed, first: true });
  const follower = rig.peer("f", { follow: { builders: [alice.key, bob.key] } });
  rig.connect(own, follower);
  assert.equal(codeOf(own.publish(link(1), link(2))), "published");
  rig.pass(120_000);
  return { own, follower };
}

/** The follower hears all of a feed, entry by entry. */
function hears(peer: RigPeer, seed: number, ...entries: Uint8Array[]): void {
  const feed = new MemoryFeed(seed, NETWORK).append(...entries);
  for (let size = 1; size <= entries.length; size++)
    peer.gossiped("feeds", feed.branch(size).update(size - 1), "x");
}

test("a feed that grows is appending, one that its key only calls the newest is quiescent, one that is not heard of is stale", () => {
  const rig = new Rig();
  const { own, follower } = mesh(rig);
  assert.equal(viewOf(follower, A).lifecycle, "appending");
  assert.equal(viewOf(own, A).lifecycle, "appending");
  rig.pass(QUIESCENT_MS + 3_600_000);
  assert.equal(viewOf(follower, A).lifecycle, "quiescent");
  follower.stop();
  follower.start();
  assert.equal(viewOf(follower, A).lifecycle, "quiescent", "a restart forgets no day");
  own.publish(link(3));
  rig.pass(120_000);
  assert.equal(viewOf(follower, A).lifecycle, "appending");
  rig.disconnect(own, follower);
  rig.pass(STALE_FEED_MS - 3_600_000);
  assert.equal(viewOf(follower, A).lifecycle, "appending");
  rig.pass(2 * 3_600_000);
  assert.equal(viewOf(follower, A).lifecycle, "stale", "whoever holds heads back is seen");
  assert.equal(viewOf(own, A).lifecycle, "appending", "the publisher knows better");
});

test("a feed that lists its end takes nothing more, and everybody is told, with the successor, after a restart too", () => {
  const rig = new Rig();
  const { own, follower } = mesh(rig);
  assert.equal(codeOf(own.publish(ends(alice, A, { successor: B, size: 2 }))), "published");
  rig.pass(5_000);
  assert.equal(codeOf(own.publish(link(3))), "peer/feed-ended");
  for (const peer of [own, follower]) {
    for (const again of [false, true]) {
      if (again) {
        peer.stop();
        peer.start(false);
      }
      const { lifecycle, ending } = viewOf(peer, A);
      assert.equal(lifecycle, "frozen");
      assert.deepEqual([ending?.successor, ending?.carrier, ending?.index, ending?.after], [B, A, 2, 0]);
    }
  }
  rig.pass(5_000);
  assert.equal(codeOf(own.publish(link(3))), "peer/feed-ended", "nor after a restart");
  const { found } = follower.find({ targets: [packageNumber(9).key], builders: [alice.key.raw] });
  assert.deepEqual(
    found.map(({ index }) => index),
    [2],
    "whoever asks for its claims gets the proof that nothing more comes",
  );
  assert.equal(follower.find({ targets: [packageNumber(9).key], builders: [bob.key.raw] }).found.length, 0);
});

test("what a key appends behind the end of its feed is counted, and taken as before", () => {
  const peer = new Rig().peer("f", { follow: { builders: [alice.key] } });
  hears(peer, 1, link(1), ends(alice, A), link(2), link(3));
  const { lifecycle, ending, held } = viewOf(peer, A);
  assert.deepEqual([lifecycle, ending?.after, held], ["ended", 2, 4]);
  assert.equal(peer.find({ targets: [packageNumber(3).key] }).found.length, 1);
});

test("the successor's feed may say it for one that can't, and nobody else's", () => {
  const statement = ends(alice, A, { successor: B, size: 2 });
  const told = (seed: number, ...entries: Uint8Array[]): View => {
    const peer = new Rig().peer("f", { follow: { builders: [alice.key, bob.key, new Builder(3).key] } });
    hears(peer, 1, link(1), link(2));
    hears(peer, seed, ...entries);
    return viewOf(peer, A);
  };
  const { lifecycle, ending } = told(2, statement);
  assert.deepEqual([lifecycle, ending?.carrier, ending?.after], ["frozen", B, 0]);
  assert.equal(told(3, statement).ending, null, "a carrier says nothing of it");
  assert.equal(told(2, ends(bob, A, { successor: B })).ending, null, "nor does a forged one");
});

test("a statement is found whichever feed comes first, and one of a feed that nobody here knows is not kept", () => {
  const rig = new Rig();
  const peer = rig.peer("f", { follow: { builders: [alice.key, bob.key] } });
  const stranger = new Builder(9);
  const strange = ends(stranger, origin(NETWORK, stranger.key.raw), { successor: B });
  hears(peer, 2, ends(alice, A, { successor: B, size: 1 }), strange);
  hears(peer, 1, link(1));
  assert.equal(viewOf(peer, A).lifecycle, "frozen");
  assert.equal(peer.status().counters.get("feed-ending"), 1);
});

test("a feed full of statements costs a few checks: what comes behind them is not looked at", () => {
  const peer = new Rig().peer("f", { follow: { builders: [alice.key, bob.key] } });
  hears(peer, 1, link(1));
  const junk = Array.from({ length: MAX_ENDINGS_TRIED }, (_, i) =>
    ends(bob, A, { successor: B, time: Date.UTC(2026, 0, 1) + i }),
  );
  hears(peer, 2, ...junk, ends(alice, A, { successor: B, size: 1 }));
  assert.equal(viewOf(peer, A).ending, null);
});

test("a feed that never shows its key's time is stale as soon as one that did would be, however often it is shown", () => {
  const rig = new Rig();
  const peer = rig.peer("f", { follow: { builders: [alice.key] } });
  hears(peer, 1, link(1));
  assert.equal(viewOf(peer, A).lifecycle, "appending");
  for (let hour = 1; hour <= 4; hour++) {
    rig.pass(3_600_000);
    peer.gossiped("feeds", new MemoryFeed(1, NETWORK).append(link(1)).update(0), `y${hour}`);
  }
  assert.equal(viewOf(peer, A).lifecycle, "appending");
  rig.pass(60_000);
  assert.equal(viewOf(peer, A).lifecycle, "stale");
});

test("a write that fails loses no end: it is found again with the entries", () => {
  const rig = new Rig();
  const feed = new MemoryFeed(1, NETWORK).append(link(1), ends(alice, A));
  const source = rig.stub("s", (stream, bytes) =>
    stream === "tiles"
      ? writeTilesAnswer({ blobs: feed.answer(readTilesRequest(bytes)), next: 0, code: "" })
      : null,
  );
  const peer = rig.peer("f", { follow: { builders: [alice.key] } });
  let failed = false;
  peer.fault = (effect) => {
    const isEntry = effect.kind === "store" && effect.ops.some(({ key }) => key[0] === "e".charCodeAt(0));
    if (!isEntry || failed) return null;
    failed = true;
    return "fail";
  };
  rig.connect(peer, source);
  rig.pass(60_000);
  assert.ok(failed);
  assert.equal(peer.held(A), 2);
  peer.stop();
  peer.start();
  assert.equal(viewOf(peer, A).lifecycle, "ended");
});
