/** The bound on all records together, and who goes when it is reached (RULES R25). Most rows are put into the store by hand. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { concat, u32be, utf8 } from "../../../protocol/bytes/index.ts";
import type { Target } from "../../../protocol/attestation/index.ts";
import { sha256 } from "../../../protocol/crypto/index.ts";
import {
  MAX_BUILDER_RECORDS,
  MAX_FOLLOWED_RECORDS,
  MAX_RECORDS,
  RECORD_LOTS,
  RECORD_SECONDS,
} from "../../../protocol/limits.ts";
import { KnownKeys } from "../../../protocol/peer/keys.ts";
import { RecordCounts } from "../../../protocol/peer/record-counts.ts";
import { expiryKey, recordKey } from "../../../protocol/peer/rows.ts";
import { readRecordsAnswer, writeRecordsRequest } from "../../../protocol/wire/index.ts";
import { Builder, packageNumber } from "../../sim/builder.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { NETWORK, Rig } from "./rig.ts";
import type { RigPeer } from "./rig.ts";

const alice = new Builder(1);
const NOTHING = new Uint8Array(0);

/** Rows of records, as if they had been stored; all of one signer, each in the slot given. */
function fill(peer: RigPeer, signer: Uint8Array, slots: readonly Uint8Array[]): readonly Uint8Array[] {
  const seconds = Math.floor(peer.rig.now / 1_000) + RECORD_SECONDS;
  const keys = slots.map((slot) => recordKey(slot, sha256(signer), sha256(slot)));
  const rows = [...keys, ...keys.map((key) => expiryKey(seconds, key))];
  peer.store.fill(rows.map((key) => ({ key, value: NOTHING })));
  return keys;
}

/** Different slots, spread evenly, or all beginning alike. */
function slots(count: number, start: Uint8Array = NOTHING): readonly Uint8Array[] {
  return Array.from({ length: count }, (_, i) => concat(start, sha256(start, u32be(i))).subarray(0, 32));
}

function slotOf(target: Target, copy: number): Uint8Array {
  return sha256(Uint8Array.of(copy), target.key);
}

/** Stores records of strangers at the peer, each about another target; says how many were kept. */
function flood(peer: RigPeer, count: number, from = 0): number {
  let kept = 0;
  const stranger = new Builder(99);
  for (let i = from; i < from + count; i++) {
    const target = packageNumber(1_000 + i);
    const feed = new MemoryFeed(99, NETWORK).append(stranger.link(target, "x"));
    const record = feed.record(slotOf(target, 0), stranger.key.raw, 0);
    peer.asked("records", writeRecordsRequest({ kind: "store", records: [record] }), `n${i}`, (bytes) => {
      if (bytes !== null && readRecordsAnswer(bytes).stored[0] === true) kept++;
    });
  }
  return kept;
}

function present(peer: RigPeer, keys: readonly Uint8Array[]): number {
  return keys.filter((key) => peer.store.has(key)).length;
}

test("where all room is taken a stranger's record takes another stranger's place, never a followed builder's", () => {
  const peer = new Rig().peer("p", { follow: { builders: [alice.key] } });
  peer.store.page = 4_096;
  const followed = fill(peer, alice.key.raw, slots(2_000));
  const strangers = fill(peer, new Builder(50).key.raw, slots(MAX_RECORDS - 2_000, Uint8Array.of(7)));
  peer.start();
  peer.rig.pass(1_000);
  assert.equal(peer.status().records, MAX_RECORDS);
  assert.equal(flood(peer, 40), 40);
  assert.equal(peer.status().records, MAX_RECORDS);
  assert.equal(peer.store.count("r"), MAX_RECORDS);
  assert.equal(peer.store.count("x"), MAX_RECORDS);
  assert.equal(present(peer, followed), 2_000);
  // The flood's own may be hit as well.
  assert.ok(MAX_RECORDS - 2_000 - present(peer, strangers) >= 38);
});

test("nobody is spared for lying close together: each record has the same chance", () => {
  const peer = new Rig().peer("p");
  peer.store.page = 4_096;
  const half = MAX_RECORDS / 2;
  const spread = fill(peer, new Builder(50).key.raw, slots(half));
  const crowded = fill(peer, new Builder(51).key.raw, slots(half, new Uint8Array(20)));
  peer.start();
  peer.rig.pass(1_000);
  const rounds = 600;
  assert.equal(flood(peer, rounds), rounds);
  const lost = [spread, crowded].map((keys) => half - present(peer, keys));
  // A fair coin thrown 600 times is farther from the middle than 5 standard deviations once in a million runs.
  for (const count of lost) assert.ok(Math.abs(count - rounds / 2) < 62, `lost: ${lost.join(" and ")}`);
});

test("a draw outlives what expired or was extended since, and another one follows it", () => {
  const peer = new Rig().peer("p");
  peer.store.page = 4_096;
  const keys = fill(peer, new Builder(50).key.raw, slots(MAX_RECORDS));
  peer.start();
  peer.rig.pass(1_000);
  assert.equal(flood(peer, 1), 1);
  const before = peer.seen.filter((effect) => effect.kind === "read").length;
  // All that was drawn is extended: its expiry row has another name now.
  const seconds = Math.floor(peer.rig.now / 1_000) + RECORD_SECONDS;
  const left = keys.filter((each) => peer.store.has(each));
  peer.store.remove(left.map((key) => expiryKey(seconds - 1, key)));
  peer.store.fill(left.map((key) => ({ key: expiryKey(seconds, key), value: NOTHING })));
  assert.equal(flood(peer, 1, 1), 1);
  assert.equal(peer.store.count("r"), MAX_RECORDS);
  assert.equal(peer.store.count("x"), MAX_RECORDS);
  const reads = peer.seen.filter((effect) => effect.kind === "read").length - before;
  assert.ok(reads > RECORD_LOTS, "each of the old draw is looked at before a new one");
});

test("where everything belongs to followed builders a stranger is refused, and they are not", () => {
  const peer = new Rig().peer("p", { follow: { builders: [alice.key] } });
  peer.store.page = 4_096;
  const followed = fill(peer, alice.key.raw, slots(MAX_RECORDS));
  peer.start();
  peer.rig.pass(1_000);
  assert.equal(flood(peer, 2), 0);
  assert.equal(present(peer, followed), MAX_RECORDS);
  assert.deepEqual(offer(peer, 1), [true, true]);
  assert.equal(present(peer, followed), MAX_RECORDS);
});

test("records of followed builders take strangers' places first, and so many of one are kept (I9)", () => {
  const bob = new Builder(2);
  const peer = new Rig().peer("p", { follow: { builders: [alice.key, bob.key] } });
  peer.store.page = 4_096;
  const strangers = fill(peer, new Builder(50).key.raw, slots(MAX_RECORDS, Uint8Array.of(7)));
  peer.start();
  peer.rig.pass(1_000);
  assert.deepEqual(offer(peer, 1), [true, true]);
  assert.equal(peer.status().records, MAX_RECORDS, "two strangers' records went");
  assert.equal(present(peer, strangers), MAX_RECORDS - 2);
  fill(peer, alice.key.raw, slots(MAX_BUILDER_RECORDS - 3));
  peer.start();
  peer.rig.pass(1_000);
  assert.deepEqual(offer(peer, 1, 2), [true, false], "one of hers had room");
  assert.deepEqual(offer(peer, 1), [true, true], "what is there stays");
  assert.deepEqual(offer(peer, 2), [true, true], "another builder's have room");
});

test("records of all followed builders together are bounded, and what goes makes room (I9)", () => {
  const builders = [1, 2, 3].map((seed) => new Builder(seed));
  const [one, two, three] = builders.map(({ key }) => recordKey(key.raw, sha256(key.raw), key.raw));
  if (one === undefined || two === undefined || three === undefined) throw new Error("three expected");
  const counts = new RecordCounts(new KnownKeys(builders.map(({ key }) => key)));
  const come = (key: Uint8Array, count: number): void =>
    counts.apply({ come: Array.from({ length: count }, () => key), gone: [] });
  come(one, MAX_BUILDER_RECORDS);
  assert.deepEqual([counts.allowsFollowed(one), counts.allowsFollowed(two)], [false, true]);
  come(two, MAX_FOLLOWED_RECORDS - MAX_BUILDER_RECORDS - 1);
  assert.equal(counts.allowsFollowed(three), true);
  come(three, 1);
  assert.equal(counts.allowsFollowed(three), false);
  assert.equal(counts.hasStrangers, false);
  const copy = counts.copy();
  copy.apply({ come: [], gone: [expiryKey(1, two)] });
  assert.deepEqual([copy.allowsFollowed(three), counts.allowsFollowed(three)], [true, false]);
  come(recordKey(one.subarray(1, 33), sha256(utf8("a stranger")), one.subarray(1, 33)), 1);
  assert.deepEqual([counts.hasStrangers, counts.all], [true, MAX_FOLLOWED_RECORDS + 1]);
});

/** Stores both records of a builder's claim about a package at the peer; which were kept. */
function offer(peer: RigPeer, builder: number, number = 1): readonly boolean[] {
  const target = packageNumber(number);
  const { key, link } = { key: new Builder(builder).key.raw, link: new Builder(builder).link(target, "x") };
  const feed = new MemoryFeed(builder, NETWORK).append(link);
  const records = [0, 1].map((copy) => feed.record(slotOf(target, copy), key, 0));
  let stored: readonly boolean[] = [];
  peer.asked("records", writeRecordsRequest({ kind: "store", records }), `y${builder}`, (bytes) => {
    if (bytes !== null) ({ stored } = readRecordsAnswer(bytes));
  });
  return stored;
}
