/** Signatures that take long to check (R30): a bucket a feed, feeds in turn, and whatever has to wait is checked later. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { origin } from "../../../protocol/feed/index.ts";
import {
  MAX_PARKED_TARGETS,
  SLOW_CHECK_BURST,
  SLOW_CHECK_DEBT,
  SLOW_CHECK_SLICE,
  SLOW_CHECKS_PER_SECOND,
} from "../../../protocol/limits.ts";
import { FeedState } from "../../../protocol/peer/feed-state.ts";
import { Parked } from "../../../protocol/peer/parked.ts";
import { SlowChecks } from "../../../protocol/peer/slow-checks.ts";
import { Turn } from "../../../protocol/peer/turn.ts";
import { Builder, packageNumber } from "../../sim/builder.ts";
import { NETWORK, Rig } from "./rig.ts";
import type { RigPeer } from "./rig.ts";
import { SlowBuilder } from "./slow-builder.ts";

const [x, y] = [new SlowBuilder(), new SlowBuilder()];
const [flooding, quiet] = [new Builder(11), new Builder(12)];
const ORIGINS = [flooding, quiet].map(({ key }) => origin(NETWORK, key.raw));

function carrier(rig: Rig, name: string, by: Builder): RigPeer {
  return rig.peer(name, { seed: by.seed, first: true });
}

function publish(peer: RigPeer, ...entries: readonly Uint8Array[]): void {
  for (let from = 0; from < entries.length; from += 100)
    assert.equal(peer.publish(...entries.slice(from, from + 100))?.ok, true);
}

/** How many slow signatures a peer had checked. */
function slowIn({ seen }: RigPeer): number {
  return seen
    .flatMap((effect) => (effect.kind === "check" ? effect.items : []))
    .filter(({ key }) => key.type !== "ed25519").length;
}

function foundIn({ findings }: RigPeer): ReadonlySet<string | null> {
  return new Set(findings.map(({ purl }) => purl));
}

/** Two different results of two builders, each to be checked with one key of them, or both. */
function disputed(number: number, isForged = false): readonly Uint8Array[] {
  const target = packageNumber(number);
  return [x.link(target, "one", isForged), y.link(target, "other", isForged)];
}

test("a feed that floods slow checks delays no other, and in the end all of its own are made", () => {
  const rig = new Rig();
  const [flood, other] = [carrier(rig, "f", flooding), carrier(rig, "q", quiet)];
  const watcher = rig.peer("w", { follow: { builders: [x.key, y.key], origins: ORIGINS } });
  const forged = Array.from({ length: 450 }, (_, i) => disputed(1_000 + i, true));
  const last = packageNumber(2_000);
  publish(flood, ...forged.flat(), ...disputed(2_000));
  rig.connect(flood, watcher);
  rig.pass(5_000);
  const first = slowIn(watcher);
  assert.ok(first >= SLOW_CHECK_BURST, `${first} at first`);
  const perTarget = 4;
  assert.ok(first <= SLOW_CHECK_BURST + perTarget + 6 * SLOW_CHECKS_PER_SECOND, `${first} at first`);
  assert.deepEqual(foundIn(watcher), new Set());
  // The flood goes on, and another feed comes with something to tell.
  publish(other, ...disputed(1));
  rig.connect(other, watcher);
  rig.pass(3_000);
  assert.ok(foundIn(watcher).has(packageNumber(1).purl), "of the other feed it is told at once");
  // Both have claims about one target: what can be checked is, and the rest later.
  publish(flood, x.link(packageNumber(3), "one"));
  publish(other, ...disputed(2), x.link(packageNumber(3), "two"), y.link(packageNumber(3), "three"));
  rig.pass(3_000);
  assert.ok(foundIn(watcher).has(packageNumber(2).purl));
  assert.ok(foundIn(watcher).has(packageNumber(3).purl));
  assert.ok(!foundIn(watcher).has(last.purl), "the flood's own waits");
  const before = slowIn(watcher);
  rig.pass(10_000);
  assert.ok(slowIn(watcher) - before <= 11 * SLOW_CHECKS_PER_SECOND + perTarget, "at its rate");
  rig.pass(60_000);
  assert.ok(foundIn(watcher).has(last.purl), "and none is lost");
  const all = slowIn(watcher);
  rig.pass(60_000);
  assert.equal(slowIn(watcher), all, "nor checked over and over");
  assert.equal(watcher.status().counters.get("internal/impossible"), undefined);
});

test("after a restart what waited is looked at again", () => {
  const rig = new Rig();
  const flood = carrier(rig, "f", flooding);
  const watcher = rig.peer("w", { follow: { builders: [x.key, y.key], origins: ORIGINS } });
  const forged = Array.from({ length: 160 }, (_, i) => disputed(1_000 + i, true));
  publish(flood, ...forged.flat(), ...disputed(2_000));
  rig.connect(flood, watcher);
  rig.pass(3_000);
  assert.deepEqual(foundIn(watcher), new Set());
  watcher.stop();
  watcher.start();
  rig.pass(60_000);
  assert.ok(foundIn(watcher).has(packageNumber(2_000).purl));
});

test("whoever is here gets an answer while a feed has spent what it may; strangers can ask again", () => {
  const rig = new Rig();
  const flood = carrier(rig, "f", flooding);
  const watcher = rig.peer("w", { follow: { builders: [x.key, y.key], origins: ORIGINS } });
  const stranger = rig.peer("s", { light: true });
  const forged = Array.from({ length: 200 }, (_, i) => disputed(1_000 + i, true));
  const target = packageNumber(5);
  publish(flood, x.link(target, "one"), ...forged.flat());
  rig.connect(flood, watcher);
  rig.pass(2_000);
  rig.disconnect(flood, watcher);
  rig.connect(watcher, stranger);
  const question = { targets: [target.key], builders: [x.key.raw] };
  assert.deepEqual(stranger.find(question, true).found, []);
  rig.pass(30_000);
  assert.equal(stranger.find(question, true).found.length, 1);
  const own = rig.peer("o", { follow: { builders: [x.key, y.key], origins: ORIGINS } });
  rig.connect(flood, own);
  rig.pass(2_000);
  assert.equal(own.find(question).found.length, 1);
});

/** Slow checks by hand: what is asked for, and answered one by one. */
class Bench {
  readonly turn = new Turn();
  readonly slow = new SlowChecks(this.turn);
  now = 0;

  at(now: number): this {
    this.now = now;
    this.turn.begin(now);
    return this;
  }

  feed(no: number): FeedState {
    const { raw } = new Builder(no).key;
    return new FeedState(no, origin(NETWORK, raw), raw, "followed", true);
  }

  /** Messages that are being checked; answers them, as good where they begin with 1. */
  answer(): readonly number[] {
    return this.turn.take().flatMap((effect) => {
      if (effect.kind !== "check") return [];
      const good = effect.items.map(({ message }) => message[0] === 1);
      this.turn.resume(effect.token, { kind: "checked", good });
      return effect.items.map(({ message }) => message[1] ?? 0);
    });
  }

  ask(feed: FeedState, count: number, done: (good: readonly boolean[]) => void = () => undefined): void {
    const items = Array.from({ length: count }, (_, i) => ({
      key: x.key,
      message: new Uint8Array([i % 2, feed.no]),
      signature: new Uint8Array(),
    }));
    this.slow.check(feed, items, done, () => assert.fail());
  }
}

test("feeds take turns, a few signatures at a time, one slice under way", () => {
  const bench = new Bench().at(0);
  const [a, b, c] = [bench.feed(1), bench.feed(2), bench.feed(3)];
  const answers: string[] = [];
  bench.ask(a, 3 * SLOW_CHECK_SLICE, () => answers.push("a"));
  bench.ask(b, 1, (good) => answers.push(`b ${good.join()}`));
  bench.ask(c, SLOW_CHECK_SLICE + 2, (good) => answers.push(`c ${good.length}`));
  const order: number[] = [];
  for (let slice = bench.answer(); slice.length > 0; slice = bench.answer()) {
    assert.ok(slice.length <= SLOW_CHECK_SLICE);
    assert.equal(new Set(slice).size, 1);
    order.push(slice[0] ?? 0);
  }
  assert.deepEqual(order, [1, 2, 3, 1, 3, 1]);
  assert.deepEqual(answers, ["b false", `c ${SLOW_CHECK_SLICE + 2}`, "a"]);
});

test("a bucket fills with time and no further, and goes so far below nothing and no further", () => {
  const bench = new Bench().at(1_000_000);
  const feed = bench.feed(1);
  assert.equal(bench.slow.tokens(feed), SLOW_CHECK_BURST);
  bench.ask(feed, 100);
  assert.equal(bench.slow.tokens(feed), SLOW_CHECK_BURST - 100);
  bench.at(1_001_000);
  assert.equal(bench.slow.tokens(feed), SLOW_CHECK_BURST - 100 + SLOW_CHECKS_PER_SECOND);
  bench.at(900_000);
  assert.equal(bench.slow.tokens(feed), SLOW_CHECK_BURST - 100 + SLOW_CHECKS_PER_SECOND, "a clock set back");
  bench.at(2_000_000);
  assert.equal(bench.slow.tokens(feed), SLOW_CHECK_BURST);
  bench.ask(feed, 10 * SLOW_CHECK_DEBT);
  assert.equal(bench.slow.tokens(feed), -SLOW_CHECK_DEBT);
  assert.equal(bench.slow.tokens(bench.feed(2)), SLOW_CHECK_BURST, "each feed has its own");
});

test("a check that fails is told, and others go on", () => {
  const bench = new Bench().at(0);
  const [a, b] = [bench.feed(1), bench.feed(2)];
  const told: string[] = [];
  bench.slow.check(
    a,
    [{ key: x.key, message: new Uint8Array([1, 1]), signature: new Uint8Array() }],
    () => assert.fail(),
    (code) => told.push(code),
  );
  bench.ask(b, 1, () => told.push("b"));
  const [effect] = bench.turn.take();
  assert.ok(effect?.kind === "check");
  bench.turn.resume(effect.token, { kind: "failed", code: "check/failed" });
  bench.answer();
  assert.deepEqual(told, ["check/failed", "b"]);
});

test("of what is parked so much comes back as its feed can pay for, the oldest first, and a feed can be full", () => {
  const bench = new Bench().at(0);
  const [a, b] = [bench.feed(1), bench.feed(2)];
  const tokens = new Map([
    [a, 0],
    [b, 0],
  ]);
  const parked = new Parked((feed) => tokens.get(feed) ?? 0);
  const target = (number: number): Uint8Array => new Uint8Array([number >> 8, number & 255]);
  for (let number = 0; number < MAX_PARKED_TARGETS; number++) parked.park(a, target(number), 4);
  parked.park(a, target(0), 4);
  parked.park(b, target(7), 600);
  assert.deepEqual([parked.isFull(a), parked.isFull(b), parked.isEmpty], [true, false, false]);
  assert.deepEqual(parked.due(), []);
  tokens.set(a, 9).set(b, 1);
  assert.deepEqual(parked.due(), [target(0), target(1), target(2), target(7)]);
  assert.equal(parked.isFull(a), false);
  a.gone = true;
  assert.deepEqual(parked.due(), []);
  assert.ok(parked.isEmpty, "what was evicted waits for nothing");
});
