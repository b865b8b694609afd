/** Heads without their entries: how many are kept (R11), and when and from whom the entries are fetched (R8). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCheckpoint } from "../../../protocol/feed/index.ts";
import {
  HEADS_INTERVAL_MS,
  MAX_HEADS_ANSWERED,
  MAX_HEAD_JITTER_MS,
  MAX_UNRESOLVED_HEADS,
} from "../../../protocol/limits.ts";
import {
  readTilesAnswer,
  readTilesRequest,
  writeTilesAnswer,
  writeTilesRequest,
} from "../../../protocol/wire/index.ts";
import { Builder, packageNumber } from "../../sim/builder.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { Random } from "../../sim/random.ts";
import { NETWORK, Rig } from "./rig.ts";
import type { RigPeer, Stub } from "./rig.ts";

const alice = new Builder(1);
const FOLLOWS_ALICE = { follow: { builders: [alice.key] } };
const LARGEST = 300;
/** Octets of a feed's state at worst (protocol/spec/peer.md, "Bounds"). */
const STATE_BYTES = 14_336;
const EVIDENCE_START = 0x7b;
const feed = new MemoryFeed(1, NETWORK).append(
  ...Array.from({ length: LARGEST }, (_, i) => alice.link(packageNumber(i), "same")),
);

interface Head {
  readonly note: Uint8Array;
  /** The gossip frame that has it and no tail. */
  readonly alone: Uint8Array;
}

function headOf(of: MemoryFeed): Head {
  return { note: of.note(), alone: of.update(of.entries.length) };
}

const heads = Array.from({ length: LARGEST }, (_, i) => headOf(feed.branch(i + 1)));

function shuffled(items: readonly Head[]): readonly Head[] {
  const random = new Random(8);
  return items
    .map((item) => ({ item, at: random.next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

/** Sizes of the feed's heads that the peer tells others of: those that it keeps. */
function sizesKept(peer: RigPeer, origin = feed.origin): readonly number[] {
  const sizes: number[] = [];
  const after = origin.slice(0, -1);
  peer.asked("tiles", writeTilesRequest({ kind: "heads", after }), "asker", (bytes) => {
    assert.ok(bytes !== null);
    const notes = readTilesAnswer(bytes).blobs.filter(([first]) => first !== EVIDENCE_START);
    const ofFeed = notes.map((note) => parseCheckpoint(note)).filter((head) => head.origin === origin);
    sizes.push(...ofFeed.map(({ size }) => size));
  });
  return sizes.toSorted((a, b) => a - b);
}

/** A neighbour that shows some heads of a feed, and hands out nothing of it. */
function withholder(rig: Rig, name: string, shown: readonly Head[]): Stub {
  return rig.stub(name, (stream, bytes) => {
    const isHeads = stream === "tiles" && readTilesRequest(bytes).kind === "heads";
    return isHeads ? writeTilesAnswer({ blobs: shown.map(({ note }) => note), next: 0, code: "" }) : null;
  });
}

for (const [whose, options] of [
  ["an unknown", {}],
  ["a followed", FOLLOWS_ALICE],
] as const) {
  for (const [order, shown] of [
    ["growing", heads],
    ["shrinking", heads.toReversed()],
    ["in any order", shuffled(heads)],
  ] as const) {
    test(`of ${whose} feed at most eight unresolved heads are kept, the largest too, shown ${order} (R11)`, () => {
      const rig = new Rig();
      const peer = rig.peer("p", options);
      for (let from = 0; from < shown.length; from += MAX_HEADS_ANSWERED / 4) {
        rig.connect(peer, withholder(rig, `w${from}`, shown.slice(from, from + MAX_HEADS_ANSWERED / 4)));
        assert.ok(sizesKept(peer).length <= MAX_UNRESOLVED_HEADS, sizesKept(peer).join());
      }
      for (const [at, { alone }] of shown.entries()) {
        peer.gossiped("feeds", alone, `n${at % 50}`);
        if (at % 40 === 0) rig.pass(1_000);
        assert.ok(sizesKept(peer).length <= MAX_UNRESOLVED_HEADS, sizesKept(peer).join());
      }
      const kept = sizesKept(peer);
      assert.equal(kept.length, MAX_UNRESOLVED_HEADS);
      assert.equal(kept.at(-1), LARGEST);
      assert.ok(peer.store.octets("f") < STATE_BYTES, `${peer.store.octets("f")} octets`);
      peer.start();
      assert.deepEqual(sizesKept(peer), kept, "neither more nor fewer after a restart");
    });
  }
}

test("strangers' feeds with fifty heads each keep eight each (R11)", () => {
  const rig = new Rig();
  const peer = rig.peer("p");
  const strangers = Array.from({ length: 12 }, (_, i) => new MemoryFeed(10 + i, NETWORK));
  for (const stranger of strangers) {
    stranger.append(...feed.entries.slice(0, 50));
    const shown = Array.from({ length: 50 }, (_, i) => headOf(stranger.branch(i + 1)));
    rig.connect(peer, withholder(rig, stranger.origin, shown));
  }
  for (const { origin } of strangers) assert.equal(sizesKept(peer, origin).length, MAX_UNRESOLVED_HEADS);
  assert.ok(peer.store.octets("f") < strangers.length * STATE_BYTES);
});

test("of a feed that forks again and again two heads and one proof are kept and told (R11, R14)", () => {
  const rig = new Rig();
  const peer = rig.peer("p", FOLLOWS_ALICE);
  for (let size = 1; size < 60; size++) {
    const other = headOf(feed.branch(size - 1).append(`another ${size}`));
    const one = heads[size - 1] ?? other;
    peer.gossiped("feeds", one.alone, "x");
    peer.gossiped("feeds", other.alone, "y");
    rig.connect(peer, withholder(rig, `w${size}`, [one, other]));
  }
  rig.pass(60_000);
  assert.equal(sizesKept(peer).length, 2);
  assert.deepEqual(
    peer.findings.map(({ kind }) => kind),
    ["fork"],
  );
  assert.equal(peer.store.count("v"), 1);
  const gossiped = peer.seen.filter((effect) => effect.kind === "gossip" && effect.topic === "evidence");
  assert.equal(gossiped.length, 1);
});

/** Whom the peer asked for entries so far, in order. */
function pulls(peer: RigPeer): readonly string[] {
  return peer.seen.flatMap((effect) => {
    const isPull =
      effect.kind === "ask" && effect.stream === "tiles" && readTilesRequest(effect.bytes).kind === "entries";
    return isPull ? [effect.to] : [];
  });
}

/** ms until each of the peers has asked for entries, to 10 ms. */
function untilAsked(rig: Rig, peers: readonly RigPeer[], mostMs: number): readonly number[] {
  const waits = new Map<RigPeer, number>();
  for (let ms = 0; ms <= mostMs; ms += 10) {
    for (const peer of peers) if (!waits.has(peer) && pulls(peer).length > 0) waits.set(peer, ms);
    rig.pass(10);
  }
  return [...waits.values()];
}

test("who hears of a head without tail pulls within 200 ms, no two hundred at once (R8)", () => {
  const rig = new Rig();
  const source = rig.stub("source", () => null);
  const peers = Array.from({ length: 200 }, (_, i) => rig.peer(`p${i}`, FOLLOWS_ALICE));
  for (const peer of peers) rig.connect(peer, source);
  for (const peer of peers) peer.gossiped("feeds", heads[9]?.alone ?? new Uint8Array(0), "source");
  const waits = untilAsked(rig, peers, MAX_HEAD_JITTER_MS);
  assert.equal(waits.length, peers.length, "all have asked");
  for (let from = 0; from < MAX_HEAD_JITTER_MS; from += MAX_HEAD_JITTER_MS / 4) {
    const some = waits.filter((ms) => ms > from && ms <= from + MAX_HEAD_JITTER_MS / 4).length;
    assert.ok(some > peers.length / 8 && some < peers.length / 2, `${some} after ${from} ms`);
  }
});

test("heads that follow each other closely do not put the pull off (R8)", () => {
  for (let seed = 0; seed < 10; seed++) {
    const rig = new Rig();
    for (let i = 0; i < seed; i++) rig.random.next();
    const peer = rig.peer("p", FOLLOWS_ALICE);
    rig.connect(
      peer,
      rig.stub("source", () => null),
    );
    for (let ms = 0; ms < MAX_HEAD_JITTER_MS; ms += 10) {
      peer.gossiped("feeds", heads[ms / 10]?.alone ?? new Uint8Array(0), "source");
      rig.pass(10);
    }
    assert.ok(pulls(peer).length > 0, `not asked after ${MAX_HEAD_JITTER_MS} ms, chances ${seed}`);
  }
});

test("the pull goes to the neighbour that sent the head, whoever showed others before (R8)", () => {
  for (let seed = 0; seed < 10; seed++) {
    const rig = new Rig();
    for (let i = 0; i < seed; i++) rig.random.next();
    const peer = rig.peer("p", FOLLOWS_ALICE);
    const small = heads.slice(0, 1);
    const others = ["a", "b", "c", "d"].map((name) => withholder(rig, name, small));
    const sender = rig.stub("sender", () => null);
    rig.connect(peer, sender);
    peer.gossiped("feeds", heads[9]?.alone ?? new Uint8Array(0), "sender");
    for (const other of others) rig.connect(peer, other);
    rig.pass(MAX_HEAD_JITTER_MS);
    assert.equal(pulls(peer)[0], "sender", `chances ${seed}`);
  }
});

test("who is there before the store is open is asked for its heads once, not at the first look around too", () => {
  const rig = new Rig();
  const stub = withholder(rig, "s", []);
  // What is put off is done in order: the neighbour is there before the rows are read.
  rig.later(() => rig.connect(rig.peer("p", FOLLOWS_ALICE), stub));
  const asked = (): number =>
    stub.questions.filter(
      ({ stream, bytes }) => stream === "tiles" && readTilesRequest(bytes).kind === "heads",
    ).length;
  rig.pass(1_000);
  assert.equal(asked(), 1);
  rig.pass(2 * HEADS_INTERVAL_MS);
  assert.ok(asked() > 1, "and anew where it is time");
});
