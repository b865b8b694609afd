/** Claims about targets that nobody claimed before are compared with nothing, and no contradiction is missed by that (protocol/spec/peer.md, "Contradictions"). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { INDEX_STEP_ENTRIES, MAX_WAITING_TARGETS } from "../../../protocol/limits.ts";
import type { Effect } from "../../../protocol/peer/index.ts";
import { Builder, packageNumber } from "../../sim/builder.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { NETWORK, Rig } from "./rig.ts";
import type { RigPeer } from "./rig.ts";
import { feedServer } from "./stubs.ts";

const alice = new Builder(1);
const bob = new Builder(2);
const carol = new Builder(3);
const COUNT = 300;
const TARGET = packageNumber(1);
const follow = { builders: [alice.key, bob.key] };

/** Reads of what is claimed about a target. */
function comparisons(effects: readonly Effect[]): number {
  return effects.filter(isComparison).length;
}

function isComparison(effect: Effect): effect is Extract<Effect, { kind: "read" }> {
  return effect.kind === "read" && effect.range.from[0] === "t".charCodeAt(0);
}

/** A feed that claims so many targets, of which `others` differ in their digest from what everybody says. */
function feedOf(seed: number, by: Builder, others: readonly number[] = [], count = COUNT): MemoryFeed {
  return new MemoryFeed(seed, NETWORK).append(
    ...Array.from({ length: count }, (_, i) =>
      by.link(packageNumber(i), others.includes(i) ? "other" : `same ${i}`),
    ),
  );
}

function hears(peer: RigPeer, seed: number, ...entries: Uint8Array[]): void {
  peer.gossiped("feeds", new MemoryFeed(seed, NETWORK).append(...entries).update(0), "x");
}

function kinds(peer: RigPeer): string[] {
  assert.equal(peer.status().counters.get("internal/impossible"), undefined);
  return peer.findings.map(({ kind }) => kind);
}

test("a first feed of many claims costs no comparison, a second one of the same targets one for each", () => {
  const rig = new Rig();
  const peer = rig.peer("p", { follow });
  rig.connect(peer, feedServer(rig, "a", feedOf(1, alice)));
  rig.pass(10_000);
  assert.equal(peer.status().claims, COUNT);
  assert.equal(comparisons(peer.seen), 0);
  rig.connect(peer, feedServer(rig, "b", feedOf(2, bob, [7, 299])));
  rig.pass(10_000);
  assert.equal(peer.status().claims, 2 * COUNT);
  assert.ok(comparisons(peer.seen) >= COUNT);
  assert.deepEqual(kinds(peer), ["contradiction", "contradiction"]);
});

test("what is published here is compared with what it contradicts, and only that is", () => {
  const rig = new Rig();
  const peer = rig.peer("p", { follow, seed: bob.seed, first: true });
  hears(peer, 1, alice.link(TARGET, "one"));
  rig.pass(5_000);
  assert.equal(peer.publish(bob.link(packageNumber(2), "x"))?.ok, true);
  assert.equal(comparisons(peer.seen), 0);
  assert.equal(peer.publish(bob.link(TARGET, "two"))?.ok, true);
  rig.pass(5_000);
  assert.deepEqual(kinds(peer), ["contradiction"]);
});

test("two claims about one new target in one write contradict each other", () => {
  for (const apart of [1, COUNT / 2]) {
    const rig = new Rig();
    const peer = rig.peer("p", { follow });
    const entries = Array.from({ length: COUNT }, (_, i) => alice.link(packageNumber(10 + i), "x"));
    entries[50] = alice.link(TARGET, "one");
    entries[50 + apart] = alice.link(TARGET, "two");
    rig.connect(peer, feedServer(rig, "a", new MemoryFeed(1, NETWORK).append(...entries)));
    rig.pass(10_000);
    assert.deepEqual(kinds(peer), ["self-contradiction"]);
  }
});

test("a failed build makes a target known, and is compared with nothing", () => {
  const peer = new Rig().peer("p", { follow });
  hears(peer, 1, alice.failed(TARGET, "does not build"));
  assert.equal(comparisons(peer.seen), 0);
  hears(peer, 2, bob.link(TARGET, "one"));
  assert.equal(comparisons(peer.seen), 1);
  assert.deepEqual(kinds(peer), []);
});

test("a name that goes with its last feed stays where somebody claims the target meanwhile", () => {
  const rig = new Rig();
  const peer = rig.peer("p", { follow: { ...follow, all: true } });
  hears(peer, 9, carol.link(TARGET, "one"));
  rig.pass(5_000);
  let held: Effect | null = null;
  peer.fault = (effect) => {
    if (held !== null || !isComparison(effect)) return null;
    held = effect;
    return "hang";
  };
  peer.command({ do: "prune" });
  assert.ok(held !== null && isComparison(held));
  const { token, range } = held;
  const before = peer.store.read(range);
  hears(peer, 1, alice.link(TARGET, "one"));
  peer.handle({ kind: "rows", token, ...before });
  rig.pass(5_000);
  assert.deepEqual([peer.store.count("e"), peer.store.count("q")], [1, 1]);
  hears(peer, 2, bob.link(TARGET, "two"));
  assert.deepEqual(kinds(peer), ["contradiction"]);
});

test("a name goes with its last feed", () => {
  const rig = new Rig();
  const peer = rig.peer("p", { follow: { ...follow, all: true } });
  hears(peer, 9, carol.link(TARGET, "one"), carol.link(packageNumber(2), "one"));
  hears(peer, 1, alice.link(TARGET, "one"));
  rig.pass(5_000);
  assert.equal(peer.store.count("q"), 2);
  peer.command({ do: "prune" });
  rig.pass(5_000);
  assert.equal(peer.store.count("q"), 1);
});

test("the index waits for comparisons where too many are left, and goes on when they are done (I9)", () => {
  const rig = new Rig();
  const peer = rig.peer("p", { follow });
  const count = MAX_WAITING_TARGETS + 3 * INDEX_STEP_ENTRIES;
  rig.connect(peer, feedServer(rig, "a", feedOf(1, alice, [], count)));
  rig.pass(10_000);
  assert.equal(peer.status().claims, count);
  // A stub has one feed, whatever it is asked for.
  peer.handle({ kind: "left", peer: "a" });
  const held: Extract<Effect, { kind: "read" }>[] = [];
  peer.fault = (effect) => {
    if (!isComparison(effect)) return null;
    held.push(effect);
    return "hang";
  };
  rig.connect(peer, feedServer(rig, "b", feedOf(2, bob, [count - 1], count)));
  rig.pass(10_000);
  const more = peer.status().claims - count;
  assert.ok(more >= MAX_WAITING_TARGETS && more <= MAX_WAITING_TARGETS + 2 * INDEX_STEP_ENTRIES, `${more}`);
  peer.fault = () => null;
  for (const { token, range } of held) peer.handle({ kind: "rows", token, ...peer.store.read(range) });
  rig.pass(10_000);
  assert.equal(peer.status().claims, 2 * count);
  assert.deepEqual(kinds(peer), ["contradiction"]);
});
