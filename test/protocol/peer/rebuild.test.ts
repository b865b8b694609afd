/** The rows of an own feed before and after its recovery: what is there and good is kept, what is not goes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { toHex } from "../../../protocol/bytes/index.ts";
import { HASH_BYTES } from "../../../protocol/feed/index.ts";
import { endRecovery } from "../../../protocol/peer/index.ts";
import { PACK_ENTRIES } from "../../../protocol/limits.ts";
import { entryKey, noRows, packedRows, runOf } from "../../../protocol/peer/entry-rows.ts";
import { hashKey, rowAt, rowsOf } from "../../../protocol/peer/rows.ts";
import { readTilesRequest, writeTilesAnswer } from "../../../protocol/wire/index.ts";
import { Builder } from "../../sim/builder.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { NETWORK, Rig } from "./rig.ts";
import type { RigPeer } from "./rig.ts";
import { alice, begin, COUNT, feed, follower, link, publisher, run } from "./rebuilding.ts";
import { feedServer, whole } from "./stubs.ts";

/** The same beside one who hands all of the feed out. */
function recovered(rig: Rig, peer: RigPeer): RigPeer {
  const source = rig.stub("source", (_, bytes) => {
    const request = readTilesRequest(bytes);
    return writeTilesAnswer({ blobs: feed.answer(request), next: 0, code: "" });
  });
  const other = follower(rig, peer);
  rig.connect(other, source);
  rig.pass(120_000);
  const { recovery } = other.status();
  assert.deepEqual([recovery?.heard, recovery?.recalled, recovery?.size], [1, true, COUNT]);
  assert.ok(recovery?.head !== null);
  return other;
}

test("of a store in order all is kept, and after it the feed goes on with its ids known", () => {
  const { peer } = publisher(0);
  assert.deepEqual(begin(peer), { entries: COUNT, damaged: false });
  const ids = peer.store.read(rowsOf("i")).rows[0];
  assert.ok(ids !== undefined);
  peer.store.apply([{ op: "put", key: ids.key, value: Uint8Array.of(0, 0, 0, 0, 99) }]);
  const head = run(endRecovery(NETWORK, alice.key.raw, feed.head()), peer.store);
  assert.equal(head?.size, COUNT);
  peer.start(false);
  const result = peer.publish(link(7), link(COUNT));
  assert.deepEqual(
    result?.ok === true && result.do === "publish"
      ? result.entries.map(({ index, known }) => [index, known])
      : result,
    [
      [7, true],
      [COUNT, false],
    ],
  );
});

test("of a feed that was published, or fetched, many entries at a time all is kept too, and it goes on", () => {
  const many = new MemoryFeed(1, NETWORK).append(...Array.from({ length: 3_000 }, (_, i) => link(i)));
  const rig = new Rig();
  const peer = rig.peer("a", { seed: alice.seed, first: true });
  const count = 900;
  peer.publish(...many.entries.slice(0, count));
  peer.stop();
  assert.equal(peer.store.read(rowAt(hashKey(1, 1, 0))).rows[0]?.value.length, 3 * HASH_BYTES, "in one row");
  assert.deepEqual(begin(peer, many.head(count)), { entries: count, damaged: false });
  const other = follower(rig, peer);
  rig.connect(other, feedServer(rig, "source", many, whole(many)));
  rig.pass(60_000);
  assert.equal(other.held(feed.origin), 3_000);
  assert.equal(run(endRecovery(NETWORK, alice.key.raw, many.head()), peer.store)?.size, 3_000);
});

test("entries without a head go, with all that points to them, and the feed's own come in their place", () => {
  const { rig, peer } = publisher(20);
  assert.deepEqual(begin(peer), { entries: COUNT - 20, damaged: false });
  for (const kind of ["e", "t", "d"]) {
    assert.equal(peer.store.whole(rowsOf(kind, 4_096)).length, COUNT - 20, kind);
  }
  const other = recovered(rig, peer);
  assert.equal(other.held(feed.origin), COUNT);
  assert.equal(run(endRecovery(NETWORK, alice.key.raw, feed.head()), peer.store)?.size, COUNT);
});

test("entries with a head that stood together with some that have none stay, in rows of their own", () => {
  const { rig, peer } = publisher(20);
  const together = COUNT - (COUNT % PACK_ENTRIES);
  peer.store.apply([...noRows(1, 0, together), ...packedRows(1, 0, feed.entries.slice(0, together))]);
  assert.deepEqual(begin(peer), { entries: COUNT - 20, damaged: false });
  const rows = peer.store.whole(rowsOf("e", 4_096));
  assert.deepEqual(
    rows.flatMap((row) => runOf(row).entries),
    feed.entries.slice(0, COUNT - 20),
  );
  const kept = rows.filter(({ key }) => key.length === entryKey(1, 0).length).length;
  assert.equal(kept, (COUNT - 20) % PACK_ENTRIES);
  assert.equal(peer.store.count("t"), COUNT - 20);
  const other = recovered(rig, peer);
  assert.equal(other.held(feed.origin), COUNT);
  assert.equal(run(endRecovery(NETWORK, alice.key.raw, feed.head()), peer.store)?.size, COUNT);
});

test("entries that the own-head file knows a head over are kept", () => {
  const { peer } = publisher(20);
  assert.deepEqual(begin(peer, feed.head()), { entries: COUNT, damaged: false });
  assert.deepEqual(begin(peer, feed.head(COUNT - 20)), { entries: COUNT, damaged: false });
});

test("a store that is damaged anywhere below its head is fetched anew, whole", () => {
  for (const [what, key] of [
    ["an entry", entryKey(1, 3)],
    ["a hash", hashKey(1, 0, 0)],
    ["a hash of a higher level", hashKey(1, 1, 0)],
  ] as const) {
    const { rig, peer } = publisher(0);
    const row = peer.store.read(rowAt(key)).rows[0];
    assert.ok(row !== undefined, toHex(key));
    const value = row.value.slice();
    value[value.length - 9] = (value[value.length - 9] ?? 0) ^ 1;
    peer.store.apply([{ op: "put", key, value }]);
    assert.deepEqual(begin(peer), { entries: 0, damaged: true }, what);
    const other = recovered(rig, peer);
    assert.equal(other.held(feed.origin), COUNT, what);
    assert.equal(run(endRecovery(NETWORK, alice.key.raw, feed.head()), peer.store)?.size, COUNT, what);
  }
});

test("what does not make the head's tree is never gone on with", () => {
  const { peer } = publisher(0);
  begin(peer);
  const other = new MemoryFeed(1, NETWORK).append(...feed.entries.slice(0, COUNT - 1), link(999));
  assert.equal(run(endRecovery(NETWORK, alice.key.raw, other.head()), peer.store), null);
  assert.equal(run(endRecovery(NETWORK, alice.key.raw, feed.head(COUNT - 1)), peer.store), null);
  peer.store.apply([{ op: "delete", key: entryKey(1, 100) }]);
  assert.equal(run(endRecovery(NETWORK, alice.key.raw, feed.head()), peer.store), null);
  assert.equal(run(endRecovery(NETWORK, new Builder(2).key.raw, feed.head()), peer.store), null);
});
