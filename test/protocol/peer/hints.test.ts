/** Head records of the DHT: hints, which are believed no further than they prove themselves (DESIGN 4.4, I1, I4). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { RECALL_AFTER_MS, RECALL_INTERVAL_MS } from "../../../protocol/limits.ts";
import { headRecordKey } from "../../../protocol/peer/hints.ts";
import { readTilesRequest, writeTilesAnswer } from "../../../protocol/wire/index.ts";
import { Builder, packageNumber } from "../../sim/builder.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { NETWORK, Rig } from "./rig.ts";
import type { RigPeer } from "./rig.ts";

const alice = new Builder(1);
const KEY = headRecordKey(new MemoryFeed(1, NETWORK).origin);

function feedOf(count: number): MemoryFeed {
  const links = Array.from({ length: count }, (_, i) => alice.link(packageNumber(i), "same"));
  return new MemoryFeed(1, NETWORK).append(...links);
}

/** A peer that follows alice, and its only neighbour, who hands out her entries and tells of no heads. */
function lonely(rig: Rig, feed: MemoryFeed): RigPeer {
  const quiet = rig.stub("quiet", (stream, bytes) => {
    if (stream !== "tiles") return null;
    const request = readTilesRequest(bytes);
    const blobs = request.kind === "heads" ? [] : feed.answer(request);
    return writeTilesAnswer({ blobs, next: 0, code: "" });
  });
  const peer = rig.peer("p", { follow: { builders: [alice.key] } });
  rig.connect(peer, quiet);
  return peer;
}

function recalls(peer: RigPeer): number {
  return peer.seen.filter((effect) => effect.kind === "recall").length;
}

test("a followed feed of which nobody tells is found by its head in the DHT, and fetched", () => {
  const rig = new Rig();
  const feed = feedOf(5);
  const peer = lonely(rig, feed);
  rig.headRecords.plant(KEY, feed.note());
  rig.pass(RECALL_AFTER_MS - 5_000);
  assert.equal(peer.held(feed.origin), 0, "connected peers are asked first");
  assert.equal(recalls(peer), 0);
  rig.pass(15_000);
  assert.equal(peer.held(feed.origin), 5);
  assert.equal(peer.status().counters.get("heads-recalled"), 1);
});

test("the DHT is asked once for a feed, and again only after a while; a light peer asks nothing", () => {
  const rig = new Rig();
  const peer = lonely(rig, feedOf(1));
  const light = rig.peer("l", { light: true, follow: { builders: [alice.key] } });
  rig.connect(
    light,
    rig.stub("another", () => null),
  );
  rig.pass(RECALL_AFTER_MS + RECALL_INTERVAL_MS / 2);
  assert.equal(recalls(peer), 1);
  rig.pass(RECALL_INTERVAL_MS);
  assert.equal(recalls(peer), 2);
  assert.equal(recalls(light), 0);
});

test("what is no head of that feed is dropped, and is nobody's fault", () => {
  const feed = feedOf(3);
  const flipped = feed.note().slice();
  flipped[flipped.length - 10] = (flipped[flipped.length - 10] ?? 0) ^ 1;
  const wrong: readonly (readonly [string, Uint8Array])[] = [
    ["junk", new Uint8Array(50).fill(9)],
    ["nothing", new Uint8Array(0)],
    ["a flipped signature", flipped],
    ["another feed's", new MemoryFeed(2, NETWORK).append("x").note()],
    ["another network's", new MemoryFeed(1, "else").append("x").note()],
  ];
  for (const [name, value] of wrong) {
    const rig = new Rig();
    const peer = lonely(rig, feed);
    rig.headRecords.plant(KEY, value);
    rig.pass(RECALL_AFTER_MS + 10_000);
    assert.equal(recalls(peer), 1, name);
    assert.equal(peer.held(feed.origin), 0, name);
    assert.deepEqual([...peer.dropped], [], name);
    assert.equal(peer.status().counters.get("heads-recalled"), undefined, name);
    assert.equal(peer.status().counters.get("internal/impossible"), undefined, name);
  }
});

test("a head of the own feed that the store lacks stops publishing (I1)", () => {
  const rig = new Rig();
  const peer = rig.peer("p", { seed: alice.seed, first: true });
  rig.connect(
    peer,
    rig.stub("quiet", () => null),
  );
  assert.equal(peer.publish(alice.link(packageNumber(0), "same"))?.ok, true);
  rig.headRecords.plant(KEY, feedOf(3).note());
  rig.pass(RECALL_AFTER_MS + 10_000);
  assert.equal(peer.status().own?.state, "lost");
  assert.equal(peer.publish(alice.link(packageNumber(1), "same"))?.ok, false);
});

test("two histories, one of them shown by the DHT alone, are a fork", () => {
  const rig = new Rig();
  const feed = feedOf(3);
  const peer = lonely(rig, feed);
  peer.gossiped("feeds", feed.update(0), "x");
  assert.equal(peer.held(feed.origin), 3);
  const other = new MemoryFeed(1, NETWORK).append(
    ...feed.entries.slice(0, 2),
    alice.link(packageNumber(9), "z"),
  );
  rig.headRecords.plant(KEY, other.note());
  rig.pass(RECALL_AFTER_MS + 10_000);
  assert.deepEqual(
    peer.findings.map(({ kind }) => kind),
    ["fork"],
  );
});
