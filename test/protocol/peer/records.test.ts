import assert from "node:assert/strict";
import { test } from "node:test";
import { equalBytes } from "../../../protocol/bytes/index.ts";
import { sha256, signDomain } from "../../../protocol/crypto/index.ts";
import { cosignatureMessage, headBody, withOwnTime } from "../../../protocol/feed/index.ts";
import type { Target } from "../../../protocol/attestation/index.ts";
import { MAX_SLOT_CLAIMS, MAX_SLOT_SIGNERS, RECORD_SECONDS } from "../../../protocol/limits.ts";
import { readRecordsAnswer, writeRecordsRequest } from "../../../protocol/wire/index.ts";
import type { StoredRecord } from "../../../protocol/wire/index.ts";
import { Builder, packageNumber } from "../../sim/builder.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { NETWORK, Rig } from "./rig.ts";
import type { RigPeer } from "./rig.ts";

const alice = new Builder(1);
const TARGET = packageNumber(1);

function slotOf(target: Target, copy = 0): Uint8Array {
  return sha256(Uint8Array.of(copy), target.key);
}

/** A feed with these entries, and the record of the last one. */
function recordOf(builder: Builder, ...entries: Uint8Array[]): StoredRecord {
  const feed = new MemoryFeed(builder.seed[0] ?? 0, NETWORK).append(...entries);
  return recordIn(feed, builder, entries.length - 1);
}

function recordIn(feed: MemoryFeed, builder: Builder, index: number): StoredRecord {
  return feed.record(slotOf(TARGET), builder.key.raw, index);
}

function store(peer: RigPeer, records: readonly StoredRecord[], from = "x"): readonly boolean[] {
  let stored: readonly boolean[] = [];
  peer.asked("records", writeRecordsRequest({ kind: "store", records }), from, (bytes) => {
    if (bytes !== null) ({ stored } = readRecordsAnswer(bytes));
  });
  return stored;
}

function find(
  peer: RigPeer,
  slot: Uint8Array,
  builders: readonly Uint8Array[] = [],
): readonly StoredRecord[] {
  const records: StoredRecord[] = [];
  let page: Uint8Array | null = new Uint8Array(0);
  while (page !== null) {
    const request = writeRecordsRequest({ kind: "find", slots: [slot], builders, page });
    page = null;
    peer.asked("records", request, "y", (bytes) => {
      if (bytes === null) return;
      const answer = readRecordsAnswer(bytes);
      records.push(...answer.records);
      page = answer.next.length > 0 ? answer.next : null;
    });
  }
  return records;
}

test("keeps a record whose signatures, proof and slot hold, and hands it out as it came", () => {
  const peer = new Rig().peer("p");
  const record = recordOf(alice, alice.link(packageNumber(7), "x"), alice.link(TARGET, "same"));
  assert.deepEqual(store(peer, [record]), [true]);
  assert.deepEqual(find(peer, record.slot), [record]);
  assert.deepEqual(find(peer, record.slot, [alice.key.raw]), [record]);
  assert.deepEqual(find(peer, record.slot, [new Builder(2).key.raw]), []);
  assert.deepEqual(find(peer, slotOf(TARGET, 1)), []);
  assert.deepEqual(store(peer, [{ ...record, slot: slotOf(TARGET, 1) }]), [true]);
});

test("keeps nothing of which anything does not hold", () => {
  const record = recordOf(alice, alice.link(packageNumber(7), "x"), alice.link(TARGET, "same"));
  const other = recordOf(alice, alice.link(TARGET, "y"), alice.link(TARGET, "same"));
  const flipped = record.path.map((hash) => hash.map((octet, i) => (i === 3 ? octet ^ 1 : octet)));
  const wrong: readonly (readonly [string, Partial<StoredRecord>])[] = [
    ["another target's slot", { slot: slotOf(packageNumber(2)) }],
    ["a key instead of a slot", { slot: TARGET.key }],
    ["another signer", { signer: new Builder(2).key.raw }],
    ["no key at all", { signer: new Uint8Array(33) }],
    ["junk", { envelope: new TextEncoder().encode("{}") }],
    ["an envelope that is not in the feed", { envelope: alice.link(TARGET, "another") }],
    ["another index", { index: 0 }],
    ["a flipped proof", { path: flipped }],
    ["no proof", { path: [] }],
    ["another feed's checkpoint", { checkpoint: other.checkpoint }],
    ["another origin", { origin: record.origin.replace("8a", "8b") }],
    ["another network", { checkpoint: new MemoryFeed(1, "else").append("x", record.envelope).note() }],
  ];
  const peer = new Rig().peer("p");
  for (const [name, change] of wrong)
    assert.deepEqual(store(peer, [{ ...record, ...change }]), [false], name);
  const mixed = wrong.map(([, change]) => ({ ...record, ...change }));
  assert.deepEqual(store(peer, [...mixed, record]), [...mixed.map(() => false), true]);
  assert.equal(peer.store.count("r"), 1);
  assert.equal(peer.status().counters.get("internal/impossible"), undefined);
  assert.deepEqual([...peer.dropped], []);
});

test("keeps only what lies near it, and says so record by record (R25)", () => {
  const peer = new Rig().peer("p");
  const feed = new MemoryFeed(1, NETWORK).append(alice.link(TARGET, "same"));
  const record = recordIn(feed, alice, 0);
  const far = { ...record, slot: slotOf(TARGET, 1) };
  peer.isNear = (slot) => equalBytes(slot, record.slot);
  const junk = { ...record, envelope: new TextEncoder().encode("{}") };
  assert.deepEqual(store(peer, [far, junk, record, far]), [false, false, true, false]);
  assert.deepEqual(find(peer, far.slot), []);
  assert.deepEqual(find(peer, record.slot), [record]);
  const asked = peer.seen.filter((effect) => effect.kind === "near");
  assert.deepEqual(
    asked.map(({ keys }) => keys.length),
    [2],
    "each slot once",
  );
});

test("a driver that can't say what is near gets nothing stored", () => {
  const peer = new Rig().peer("p");
  peer.fault = (effect) => (effect.kind === "near" ? "fail" : null);
  assert.deepEqual(store(peer, [recordOf(alice, alice.link(TARGET, "same"))]), []);
  assert.equal(peer.store.count("r"), 0);
});

test("a slot is a set: four claims of a signer, and never two digests reduced to one (R25)", () => {
  const peer = new Rig().peer("p");
  const links = Array.from({ length: 6 }, (_, i) =>
    alice.link(TARGET, "same", { input: sha256(Uint8Array.of(i)) }),
  );
  const feed = new MemoryFeed(1, NETWORK).append(...links, alice.link(TARGET, "other"));
  const records = feed.entries.map((_, index) => recordIn(feed, alice, index));
  const stored = store(peer, records);
  assert.deepEqual(stored, [true, true, true, true, false, false, true]);
  assert.equal(find(peer, slotOf(TARGET)).length, MAX_SLOT_CLAIMS + 1);
  const retraction = alice.retraction(TARGET, [alice.verified(links[0] ?? new Uint8Array(0)).id]);
  const more = new MemoryFeed(1, NETWORK).append(...feed.entries, retraction);
  assert.deepEqual(store(peer, [recordIn(more, alice, 7)]), [true], "retractions have room of their own");
});

test("strangers displace each other by lot, never a followed builder (R25)", () => {
  const rig = new Rig();
  const peer = rig.peer("p", { follow: { builders: [alice.key] } });
  const followed = recordOf(alice, alice.link(TARGET, "same"));
  assert.deepEqual(store(peer, [followed]), [true]);
  for (let seed = 10; seed < 110; seed++) {
    const sybil = new Builder(seed);
    assert.deepEqual(store(peer, [recordOf(sybil, sybil.link(TARGET, "lie"))], `n${seed}`), [true]);
  }
  const kept = find(peer, slotOf(TARGET));
  assert.ok(kept.length <= MAX_SLOT_SIGNERS + 1, `${kept.length} kept`);
  assert.deepEqual(find(peer, slotOf(TARGET), [alice.key.raw]), [followed]);
  assert.equal(peer.store.count("r"), peer.store.count("x"));
});

test("expires after two days, and only a newer head extends (R25)", () => {
  const rig = new Rig();
  const peer = rig.peer("p");
  const feed = new MemoryFeed(1, NETWORK).append(alice.link(TARGET, "same"));
  const record = recordIn(feed, alice, 0);
  store(peer, [record]);
  rig.pass(((RECORD_SECONDS * 1_000) / 4) * 3);
  assert.deepEqual(store(peer, [record]), [true], "known, but not extended");
  rig.pass((RECORD_SECONDS * 1_000) / 2);
  assert.deepEqual(find(peer, record.slot), []);
  rig.pass(120_000);
  assert.equal(peer.store.count("r") + peer.store.count("x"), 0);

  store(peer, [record]);
  rig.pass(((RECORD_SECONDS * 1_000) / 4) * 3);
  const head = feed.head();
  const seconds = Math.floor(rig.now / 1_000);
  const signature = signDomain(alice.seed, cosignatureMessage(seconds, headBody(head)));
  const timed = { ...record, checkpoint: withOwnTime(head, seconds, signature) };
  assert.deepEqual(store(peer, [timed]), [true]);
  rig.pass((RECORD_SECONDS * 1_000) / 2);
  assert.deepEqual(find(peer, record.slot), [timed]);
  assert.equal(peer.store.count("x"), 1);
});

test("a peer stores only so much at once; a light peer keeps nothing", () => {
  const rig = new Rig();
  const peer = rig.peer("p");
  const record = recordOf(alice, alice.link(TARGET, "same"));
  const many = Array.from({ length: 256 }, () => record);
  let refused = 0;
  for (let i = 0; i < 12; i++) if (store(peer, many, "greedy").length === 0) refused++;
  assert.ok(refused >= 3, `${refused} refused`);
  assert.equal(store(peer, [record], "modest").length, 1);
  assert.deepEqual(store(rig.peer("light", { light: true }), [record]), []);
});

test("pages of a crowded slot fit together", () => {
  const peer = new Rig().peer("p");
  const others = Array.from({ length: 50 }, (_, i) => [packageNumber(100 + i), "x"] as const);
  for (let seed = 10; seed < 60; seed++) {
    const builder = new Builder(seed);
    const lies = ["a lie", "another"].map((lie) => builder.links([[TARGET, lie], ...others]));
    const feed = new MemoryFeed(seed, NETWORK).append(...lies);
    const records = lies.map((_, index) => recordIn(feed, builder, index));
    assert.deepEqual(store(peer, records, `n${seed}`), [true, true]);
  }
  const kept = find(peer, slotOf(TARGET));
  assert.equal(kept.length, 100);
  assert.equal(new Set(kept.map(({ envelope }) => envelope.join())).size, 100);
  assert.ok(kept.reduce((sum, { envelope }) => sum + envelope.length, 0) > 1_000_000, "several pages");
});

test("what stands in a followed feed is not kept twice, and is handed out with the newest proof", () => {
  const rig = new Rig();
  const peer = rig.peer("p", { follow: { builders: [alice.key] } });
  const feed = new MemoryFeed(1, NETWORK).append(
    alice.link(TARGET, "same"),
    alice.link(packageNumber(2), "x"),
  );
  const old = recordIn(feed.branch(1), alice, 0);
  peer.gossiped("feeds", feed.update(0), "x");
  assert.deepEqual(store(peer, [old, { ...old, slot: slotOf(TARGET, 1) }]), [true, true]);
  assert.deepEqual(find(peer, old.slot), [recordIn(feed, alice, 0)]);
  const kept = peer.store.octets("r") + peer.store.octets("x");
  assert.ok(kept < 2 * 400, `${kept} octets for two slots`);
  const whole = rig.peer("q");
  store(whole, [old]);
  assert.ok(whole.store.octets("r") > old.envelope.length);
});

test("questions for one slot that come at once find it as the ones before left it (R25)", () => {
  const peer = new Rig().peer("p");
  // All questions are there before the first read is answered.
  const stored: (readonly boolean[])[] = [];
  peer.rig.later(() => {
    for (let asker = 0; asker < 8; asker++) {
      const sybils = Array.from({ length: 20 }, (_, i) => new Builder(10 + 20 * asker + i));
      const records = sybils.map((sybil) => recordOf(sybil, sybil.link(TARGET, "lie")));
      peer.asked("records", writeRecordsRequest({ kind: "store", records }), `n${asker}`, (bytes) => {
        if (bytes !== null) stored.push(readRecordsAnswer(bytes).stored);
      });
    }
  });
  assert.equal(stored.length, 8);
  assert.equal(find(peer, slotOf(TARGET)).length, MAX_SLOT_SIGNERS);
  assert.equal(peer.status().records, MAX_SLOT_SIGNERS);
  assert.equal(peer.store.count("x"), MAX_SLOT_SIGNERS);
});
