/** Provider records: whoever holds a followed feed says so, and whoever lacks it finds him; liars cost little (DESIGN 4.4, R26, I9). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { originHash } from "../../../protocol/feed/index.ts";
import {
  MAX_PROVIDED_FEEDS,
  MAX_PROVIDER_CALLS,
  PROVIDE_AFTER_MS,
  PROVIDE_AGAIN_MS,
  PROVIDE_RETRY_MS,
  PROVIDE_STEP_MS,
  PROVIDER_CALLS_BURST,
  PROVIDER_CALLS_PER_SECOND,
  PROVIDER_MS,
  PROVIDERS_AFTER_MS,
  PROVIDERS_RETRY_MS,
} from "../../../protocol/limits.ts";
import { slotsOf } from "../../../protocol/peer/index.ts";
import { Builder, packageNumber } from "../../sim/builder.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { NETWORK, Rig } from "./rig.ts";
import type { RigPeer } from "./rig.ts";

const alice = new Builder(1);
const feed = new MemoryFeed(1, NETWORK).append(
  ...Array.from({ length: 5 }, (_, i) => alice.link(packageNumber(i), "same")),
);
const FOLLOWS = { follow: { origins: [feed.origin] } };
const SLOTS = slotsOf(originHash(feed.origin));

function count(peer: RigPeer, kind: "provide" | "providers" | "call"): number {
  return peer.seen.filter((effect) => effect.kind === kind).length;
}

/** A peer that holds the feed, connected with nobody. */
function holder(rig: Rig, name = "holder"): RigPeer {
  const peer = rig.peer(name, FOLLOWS);
  peer.gossiped("feeds", feed.update(0), "x");
  assert.equal(peer.held(feed.origin), 5);
  return peer;
}

/** Somebody to be connected with, who has no feed and says nothing. */
function bystander(rig: Rig, peer: RigPeer): void {
  rig.connect(
    peer,
    rig.stub(`quiet-${rig.peers.size}`, () => null),
  );
}

test("a newcomer that knows one peer, which has nothing, finds who holds a followed feed and fetches it", () => {
  const rig = new Rig();
  const bootstrap = rig.peer("bootstrap", { maxStoreBytes: 1 });
  const mirror = holder(rig);
  rig.connect(mirror, bootstrap);
  rig.pass(PROVIDE_AFTER_MS + 1_000);
  for (const slot of SLOTS) assert.deepEqual([...rig.providerRecords.told(slot).keys()], ["holder"]);
  const newcomer = rig.peer("newcomer", FOLLOWS);
  rig.connect(newcomer, bootstrap);
  rig.pass(PROVIDERS_AFTER_MS - 1_000);
  assert.deepEqual([newcomer.held(feed.origin), count(newcomer, "providers")], [0, 0], "neighbours first");
  // It knows the head alone, and has told of it: some seconds pass until it is clear that it does not have more.
  assert.equal(bootstrap.held(feed.origin), 0);
  for (let i = 0; i < 4; i++) rig.pass(4_000);
  assert.equal(newcomer.held(feed.origin), 5);
  assert.deepEqual([count(newcomer, "providers"), count(newcomer, "call")], [1, 1]);
  rig.pass(600_000);
  assert.equal(count(newcomer, "providers"), 1, "who has it asks no more");
  assert.ok(rig.providerRecords.told(SLOTS[0] ?? feed.root()).has("newcomer"), "and says so itself");
});

test("what is held whole is announced again before its records expire, and not by those who lack, forked or do not follow it", () => {
  const rig = new Rig();
  const peer = holder(rig);
  const half = rig.peer("half", FOLLOWS);
  half.gossiped("feeds", feed.update(5), "x");
  half.fault = (effect) => (effect.kind === "providers" ? "fail" : null);
  const stranger = rig.peer("stranger");
  stranger.gossiped("feeds", feed.update(0), "x");
  const light = rig.peer("light", { light: true, ...FOLLOWS });
  const forked = holder(rig, "forked");
  const branch = new MemoryFeed(1, NETWORK).append(
    ...feed.entries.slice(0, 4),
    alice.link(packageNumber(9), "z"),
  );
  forked.gossiped("feeds", branch.update(0), "x");
  for (const one of [peer, half, stranger, light, forked]) bystander(rig, one);
  rig.pass(PROVIDE_AFTER_MS + 1_000);
  const first = rig.providerRecords.told(SLOTS[0] ?? feed.root()).get("holder") ?? 0;
  assert.ok(first > 0);
  for (let hours = 0; hours < 60; hours++) {
    rig.pass(3_600_000);
    const told = rig.providerRecords.told(SLOTS[1] ?? feed.root()).get("holder") ?? 0;
    assert.ok(rig.now - told < PROVIDER_MS / 2, `hour ${hours}`);
  }
  assert.ok(count(peer, "provide") <= 2 * (60 / 6 + 1), "not more often than need be");
  for (const one of [half, stranger, light, forked]) assert.equal(count(one, "provide"), 0, one.name);
  assert.equal(peer.status().counters.get("feeds-provided"), count(peer, "provide") / 2);
});

test("a peer that follows many feeds announces one after the other, and not more than the bound", () => {
  const rig = new Rig();
  const feeds = Array.from({ length: MAX_PROVIDED_FEEDS + 5 }, (_, i) =>
    new MemoryFeed(1_000 + i, NETWORK).append("x"),
  );
  const peer = rig.peer("p", { follow: { origins: feeds.map(({ origin }) => origin) } });
  for (const each of feeds) peer.gossiped("feeds", each.update(0), "x");
  bystander(rig, peer);
  rig.pass(10 * PROVIDE_STEP_MS);
  assert.ok(count(peer, "provide") <= 2 * 12 && count(peer, "provide") >= 2 * 6, `${count(peer, "provide")}`);
  // Ticks are a hundredth of what passes.
  for (let i = 0; i < 60; i++) rig.pass(PROVIDE_STEP_MS * 5);
  assert.equal(count(peer, "provide"), 2 * MAX_PROVIDED_FEEDS);
});

test("what nobody took is announced again soon; alone, nothing is", () => {
  const rig = new Rig();
  const peer = holder(rig);
  rig.pass(10 * PROVIDE_AFTER_MS);
  assert.equal(count(peer, "provide"), 0);
  peer.fault = (effect) => (effect.kind === "provide" ? "fail" : null);
  bystander(rig, peer);
  rig.pass(PROVIDE_AFTER_MS + 1_000);
  assert.equal(count(peer, "provide"), 2);
  peer.fault = () => null;
  rig.pass(PROVIDE_RETRY_MS + 5_000);
  assert.equal(count(peer, "provide"), 4);
  assert.equal(peer.status().counters.get("feeds-provided"), 1);
  rig.pass(PROVIDE_AGAIN_MS / 2);
  assert.equal(count(peer, "provide"), 4);
});

test("a liar that provides everything costs one call in hours, and the honest one is found beside it", () => {
  const rig = new Rig();
  const bootstrap = rig.peer("bootstrap", { maxStoreBytes: 1 });
  const mirror = holder(rig);
  rig.connect(mirror, bootstrap);
  rig.pass(PROVIDE_AFTER_MS + 1_000);
  const liars = Array.from({ length: 12 }, (_, i) => rig.stub(`liar-${i}`, () => null));
  for (const { name } of liars) rig.providerRecords.lie(name);
  const newcomer = rig.peer("newcomer", FOLLOWS);
  rig.connect(newcomer, bootstrap);
  for (let i = 0; i < 60 && newcomer.held(feed.origin) < 5; i++) rig.pass(PROVIDERS_RETRY_MS);
  assert.equal(newcomer.held(feed.origin), 5);
  const called = newcomer.seen.flatMap((effect) => (effect.kind === "call" ? [effect.peer] : []));
  assert.equal(new Set(called).size, called.length, "nobody is called twice");
  assert.deepEqual([...newcomer.dropped.keys()], [], "and nobody is hung up on: a name proves nothing");
  rig.pass(60_000);
  assert.equal(
    newcomer.status().counters.get("providers-rested"),
    called.length - 1,
    "all but the honest one",
  );
});

test("liars under any number of names, for any number of feeds, cost a bounded number of calls", () => {
  const rig = new Rig();
  const origins = Array.from({ length: 50 }, (_, i) => new MemoryFeed(2_000 + i, NETWORK).origin);
  const victim = rig.peer("victim", { follow: { origins } });
  bystander(rig, victim);
  for (let i = 0; i < 500; i++) rig.providerRecords.lie(`nobody-${i}`);
  const begin = rig.now;
  for (let i = 0; i < 60; i++) rig.pass(10_000);
  const most = PROVIDER_CALLS_BURST + ((rig.now - begin) / 1_000) * PROVIDER_CALLS_PER_SECOND + 1;
  const calls = count(victim, "call");
  assert.ok(calls > MAX_PROVIDER_CALLS && calls <= most, `${calls} calls, at most ${most}`);
  assert.equal(victim.status().counters.get("providers-rested"), calls);
});

test("a connected peer that is named is asked for its heads again, and rests when it has none", () => {
  const rig = new Rig();
  let questions = 0;
  const liar = rig.stub("liar", () => {
    questions++;
    return null;
  });
  const newcomer = rig.peer("newcomer", FOLLOWS);
  rig.connect(newcomer, liar);
  rig.providerRecords.lie("liar");
  rig.pass(PROVIDERS_AFTER_MS - 1_000);
  const before = questions;
  rig.pass(3_000);
  assert.equal(questions, before + 1);
  for (let i = 0; i < 20; i++) rig.pass(60_000);
  assert.equal(newcomer.status().counters.get("providers-rested"), 1);
  assert.equal(count(newcomer, "call"), 0);
});

test("nobody is called who names the asker itself, and a failed question is asked again later at the other slot", () => {
  const rig = new Rig();
  const newcomer = rig.peer("newcomer", FOLLOWS);
  bystander(rig, newcomer);
  rig.providerRecords.lie("newcomer");
  newcomer.fault = (effect) => (effect.kind === "providers" ? "fail" : null);
  rig.pass(PROVIDERS_AFTER_MS + 2_000);
  newcomer.fault = () => null;
  rig.pass(PROVIDERS_RETRY_MS + 5_000);
  const slots = newcomer.seen.flatMap((effect) => (effect.kind === "providers" ? [effect.key] : []));
  assert.deepEqual(slots, [...SLOTS]);
  assert.equal(count(newcomer, "call"), 0);
});
