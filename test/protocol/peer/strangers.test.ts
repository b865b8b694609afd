import assert from "node:assert/strict";
import { test } from "node:test";
import { Builder, packageNumber } from "../../sim/builder.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { NETWORK, Rig } from "./rig.ts";

const alice = new Builder(1);

function selfContradiction(seed: number, from: number, count: number): MemoryFeed {
  const builder = new Builder(seed);
  const entries = Array.from({ length: count }, (_, i) => [
    builder.link(packageNumber(from + i), "one"),
    builder.link(packageNumber(from + i), "two"),
  ]);
  return new MemoryFeed(seed, NETWORK).append(...entries.flat());
}

test("who follows everybody keeps only so much evidence about strangers, and all about those it follows (I9)", () => {
  const rig = new Rig();
  const all = { all: true, origins: [], builders: [alice.key] };
  const node = rig.peer("node", { follow: all, maxStoreBytes: 40_000 });
  node.gossiped("feeds", selfContradiction(1, 0, 3).update(0), "a");
  for (let seed = 10; seed < 40; seed++) {
    node.gossiped("feeds", selfContradiction(seed, 0, 2).update(0), `n${seed}`);
    rig.pass(2_000);
  }
  assert.ok(node.findings.length > 40, `${node.findings.length} told of`);
  const listed = node.command({ do: "findings", since: 0, limit: 200 });
  assert.ok(listed?.ok === true && listed.do === "findings");
  const octets = listed.findings.reduce((sum, { evidence }) => sum + (evidence?.length ?? 0), 0);
  assert.ok(octets < 30_000, `${octets} octets of evidence`);
  const mine = listed.findings.filter(({ keys }) => keys.every((key) => key.join() === alice.key.raw.join()));
  assert.equal(mine.length, 3, "findings about a followed builder stay");
  assert.equal(node.store.count("v"), node.store.count("a"));
  node.start();
  rig.pass(2_000);
  node.gossiped("feeds", selfContradiction(50, 0, 2).update(0), "n50");
  rig.pass(2_000);
  assert.ok(node.store.count("a") <= listed.findings.length + 2);
});

test("a feed that goes takes its index rows with it, and leaves those of others", () => {
  const rig = new Rig();
  const peer = rig.peer("p", { follow: { all: true, origins: [], builders: [alice.key] } });
  peer.gossiped("feeds", new MemoryFeed(1, NETWORK).append(alice.link(packageNumber(1), "x")).update(0), "a");
  const rows = (): number[] => ["e", "h", "t", "d", "q", "z"].map((kind) => peer.store.count(kind));
  const before = rows();
  const bob = new Builder(2);
  const entries = Array.from({ length: 20 }, (_, i) => bob.link(packageNumber(i), "y"));
  entries.push(
    bob.retraction(packageNumber(3), [bob.verified(entries[3] ?? alice.link(packageNumber(1), "")).id]),
  );
  peer.gossiped("feeds", new MemoryFeed(2, NETWORK).append(...entries).update(0), "b");
  assert.ok(peer.store.count("t") > 20);
  peer.command({ do: "prune" });
  rig.pass(5_000);
  assert.deepEqual(rows(), before);
  assert.equal(peer.status().feeds.length, 1);
  assert.equal(peer.find({ targets: [packageNumber(1).key] }).found.length, 1);
});

test("strangers who claim a target by the hundred hide nobody's claim and no contradiction (R11)", () => {
  const rig = new Rig();
  const carol = new Builder(3);
  const follow = { all: true, origins: [], builders: [alice.key, carol.key] };
  const peer = rig.peer("p", { follow });
  const target = packageNumber(1);
  for (let seed = 10; seed < 14; seed++) {
    const sybil = new Builder(seed);
    const inputs = Array.from({ length: 80 }, (_, i) => new Uint8Array(32).fill(i));
    const lies = inputs.map((input) => sybil.link(target, "lie", { input }));
    for (let from = 0; from < 80; from += 20) {
      const feed = new MemoryFeed(seed, NETWORK).append(...lies.slice(0, from + 20));
      peer.gossiped("feeds", feed.update(from), `n${seed}`);
    }
    rig.pass(3_000);
  }
  assert.ok(peer.store.count("t") >= 320);
  peer.gossiped("feeds", new MemoryFeed(1, NETWORK).append(alice.link(target, "same")).update(0), "a");
  peer.gossiped("feeds", new MemoryFeed(3, NETWORK).append(carol.link(target, "other")).update(0), "c");
  const found = peer.find({ targets: [target.key], builders: [alice.key.raw, carol.key.raw] });
  assert.equal(found.found.length, 2);
  const keys = new Set(peer.findings.flatMap((finding) => finding.keys.map((key) => key.join())));
  for (const { key } of [alice, carol]) assert.ok(keys.has(key.raw.join()));
});

test("a fork of a feed that nobody here follows alerts nobody here, and is passed on (R11, R14)", () => {
  const peer = new Rig().peer("p");
  const feed = new MemoryFeed(9, NETWORK).append("a", "b");
  peer.gossiped("feeds", feed.update(0), "x");
  peer.gossiped("feeds", feed.branch(1).append("c").update(0), "y");
  assert.deepEqual(peer.findings, []);
  assert.equal(peer.status().feeds[0]?.state, "forked");
  const gossip = peer.seen.filter((effect) => effect.kind === "gossip" && effect.topic === "evidence");
  assert.equal(gossip.length, 1);
  assert.equal(peer.store.count("a"), 0, "it is no finding");
});

test("the proof of such a fork is kept with the feed, told to who comes later, and goes with it (R11)", () => {
  const rig = new Rig();
  const peer = rig.peer("p");
  const feed = new MemoryFeed(9, NETWORK).append("a", "b");
  peer.gossiped("feeds", feed.update(0), "x");
  const [before] = [peer.store.count("v")];
  let failing = true;
  peer.fault = (effect) =>
    failing && effect.kind === "store" && effect.ops.some(({ key }) => key[0] === "v".charCodeAt(0))
      ? "fail"
      : null;
  peer.gossiped("feeds", feed.branch(1).append("c").update(0), "y");
  assert.deepEqual([before, peer.store.count("v")], [0, 0]);
  failing = false;
  rig.pass(15_000);
  assert.equal(peer.store.count("v"), 1, "what could not be written is written later");
  for (const again of [false, true]) {
    if (again) peer.start();
    const late = rig.peer(`late ${again}`);
    rig.connect(peer, late);
    rig.pass(5_000);
    assert.equal(late.store.count("v"), 1, "whoever comes later is given it");
    assert.equal(late.status().feeds.find(({ origin }) => origin === feed.origin)?.state, "forked");
    assert.deepEqual(late.findings, []);
    rig.disconnect(peer, late);
  }
  assert.equal(peer.command({ do: "prune" })?.ok, true);
  rig.pass(2_000);
  assert.equal(peer.store.count("v") + peer.store.count("g"), 0, "and goes with the feed");
});

test("a followed feed's proof whose write failed is written later, told then, and counted once", () => {
  const rig = new Rig();
  const alone = new MemoryFeed(9, NETWORK).append("a", "b");
  const peer = rig.peer("p", { follow: { origins: [alone.origin] } });
  let failures = 0;
  peer.fault = (effect) =>
    failures < 2 && effect.kind === "store" && effect.ops.some(({ key }) => key[0] === "v".charCodeAt(0))
      ? (failures++, "fail")
      : null;
  peer.gossiped("feeds", alone.update(0), "x");
  peer.gossiped("feeds", alone.branch(1).append("c").update(0), "y");
  assert.deepEqual(peer.findings, []);
  rig.pass(60_000);
  assert.equal(failures, 2);
  assert.deepEqual(
    peer.findings.map(({ kind }) => kind),
    ["fork"],
  );
  assert.equal(peer.store.count("v"), 1);
});
