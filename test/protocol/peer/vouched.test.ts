/** Feeds that nobody here follows and a pinned witness vouches for: kept beside the unknown ones, within bounds of their own (RULES R11, R14). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { publicFromSeed } from "../../../protocol/crypto/index.ts";
import { ENTRY_ROW_BYTES, MAX_VOUCHED_FEEDS } from "../../../protocol/limits.ts";
import { Feeds } from "../../../protocol/peer/feeds.ts";
import type { Effect } from "../../../protocol/peer/index.ts";
import { Builder, packageNumber } from "../../sim/builder.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { cosignedNote, witnessOf } from "../../witness-requests.ts";
import { first, said, second, secondsOf } from "./cosigning.ts";
import { NETWORK, Rig } from "./rig.ts";
import type { RigPeer } from "./rig.ts";

const alice = new Builder(1);
const pinned = witnessOf(first, NETWORK);
const OCTETS = 1_000;

function feedOf(seed: number, count = 3): MemoryFeed {
  return new MemoryFeed(seed, NETWORK).append(
    ...Array.from({ length: count }, (_, i) => `${seed} ${i} `.padEnd(OCTETS, "x")),
  );
}

function hears(peer: RigPeer, feed: MemoryFeed, from = "x"): string {
  const effect = peer.gossiped("feeds", feed.update(0), from);
  return effect?.kind === "verdict" ? (effect.code ?? effect.verdict) : "nothing";
}

function classOf(peer: RigPeer, { origin }: MemoryFeed): string {
  return peer.status().feeds.find((view) => view.origin === origin)?.class ?? "none";
}

function held(peer: RigPeer, kind: string): number {
  return peer.status().feeds.reduce((sum, view) => sum + (view.class === kind ? view.held : 0), 0);
}

/** The peer hears of the feed, and of what a witness cosigned of it. */
function vouched(rig: Rig, peer: RigPeer, feed: MemoryFeed, seed = first): void {
  hears(peer, feed, `n${feed.seed[0]}`);
  assert.equal(
    said(peer, cosignedNote(feed, feed.entries.length, seed, secondsOf(rig)), `n${feed.seed[0]}`),
    "accept",
  );
}

test("a cosignature by a pinned witness makes an unknown feed a vouched one, also after a restart; no other's does", () => {
  const rig = new Rig();
  const peer = rig.peer("p", { witnesses: [pinned] });
  const [known, strange] = [feedOf(10), feedOf(11)];
  vouched(rig, peer, known);
  vouched(rig, peer, strange, new Uint8Array(32).fill(77));
  assert.deepEqual([classOf(peer, known), classOf(peer, strange)], ["vouched", "unknown"]);
  peer.start();
  assert.equal(classOf(peer, known), "vouched");
  // Its operator pins that witness no more.
  const other = rig.peer("q");
  other.stop();
  other.store = peer.store.copy();
  other.start();
  assert.equal(classOf(other, known), "unknown");
});

test("the own witness vouches for nothing that is not followed any more, and vouched feeds are not cosigned", () => {
  const rig = new Rig();
  const feed = feedOf(10);
  const once = rig.peer("once", { witness: second, follow: { origins: [feed.origin] } });
  hears(once, feed);
  rig.pass(120_000);
  assert.equal(once.status().witness?.cosigned.size, 1);
  const peer = rig.peer("p", { witness: second, witnesses: [pinned] });
  peer.stop();
  peer.store = once.store.copy();
  peer.start();
  assert.equal(classOf(peer, feed), "unknown");
  const other = feedOf(11);
  vouched(rig, peer, other);
  assert.equal(classOf(peer, other), "vouched");
  rig.pass(120_000);
  const cosigned = (effect: Effect): boolean => effect.kind === "sign" && effect.by === "witness";
  assert.equal(peer.seen.some(cosigned), false);
});

test("no number of unknown feeds displaces a vouched one, and its heads cost no stranger's budget", () => {
  const rig = new Rig();
  const peer = rig.peer("p", { witnesses: [pinned], maxStoreBytes: 20 * (OCTETS + ENTRY_ROW_BYTES) });
  const known = feedOf(10);
  vouched(rig, peer, known);
  for (let seed = 20; seed < 60; seed++) {
    hears(peer, feedOf(seed), `n${seed}`);
    rig.pass(1_000);
  }
  assert.equal(classOf(peer, known), "vouched");
  assert.equal(held(peer, "vouched"), 3);
  const unknown = held(peer, "unknown");
  assert.ok(unknown >= 9 && unknown <= 17, `${unknown} of unknown feeds held`);
  assert.ok(peer.store.count("e") <= 20);
  const sybil = Array.from({ length: 30 }, (_, i) => hears(peer, feedOf(100 + i), "sybil"));
  assert.equal(sybil.at(-1), "peer/over-budget");
  assert.equal(hears(peer, feedOf(10, 4), "sybil"), "accept");
});

test("vouched feeds have half of the room that nobody follows, displace each other in it, and leave the rest", () => {
  const rig = new Rig();
  const room = 24 * (OCTETS + ENTRY_ROW_BYTES);
  const peer = rig.peer("p", { witnesses: [pinned], maxStoreBytes: room });
  for (let seed = 10; seed < 40; seed++) {
    const feed = feedOf(seed);
    // Its entries come before the cosignature, or after it.
    if (seed % 2 === 0) vouched(rig, peer, feed);
    else {
      assert.equal(said(peer, cosignedNote(feed, 3, first, secondsOf(rig)), `n${seed}`), "accept");
      hears(peer, feed, `n${seed}`);
    }
    rig.pass(2_000);
    assert.ok(held(peer, "vouched") <= 12, `${held(peer, "vouched")} held`);
  }
  assert.ok(held(peer, "vouched") >= 6, `${held(peer, "vouched")} held`);
  assert.ok((peer.status().counters.get("feed-evicted") ?? 0) > 0);
  for (let seed = 50; seed < 70; seed++) {
    hears(peer, feedOf(seed), `n${seed}`);
    rig.pass(2_000);
  }
  const [vouchedFor, unknown] = [held(peer, "vouched"), held(peer, "unknown")];
  assert.ok(
    vouchedFor >= 6 && unknown >= 9 && vouchedFor + unknown <= 24,
    `${vouchedFor} and ${unknown} held`,
  );
  peer.command({ do: "prune" });
  assert.equal(peer.status().feeds.length, 0, "none of them is followed");
});

test("a witness that vouches for whatever it is shown makes so many of them, and the others stay unknown", () => {
  const follow = { all: false, origins: [], builders: [] };
  const config = { network: NETWORK, self: "p", feedKey: null, first: false, follow, light: false };
  const feeds = new Feeds({ ...config, maxStoreBytes: 1e9, maxFollowedBytes: 1e9 }, Math.random);
  for (let i = 0; i < MAX_VOUCHED_FEEDS + 5; i++) {
    const seed = new Uint8Array(32).fill(1);
    seed.set([i >> 8, i & 255]);
    feeds.vouch(feeds.add(i + 1, publicFromSeed(seed)));
  }
  assert.deepEqual([feeds.count("vouched"), feeds.count("unknown")], [MAX_VOUCHED_FEEDS, 5]);
});

test("its claims are not read, and a proof against it is told of all the same; one against an unknown feed is not", () => {
  const rig = new Rig();
  const peer = rig.peer("p", { witnesses: [pinned], follow: { builders: [alice.key] } });
  const bob = new Builder(10);
  const known = new MemoryFeed(10, NETWORK).append(
    bob.link(packageNumber(1), "x"),
    bob.link(packageNumber(2), "x"),
  );
  vouched(rig, peer, known);
  hears(peer, feedOf(11));
  rig.pass(5_000);
  assert.equal(peer.store.count("t"), 0);
  assert.equal(peer.find({ targets: [packageNumber(1).key], builders: [bob.key.raw] }).found.length, 0);
  for (const feed of [known, feedOf(11)]) hears(peer, feed.branch(1).append("another history"), "y");
  rig.pass(60_000);
  assert.deepEqual(
    peer.findings.map(({ kind, keys }) => [kind, keys[0]]),
    [["fork", bob.key.raw]],
  );
  assert.equal(peer.status().feeds.find(({ origin }) => origin === known.origin)?.state, "forked");
});
