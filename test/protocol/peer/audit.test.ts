/** Whoever signs heads over leaves that it never signed is found out, also where nobody ever asks for them (RULES R9). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { keyIdKha, keyIdPlain } from "../../../protocol/crypto/index.ts";
import { checkEvidenceSync } from "../../../protocol/evidence/index.ts";
import { AUDIT_BURST_ENTRIES, AUDIT_ENTRIES_PER_SECOND } from "../../../protocol/limits.ts";
import type { Effect } from "../../../protocol/peer/index.ts";
import { Builder, packageNumber } from "../../sim/builder.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { NETWORK, Rig } from "./rig.ts";
import type { RigPeer } from "./rig.ts";
import { feedServer } from "./stubs.ts";

const alice = new Builder(1);
const bob = new Builder(2);
const mallory = new Builder(9);
const follow = { builders: [alice.key, bob.key] };

const honest: readonly Uint8Array[] = Array.from({ length: 120 }, (_, i) =>
  alice.link(packageNumber(i), "same"),
);
/** An attestation that alice gives out as hers, and somebody else signed. */
const forged = mallory.link(packageNumber(500), "same", { keyid: keyIdPlain(alice.key) });
const byBob: readonly Uint8Array[] = Array.from({ length: 60 }, (_, i) => bob.link(packageNumber(i), "same"));

function feedOf(seed: number, ...entries: readonly Uint8Array[]): MemoryFeed {
  return new MemoryFeed(seed, NETWORK).append(...entries);
}

/** The peer hears of the feed, and holds all of it. */
function hears(peer: RigPeer, feed: MemoryFeed, from = 0): void {
  for (let size = from; size < feed.entries.length;) {
    const next = Math.min(size + 20, feed.entries.length);
    peer.gossiped("feeds", feed.branch(next).update(size), "x");
    size = next;
  }
  assert.equal(peer.held(feed.origin), feed.entries.length);
}

/** Signatures that were checked since effect `from`. */
function checks(peer: RigPeer, from = 0): Extract<Effect, { kind: "check" }>["items"] {
  return peer.seen.slice(from).flatMap((effect) => (effect.kind === "check" ? effect.items : []));
}

function assertBadLeaf(peer: RigPeer, index: number): void {
  const [finding, ...more] = peer.findings;
  assert.ok(finding !== undefined && more.length === 0, `${peer.name}: ${peer.findings.length} findings`);
  assert.equal(finding.kind, "bad-leaf");
  assert.deepEqual(finding.keys, [alice.key.raw]);
  const evidence = checkEvidenceSync(finding.evidence ?? new Uint8Array(0));
  assert.ok(evidence.kind === "bad-leaf");
  assert.equal(evidence.leaf.index, index);
}

test("a forged entry that nobody asks for is found, told of with proof, gossiped, and the rest of the feed is left", () => {
  const rig = new Rig();
  const [peer, other] = [rig.peer("p", { follow }), rig.peer("o", { follow })];
  const feed = feedOf(1, ...honest.slice(0, 90), forged, ...honest.slice(90), forged);
  rig.connect(peer, other);
  hears(peer, feed);
  rig.pass(1_000);
  assert.deepEqual([peer.findings.length, checks(peer).length], [0, 0], "taking it in costs no signature");
  assert.deepEqual(peer.status().audit, { audited: 0, left: 122, seconds: 13 });
  rig.pass(30_000);
  for (const one of [peer, other]) assertBadLeaf(one, 90);
  assert.deepEqual(peer.status().audit, { audited: 90, left: 0, seconds: 0 });
  const count = checks(peer).length;
  hears(peer, feedOf(1, ...feed.entries, ...honest.slice(0, 10)), feed.entries.length);
  rig.pass(60_000);
  assert.equal(checks(peer).length, count, "one proof is enough");
  assert.equal(peer.findings.length, 1);
  peer.start();
  rig.pass(60_000);
  assert.equal(checks(peer).length, count, "also after a restart");
  assert.deepEqual(peer.status().audit, { audited: 90, left: 0, seconds: 0 });
});

test("nothing that others signed, in whatever feed, accuses its carrier, and only what is given out as the feed's own is checked", () => {
  const rig = new Rig();
  const peer = rig.peer("p", { follow });
  const carried = [
    mallory.link(packageNumber(1), "x"),
    mallory.link(packageNumber(2), "x", { keyid: null }),
    bob.link(packageNumber(3), "x"),
    alice.link(packageNumber(4), "x", { keyid: null }),
    alice.link(packageNumber(5), "x", { keyid: keyIdKha(alice.key) }),
    new TextEncoder().encode("junk"),
    new TextEncoder().encode("{}"),
    alice.link(packageNumber(6), "x"),
  ];
  hears(peer, feedOf(1, ...carried));
  rig.pass(20_000);
  assert.deepEqual(peer.status().audit, { audited: 8, left: 0, seconds: 0 });
  assert.deepEqual(peer.findings, []);
  assert.equal(checks(peer).length, 2);
  assert.ok(checks(peer).every(({ key }) => key.raw.join() === alice.key.raw.join()));
});

test("entries are looked at once, each feed in its turn, no faster than the rate, and none before it is saved up", () => {
  const rig = new Rig();
  const peer = rig.peer("p", { follow });
  hears(peer, feedOf(1, ...honest));
  hears(peer, feedOf(2, ...byBob));
  const started = rig.now;
  rig.pass(1_000);
  while (peer.status().audit.left > 0) {
    const { audited, left } = peer.status().audit;
    assert.equal(audited + left, 180);
    assert.ok(audited <= ((rig.now - started) / 1_000) * AUDIT_ENTRIES_PER_SECOND + 1, `${audited} audited`);
    rig.pass(1_000);
    assert.ok(rig.now < started + 60_000, "it ends");
  }
  assert.ok(rig.now - started >= 18_000, `${rig.now - started} ms`);
  assert.equal(checks(peer).length, 180);
  // Bob's come between alice's, a page of the store each.
  const owners = checks(peer).map(({ key }) => (key.raw.join() === alice.key.raw.join() ? "a" : "b"));
  assert.ok(owners.lastIndexOf("b") < 140, owners.join(""));
  const count = checks(peer).length;
  rig.pass(600_000);
  assert.equal(checks(peer).length, count);
});

test("of a feed that is longer than what may be saved up so much is looked at in one go, and no more is saved", () => {
  const rig = new Rig();
  const peer = rig.peer("p", { follow });
  peer.store.page = 256;
  const long = new MemoryFeed(1, NETWORK).append(
    ...Array.from({ length: AUDIT_BURST_ENTRIES + 600 }, (_, i) => `no attestation ${i}`),
  );
  const start = rig.now;
  const source = feedServer(rig, "s", long, (request, blobs) =>
    request.kind === "entries" ? long.entries.slice(request.from, request.from + request.count) : blobs,
  );
  rig.connect(peer, source);
  rig.pass(5_000);
  assert.equal(peer.held(long.origin), long.entries.length);
  const full = (1_000 * AUDIT_BURST_ENTRIES) / AUDIT_ENTRIES_PER_SECOND;
  rig.pass(full - 15_000);
  assert.equal(peer.status().audit.audited, 0, "it waits until it pays");
  rig.pass(20_000);
  const { audited } = peer.status().audit;
  assert.ok(audited >= AUDIT_BURST_ENTRIES && audited <= AUDIT_BURST_ENTRIES + 300, `${audited} audited`);
  rig.pass(120_000);
  assert.equal(peer.status().audit.left, 0);
  assert.ok(rig.now - start > full);
});

test("what no head stands over yet accuses nobody: it waits for the proof that leads to one", () => {
  const rig = new Rig();
  const peer = rig.peer("p", { follow });
  const feed = feedOf(1, ...honest.slice(0, 10), forged, ...honest.slice(10, 80));
  let pages = 0;
  const source = feedServer(rig, "s", feed, (request, blobs) =>
    request.kind === "entries" && ++pages > 2 ? null : blobs,
  );
  rig.connect(peer, source);
  rig.pass(20_000);
  assert.equal(peer.held(feed.origin), 50);
  assert.deepEqual(peer.status().audit, { audited: 0, left: 0, seconds: 0 });
  pages = -100;
  rig.pass(30_000);
  assertBadLeaf(peer, 10);
});

test("a restart goes on where the audit was", () => {
  const rig = new Rig();
  const peer = rig.peer("p", { follow });
  hears(peer, feedOf(1, ...honest));
  rig.pass(20_000);
  assert.deepEqual(peer.status().audit, { audited: 120, left: 0, seconds: 0 });
  peer.stop();
  peer.start();
  assert.deepEqual(peer.status().audit, { audited: 120, left: 0, seconds: 0 });
  hears(peer, feedOf(1, ...honest, forged), 120);
  rig.pass(20_000);
  assert.equal(checks(peer).length, 121);
  assertBadLeaf(peer, 120);
});

test("what could not be read, checked or stored is not passed over, and keeps no other feed waiting", () => {
  for (const kind of ["read", "check", "store"] as const) {
    const rig = new Rig();
    const peer = rig.peer("p", { follow });
    hears(peer, feedOf(1, ...honest.slice(0, 30), forged));
    hears(peer, feedOf(2, ...byBob));
    rig.pass(500);
    peer.fault = (effect) => {
      if (effect.kind !== kind) return null;
      if (effect.kind === "read")
        return String.fromCharCode(effect.range.from[0] ?? 0) === "e" ? "fail" : null;
      if (effect.kind === "check") return "fail";
      // The finding alone.
      return effect.kind === "store" && effect.ops.some(({ key }) => key[0] === "a".charCodeAt(0))
        ? "fail"
        : null;
    };
    rig.pass(30_000);
    assert.deepEqual(peer.findings, [], kind);
    const { audited, left } = peer.status().audit;
    assert.deepEqual([audited, left], kind === "store" ? [90, 1] : [0, 91], kind);
    peer.fault = () => null;
    rig.pass(30_000);
    assertBadLeaf(peer, 30);
    assert.deepEqual(peer.status().audit, { audited: 90, left: 0, seconds: 0 }, kind);
  }
});

test("a crash before the finding is stored finds it again; one after it tells nothing twice", () => {
  const rig = new Rig();
  const peer = rig.peer("p", { follow });
  hears(peer, feedOf(1, ...honest.slice(0, 30), forged));
  peer.fault = (effect) =>
    effect.kind === "store" && effect.ops.some(({ key }) => key[0] === "a".charCodeAt(0)) ? "hang" : null;
  rig.pass(30_000);
  assert.deepEqual(peer.findings, []);
  peer.stop();
  peer.fault = (effect) =>
    effect.kind === "store" && effect.ops.some(({ key }) => key[0] === "j".charCodeAt(0)) ? "hang" : null;
  peer.start();
  rig.pass(30_000);
  assertBadLeaf(peer, 30);
  peer.stop();
  peer.fault = () => null;
  peer.start();
  rig.pass(60_000);
  assert.equal(peer.findings.length, 1);
  assert.deepEqual(peer.status().audit, { audited: 30, left: 0, seconds: 0 });
});

test("octets that a failing disk changed are no forgery by the feed", () => {
  const rig = new Rig();
  const peer = rig.peer("p", { follow });
  hears(peer, feedOf(1, ...honest.slice(0, 10)));
  const whole = peer.store.copy();
  const { rows } = whole.read({ from: Uint8Array.of(0x65), to: Uint8Array.of(0x66), limit: 1 });
  const [first] = rows;
  assert.ok(first !== undefined);
  const damaged = new TextDecoder().decode(first.value).replace(/"sig":"..../, '"sig":"AAAA');
  peer.store.apply([{ op: "put", key: first.key, value: new TextEncoder().encode(damaged) }]);
  rig.pass(30_000);
  assert.deepEqual(peer.findings, []);
  assert.ok((peer.status().counters.get("read-failed") ?? 0) > 0);
  assert.equal(peer.status().counters.get("internal/impossible"), undefined);
  assert.equal(peer.status().audit.left, 10, "it stands before that entry");
});

test("an entry that is missing in the store is not passed over", () => {
  const rig = new Rig();
  const peer = rig.peer("p", { follow });
  hears(peer, feedOf(1, ...honest.slice(0, 20)));
  peer.store.page = 256;
  const { rows } = peer.store.read({ from: Uint8Array.of(0x65), to: Uint8Array.of(0x66), limit: 20 });
  const lost = rows[5] ?? assert.fail();
  peer.store.remove([lost.key]);
  rig.pass(20_000);
  assert.equal(peer.status().audit.audited, 5);
  peer.store.apply([{ op: "put", ...lost }]);
  rig.pass(20_000);
  assert.equal(peer.status().audit.left, 0);
});

test("of feeds that nobody follows only those whose claims are read are audited; one that goes takes its mark with it", () => {
  const rig = new Rig();
  const [deaf, all] = [rig.peer("deaf"), rig.peer("all", { followAll: true })];
  for (const peer of [deaf, all]) hears(peer, feedOf(1, ...honest.slice(0, 10), forged));
  rig.pass(20_000);
  assert.deepEqual(deaf.status().audit, { audited: 0, left: 0, seconds: 0 });
  assertBadLeaf(all, 10);
  assert.equal(all.store.count("j"), 1);
  all.command({ do: "prune" });
  rig.pass(5_000);
  assert.equal(all.store.count("j"), 0);
  assert.deepEqual(all.status().audit, { audited: 0, left: 0, seconds: 0 });
});

test("of a forked feed what is held is audited all the same, and the own feed never", () => {
  const rig = new Rig();
  const peer = rig.peer("p", { follow, seed: bob.seed, first: true });
  peer.publish(...byBob.slice(0, 5));
  const feed = feedOf(1, ...honest.slice(0, 10), forged);
  hears(peer, feed);
  const branch = feed.branch(9).append(honest[50] ?? "", honest[51] ?? "");
  peer.gossiped("feeds", branch.update(9), "x");
  assert.equal(peer.findings[0]?.kind, "fork");
  rig.pass(20_000);
  assert.deepEqual(
    peer.findings.map(({ kind }) => kind),
    ["fork", "bad-leaf"],
  );
  assert.deepEqual(peer.status().audit, { audited: 10, left: 0, seconds: 0 });
});
