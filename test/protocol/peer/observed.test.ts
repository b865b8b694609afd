/** What a peer tells of without a proof: stale feeds, rolled back ones, the own feed elsewhere; and that nobody brings these about for others. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { signDomain } from "../../../protocol/crypto/index.ts";
import { cosignatureMessage, headBody, withOwnTime } from "../../../protocol/feed/index.ts";
import { MAX_CLOCK_SKEW_MS, STALE_FEED_MS, STALE_SHOWN_MS } from "../../../protocol/limits.ts";
import type { MemoryFeed } from "../../sim/memory-feed.ts";
import { alice, feedOf, follower, links } from "./rig-forks.ts";
import { kept, kinds, shower } from "./rig-findings.ts";
import { Rig } from "./rig.ts";
import { feedServer } from "./stubs.ts";

const HOUR = 3_600_000;

/** The head of that size, of which the feed's key says at a time (ms) that it is the newest. */
function timedNote(feed: MemoryFeed, size: number, at: number): Uint8Array {
  const seconds = Math.floor(at / 1_000);
  const head = feed.head(size);
  return withOwnTime(head, seconds, signDomain(feed.seed, cosignatureMessage(seconds, headBody(head))));
}

test("a followed feed that others show without a fresh time is told of once, and anew after it was fresh", () => {
  const rig = new Rig();
  const feed = feedOf(3);
  const peer = follower(rig);
  let time = rig.now;
  rig.connect(
    peer,
    shower(rig, "shower", feed, () => [timedNote(feed, 3, time)]),
  );
  rig.pass(STALE_FEED_MS - 60_000);
  assert.deepEqual(kinds(peer), [], "fresh");
  rig.pass(60_000 + STALE_SHOWN_MS / 2);
  assert.deepEqual(kinds(peer), [], "a newer line may be on its way");
  rig.pass(STALE_SHOWN_MS);
  assert.deepEqual(kinds(peer), ["stale"]);
  assert.deepEqual(kept(peer, "stale").keys, [feed.head().key]);
  assert.equal(kept(peer, "stale").evidence, null);
  // A line that is too old itself ends nothing, however many of them come.
  for (let i = 1; i < 20; i++) {
    time += 60_000;
    rig.pass(10 * 60_000);
  }
  assert.deepEqual(kinds(peer), ["stale"]);
  time = rig.now;
  rig.pass(5 * 60_000);
  assert.deepEqual(kinds(peer), ["stale"]);
  rig.pass(STALE_FEED_MS + 2 * STALE_SHOWN_MS);
  assert.deepEqual(kinds(peer), ["stale", "stale"]);
  assert.equal(new Set(peer.findings.map(({ id }) => id)).size, 2);
});

test("a stale feed is told of once over restarts, and not by who was off or sees nobody", () => {
  const rig = new Rig();
  const feed = feedOf(3);
  const peer = follower(rig);
  const time = rig.now;
  const source = shower(rig, "shower", feed, () => [timedNote(feed, 3, time)]);
  rig.connect(peer, source);
  rig.pass(60_000);
  rig.disconnect(peer, source);
  rig.pass(10 * HOUR);
  assert.deepEqual(kinds(peer), [], "nobody shows it: that is silence, after two days");
  peer.stop();
  rig.pass(HOUR);
  peer.start();
  rig.connect(peer, source);
  rig.pass(STALE_SHOWN_MS / 2);
  assert.deepEqual(kinds(peer), [], "whoever was off hears what he missed first");
  rig.pass(2 * STALE_SHOWN_MS);
  assert.deepEqual(kinds(peer), ["stale"]);
  peer.stop();
  peer.start();
  rig.pass(2 * STALE_SHOWN_MS);
  assert.deepEqual(kinds(peer), ["stale"]);
});

test("the time line under which a feed came in is its newest, for whoever just met it too", () => {
  const rig = new Rig();
  const feed = feedOf(3);
  const peer = follower(rig);
  const note = timedNote(feed, 3, rig.now - HOUR);
  rig.connect(
    peer,
    shower(rig, "shower", feed, () => [note]),
  );
  rig.pass(60_000);
  assert.deepEqual(peer.status().feeds[0]?.timed, note);
});

test("a feed that nobody follows, or that bears fresh lines, is never stale", () => {
  const rig = new Rig();
  const feed = feedOf(3);
  const stranger = rig.peer("q");
  const peer = follower(rig);
  const source = shower(rig, "shower", feed, () => [timedNote(feed, 3, rig.now - HOUR)]);
  const old = shower(rig, "old", feed, () => [timedNote(feed, 3, rig.now - 30 * HOUR)]);
  rig.connect(peer, source);
  rig.connect(peer, old);
  rig.connect(stranger, old);
  rig.pass(24 * HOUR);
  assert.deepEqual(kinds(peer), [], "a mirror that lags makes nothing stale beside one that does not");
  assert.deepEqual(kinds(stranger), []);
});

test("a key that calls a smaller head its newest later than a larger one is told of, in either order, once", () => {
  for (const order of ["larger first", "smaller first"]) {
    const rig = new Rig();
    const feed = feedOf(9);
    const peer = follower(rig);
    const before = rig.now - HOUR;
    const two = [timedNote(feed, 9, before), timedNote(feed, 5, before + MAX_CLOCK_SKEW_MS + 1_000)];
    if (order === "smaller first") two.reverse();
    let shown = 1;
    rig.connect(
      peer,
      shower(rig, "shower", feed, () => [feed.note(9), ...two.slice(0, shown)]),
    );
    rig.pass(2 * 60_000);
    assert.deepEqual(kinds(peer), []);
    shown = 2;
    rig.pass(2 * 60_000);
    assert.deepEqual(kinds(peer), ["rollback"], order);
    assert.deepEqual(kept(peer, "rollback").keys, [feed.head().key]);
    // More of it, also after a restart, is the same matter.
    for (let i = 2; i < 6; i++) two.push(timedNote(feed, 9 - i, before + i * 2 * MAX_CLOCK_SKEW_MS));
    shown = two.length;
    rig.pass(5 * 60_000);
    peer.stop();
    peer.start();
    rig.pass(5 * 60_000);
    assert.deepEqual(kinds(peer), ["rollback"]);
  }
});

test("no rollback: heads and lines of an honest key in any order, clocks put right, lines of the future, lagging mirrors", () => {
  const at = (minutes: number): number => Date.UTC(2026, 0, 1) - HOUR + minutes * 60_000;
  const honest: readonly (readonly [string, readonly (readonly [number, number])[]])[] = [
    [
      "growing",
      [
        [2, at(0)],
        [5, at(20)],
        [9, at(40)],
      ],
    ],
    [
      "the same again",
      [
        [9, at(0)],
        [9, at(20)],
        [9, at(40)],
      ],
    ],
    [
      "a clock put right by less than clocks differ",
      [
        [9, at(0)],
        [5, at(4)],
      ],
    ],
    [
      "a line ahead of every clock",
      [
        [9, at(0)],
        [5, at(600)],
      ],
    ],
  ];
  for (const [what, lines] of honest) {
    for (const turn of [0, 1, 2]) {
      const rig = new Rig();
      const feed = feedOf(9);
      const peer = follower(rig);
      const notes = lines.map(([size, time]) => timedNote(feed, size, time));
      const turned = [...notes.slice(turn), ...notes.slice(0, turn)];
      let shown = 0;
      const lagging = shower(rig, "lagging", feed, () => [feed.note(3), notes[0] ?? feed.note(3)]);
      rig.connect(
        peer,
        shower(rig, "shower", feed, () => [feed.note(9), ...turned.slice(0, shown)]),
      );
      rig.connect(peer, lagging);
      for (; shown <= turned.length; shown++) rig.pass(60_000);
      assert.deepEqual(kinds(peer), [], `${what}, turned by ${turn}`);
    }
  }
});

test("an own head that the store lacks is told of once, however many come; where there is a proof, the fork too", () => {
  const cases = [
    ["larger", [feedOf(5), feedOf(6), feedOf(7)], []],
    ["another history", [feedOf(2).append(links[7] ?? new Uint8Array(0))], ["fork"]],
    ["a smaller one of another history", [feedOf(1).append(links[7] ?? new Uint8Array(0))], ["fork"]],
  ] as const;
  for (const [what, feeds, proven] of cases) {
    const rig = new Rig();
    const peer = rig.peer("a", { seed: alice.seed, first: true });
    peer.publish(...links.slice(0, 3));
    for (const [i, feed] of feeds.entries()) rig.connect(peer, feedServer(rig, `shower ${i}`, feed));
    rig.pass(60_000);
    assert.deepEqual(new Set(kinds(peer)), new Set(["own-elsewhere", ...proven]), what);
    assert.equal(kinds(peer).length, 1 + proven.length);
    assert.equal(kept(peer, "own-elsewhere").evidence, null);
    if (proven.length > 0) assert.ok(kept(peer, "fork").evidence !== null);
    peer.stop();
    peer.start(false);
    rig.pass(60_000);
    assert.equal(kinds(peer).length, 1 + proven.length, "the same matter after a restart");
  }
});

test("own heads that the store holds, and heads that others made under the own name, tell of nothing", () => {
  const rig = new Rig();
  const peer = rig.peer("a", { seed: alice.seed, first: true });
  peer.publish(...links.slice(0, 3));
  for (const size of [1, 2, 3]) rig.connect(peer, feedServer(rig, `shower ${size}`, feedOf(size)));
  const forged = feedOf(9).note();
  forged[forged.length - 5] = (forged[forged.length - 5] ?? 0) ^ 1;
  const forger = shower(rig, "forger", feedOf(9), () => [forged]);
  rig.connect(peer, forger);
  rig.pass(60_000);
  assert.deepEqual(kinds(peer), []);
  assert.equal(peer.dropped.has("forger"), true);
});
