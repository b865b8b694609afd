/** A recovery that is stopped before it holds all: it goes on where it was, and forgets nothing that it has found. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { toHex } from "../../../protocol/bytes/index.ts";
import { appendLeaves, emptyRange, leafHash, newTileHashes } from "../../../protocol/feed/index.ts";
import { endRecovery, headInFile } from "../../../protocol/peer/index.ts";
import { begun } from "../../../protocol/peer/own-head.ts";
import { entryKey, packKey, singleRows } from "../../../protocol/peer/entry-rows.ts";
import { hashKey, rowAt, rowsOf } from "../../../protocol/peer/rows.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { alice, begin, COUNT, feed, follower, link, publisher, run } from "./rebuilding.ts";
import { NETWORK, Rig } from "./rig.ts";
import type { RigPeer } from "./rig.ts";
import { feedServer, whole } from "./stubs.ts";

/** The feed as others hold it: the publisher's store is an older one, and is missing nothing below. */
const longer = (more: number): MemoryFeed =>
  new MemoryFeed(1, NETWORK).append(...feed.entries, ...Array.from({ length: more }, (_, i) => `later ${i}`));

/** Hands out entries `from` … `to - 1` of a feed, no others. */
function connectSource(
  rig: Rig,
  other: RigPeer,
  name: string,
  of: MemoryFeed,
  from: number,
  to: number,
): void {
  const honest = whole(of);
  const source = feedServer(rig, name, of, (request, blobs) => {
    if (request.kind !== "entries") return blobs;
    if (request.from < from || request.from >= to) return "silent";
    return honest({ ...request, count: Math.min(request.count, to - request.from) }, blobs);
  });
  rig.connect(other, source);
}

/** A publisher's older store in which the recovery of what came later was stopped at `held`. */
function interrupted(all: MemoryFeed, held: number): { readonly rig: Rig; readonly peer: RigPeer } {
  const { rig, peer } = publisher(0);
  assert.deepEqual(begin(peer, feed.head()), { entries: COUNT, damaged: false });
  const other = follower(rig, peer);
  connectSource(rig, other, "first", all, COUNT, held);
  rig.pass(5_000);
  assert.deepEqual([other.held(feed.origin), other.status().recovery?.size], [held, all.entries.length]);
  other.stop();
  rig.peers.delete("b");
  return { rig, peer };
}

/** The same of a feed that was begun, and of which nobody has handed out an entry. */
function unheld(all: MemoryFeed): { readonly rig: Rig; readonly peer: RigPeer } {
  const rig = new Rig();
  const peer = rig.peer("a", { seed: alice.seed });
  peer.stop();
  const other = follower(rig, peer);
  connectSource(rig, other, "first", all, 0, 0);
  rig.pass(5_000);
  other.stop();
  rig.peers.delete("b");
  return { rig, peer };
}

test("a recovery that was stopped goes on where it was: in the middle of pages", () => {
  const all = longer(200);
  const { rig, peer } = interrupted(all, COUNT + 50);
  const rows = peer.store.whole(rowsOf("e", 4_096));
  assert.deepEqual(begin(peer, feed.head()), { entries: COUNT + 50, damaged: false });
  assert.deepEqual(peer.store.whole(rowsOf("e", 4_096)), rows);
  // What the publisher had, and what came, is to be had from nobody any more.
  const other = follower(rig, peer);
  connectSource(rig, other, "second", all, COUNT + 50, COUNT + 200);
  rig.pass(120_000);
  assert.equal(other.held(feed.origin), COUNT + 200);
  assert.ok(other.status().recovery?.head !== null);
  assert.equal(run(endRecovery(NETWORK, alice.key.raw, all.head()), peer.store)?.size, COUNT + 200);
});

test("a recovery that was stopped goes on where it was: in the middle of a segment, entries sixteen to a row", () => {
  const all = longer(3_000);
  const held = 2_048;
  const { rig, peer } = interrupted(all, held);
  assert.ok(peer.store.count("e") < held - 1_024, "they came as bundles");
  for (let times = 0; times < 2; times++)
    assert.deepEqual(begin(peer, feed.head()), { entries: held, damaged: false });
  const other = follower(rig, peer);
  connectSource(rig, other, "second", all, held, COUNT + 3_000);
  rig.pass(120_000);
  assert.equal(other.held(feed.origin), COUNT + 3_000);
  assert.ok(other.status().recovery?.head !== null);
  assert.equal(run(endRecovery(NETWORK, alice.key.raw, all.head()), peer.store)?.size, COUNT + 3_000);
});

test("a recovery that was stopped finds damage all the same, and fetches the feed anew", () => {
  const all = longer(3_000);
  const { rig, peer } = interrupted(all, 2_048);
  const sound = peer.store.copy();
  const harm = (key: Uint8Array): void => {
    const row = peer.store.read(rowAt(key)).rows[0];
    assert.ok(row !== undefined, toHex(key));
    const value = row.value.slice();
    value[value.length - 9] = (value[value.length - 9] ?? 0) ^ 1;
    peer.store.apply([{ op: "put", key, value }]);
  };
  for (const [what, damage] of [
    ["an entry of the publisher's own", () => harm(entryKey(1, 3))],
    ["an entry that came with others", () => harm(packKey(1, 1_600))],
    ["entries that are gone", () => peer.store.apply([{ op: "delete", key: packKey(1, 2_047) }])],
    ["a hash", () => harm(hashKey(1, 0, 1_792))],
    ["a hash of a higher level", () => harm(hashKey(1, 1, 0))],
  ] as const) {
    peer.store = sound.copy();
    damage();
    assert.deepEqual(begin(peer, feed.head()), { entries: 0, damaged: true }, what);
  }
  const other = follower(rig, peer);
  connectSource(rig, other, "second", all, 0, COUNT + 3_000);
  rig.pass(120_000);
  assert.equal(other.held(feed.origin), COUNT + 3_000);
  assert.equal(run(endRecovery(NETWORK, alice.key.raw, all.head()), peer.store)?.size, COUNT + 3_000);
});

test("what a row says is stored is not believed while more is fetched", () => {
  const { peer } = interrupted(longer(200), COUNT + 50);
  const branch = new MemoryFeed(1, NETWORK).append(
    ...feed.entries,
    ...Array.from({ length: 50 }, () => "other"),
  );
  const growth = newTileHashes(
    appendLeaves(emptyRange, feed.entries.map(leafHash)),
    branch.entries.slice(COUNT).map(leafHash),
  );
  peer.store.apply([
    ...singleRows(1, COUNT, branch.entries.slice(COUNT)),
    ...growth.levels.map(
      ({ level, start, hashes }) => ({ op: "put", key: hashKey(1, level, start), value: hashes }) as const,
    ),
  ]);
  assert.deepEqual(begin(peer, feed.head()), { entries: 0, damaged: true });
});

test("a recovery that was stopped where the own-head file's head ends still knows of the larger one", () => {
  const all = longer(200);
  const file = all.head(COUNT + 50);
  const { rig, peer } = interrupted(all, COUNT + 50);
  assert.deepEqual(begin(peer, file), { entries: COUNT + 50, damaged: false });
  const { recovery } = follower(rig, peer).status();
  assert.deepEqual([recovery?.size, recovery?.head], [COUNT + 200, null]);
  // Nor does a node that is started meanwhile sign over less.
  peer.ownHead = file.note;
  peer.start(false);
  rig.pass(10_000);
  const result = peer.publish(link(COUNT));
  assert.equal(result?.ok === false ? result.code : "ok", "peer/feed-lost");
});

test("nothing is signed while a head is known of which a stopped recovery got no entries", () => {
  const all = longer(200);
  for (const [file, { rig, peer }] of [
    [feed.note(), interrupted(all, COUNT)],
    [begun(feed.origin), unheld(all)],
  ] as const) {
    peer.ownHead = file;
    peer.start(false);
    rig.pass(10_000);
    const result = peer.publish(link(COUNT));
    assert.equal(result?.ok === false ? result.code : "ok", "peer/feed-lost");
    peer.stop();
    begin(peer, headInFile(file, NETWORK));
    assert.equal(follower(rig, peer).status().recovery?.size, COUNT + 200);
  }
});
