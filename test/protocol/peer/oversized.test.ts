import assert from "node:assert/strict";
import { test } from "node:test";
import { writeBundle } from "../../../protocol/feed/index.ts";
import { MAX_ENTRY_BYTES, MIN_BULK_ENTRIES, TILE_WIDTH } from "../../../protocol/limits.ts";
import { entriesIn, entryRange } from "../../../protocol/peer/entry-rows.ts";
import type { HeadView } from "../../../protocol/peer/index.ts";
import { readTilesRequest } from "../../../protocol/wire/index.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { NETWORK, Rig } from "./rig.ts";
import type { RigPeer, Stub } from "./rig.ts";
import { feedServer, whole } from "./stubs.ts";

const TOO_BIG = new Uint8Array(MAX_ENTRY_BYTES + 1);

/** A feed whose key signs an entry of this length at this place. */
function feedOf(count: number, at: number, entry: Uint8Array = TOO_BIG, seed = 1): MemoryFeed {
  const entries = Array.from({ length: count }, (_, i) => (i === at ? entry : `entry ${i}`));
  return new MemoryFeed(seed, NETWORK).append(...entries);
}

function follower(rig: Rig, ...feeds: MemoryFeed[]): RigPeer {
  return rig.peer("p", { follow: { origins: feeds.map(({ origin }) => origin) } });
}

function viewOf(peer: RigPeer, { origin }: MemoryFeed): HeadView {
  return peer.status().feeds.find((feed) => feed.origin === origin) ?? assert.fail("not known");
}

/** How often entries of the feed were asked for. */
function asks({ questions }: Stub): number {
  return questions.filter(
    ({ stream, bytes }) => stream === "tiles" && readTilesRequest(bytes).kind === "entries",
  ).length;
}

test("a feed ends below an entry that is larger than any may be, and nobody who serves it is at fault (R8)", () => {
  const long = 3 * MIN_BULK_ENTRIES;
  for (const [count, at] of [
    [1, 0],
    [3, 1],
    [300, 299],
    [long, 0],
    [long, 2 * TILE_WIDTH],
    [long, long - 5],
  ] as const) {
    const rig = new Rig();
    const feed = feedOf(count, at);
    const other = feedOf(long, -1, TOO_BIG, 2);
    const peer = follower(rig, feed, other);
    const source = feedServer(rig, "s", feed, whole(feed));
    rig.connect(peer, source);
    rig.pass(30_000);
    const { held, state, size } = viewOf(peer, feed);
    assert.deepEqual([held, state], [at, "oversized"], `${at} of ${count}`);
    assert.ok(size <= count);
    assert.equal(peer.status().counters.get("entry-too-big"), 1, "counted once");
    const before = asks(source);
    rig.pass(300_000);
    assert.equal(asks(source), before, "what cannot be taken is not asked for again");
    assert.deepEqual([[...peer.dropped], peer.findings], [[], []]);
    assert.equal(peer.status().sync.missing, 0, "nothing is being fetched");
    for (let from = 0; from < held; from += TILE_WIDTH) {
      const to = Math.min(from + TILE_WIDTH, held);
      const entries = entriesIn(peer.store.whole(entryRange(1, from, to)), from, to);
      assert.equal(entries.length, to - from);
      writeBundle(entries);
    }
    rig.connect(peer, feedServer(rig, "t", other, whole(other)));
    rig.pass(30_000);
    assert.deepEqual([viewOf(peer, other).held, viewOf(peer, other).state], [long, "open"]);
  }
});

test("after a restart it is looked at once more, and a larger head does not make it be asked for", () => {
  const rig = new Rig();
  const feed = feedOf(40, 20);
  const peer = follower(rig, feed);
  const source = feedServer(rig, "s", feed, whole(feed));
  rig.connect(peer, source);
  rig.pass(5_000);
  peer.start();
  rig.pass(60_000);
  assert.deepEqual([viewOf(peer, feed).held, viewOf(peer, feed).state], [20, "oversized"]);
  assert.equal(asks(source), 2);
  for (let i = 0; i < 20; i++) {
    feed.append(`later ${i}`);
    peer.gossiped("feeds", feed.update(feed.entries.length), "s");
    rig.pass(1_000);
  }
  assert.deepEqual([viewOf(peer, feed).held, viewOf(peer, feed).state], [20, "oversized"]);
  assert.equal(asks(source), 2);
});

test("the largest entry that may be is taken, and one of no octets", () => {
  for (const entry of [new Uint8Array(MAX_ENTRY_BYTES), new Uint8Array()]) {
    const rig = new Rig();
    const feed = feedOf(2 * MIN_BULK_ENTRIES, 700, entry);
    const peer = follower(rig, feed);
    rig.connect(peer, feedServer(rig, "s", feed, whole(feed)));
    rig.pass(30_000);
    assert.deepEqual([viewOf(peer, feed).held, viewOf(peer, feed).state], [2 * MIN_BULK_ENTRIES, "open"]);
  }
});

test("an entry that its source made up is the source's fault, however large, and the feed goes on", () => {
  for (const count of [50, 2 * MIN_BULK_ENTRIES]) {
    const rig = new Rig();
    const feed = feedOf(count, -1);
    const peer = follower(rig, feed);
    const honest = whole(feed);
    const liar = feedServer(rig, "liar", feed, (request, blobs) => {
      const given = honest(request, blobs);
      return request.kind === "entries" && Array.isArray(given) ? [...given.slice(1), TOO_BIG] : given;
    });
    rig.connect(peer, liar);
    rig.pass(5_000);
    assert.equal(peer.status().counters.get("entry-too-big"), undefined);
    rig.connect(peer, feedServer(rig, "honest", feed, honest));
    rig.pass(120_000);
    assert.deepEqual([viewOf(peer, feed).held, viewOf(peer, feed).state], [count, "open"]);
  }
});
