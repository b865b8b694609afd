/** Time lines that are ahead of the clock (RULES R10): others', and own ones that a wrong clock has signed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { signDomain } from "../../../protocol/crypto/index.ts";
import { cosignatureMessage, headBody, timeOfTimed, withOwnTime } from "../../../protocol/feed/index.ts";
import { MAX_CLOCK_SKEW_MS, STALE_FEED_MS, TIME_LINE_MS } from "../../../protocol/limits.ts";
import { Builder, packageNumber } from "../../sim/builder.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { alice, feedOf, follower, links } from "./rig-forks.ts";
import { kinds, shower } from "./rig-findings.ts";
import { NETWORK, Rig } from "./rig.ts";
import type { RigPeer } from "./rig.ts";

const DAY = 24 * 3_600_000;
/** The last time that a line can say. */
const LAST_MS = 1_000 * (2 ** 53 - 1);

function timedNote(feed: MemoryFeed, size: number, at: number): Uint8Array {
  const seconds = Math.floor(at / 1_000);
  const head = feed.head(size);
  return withOwnTime(head, seconds, signDomain(feed.seed, cosignatureMessage(seconds, headBody(head))));
}

/** ms since 1970 of the time line that the peer has of Alice's feed; null for none. */
function timeOf(peer: RigPeer): number | null {
  const feed = peer.status().feeds.find(({ origin }) => origin === feedOf(1).origin);
  const timed = feed?.timed ?? null;
  return timed === null ? null : 1_000 * timeOfTimed(timed);
}

/** The peer's process ends and begins under a clock that says something else. */
function setClock(rig: Rig, peer: RigPeer, now: number): void {
  peer.stop();
  rig.now = now;
  peer.start();
}

test("a line ahead of the clock by more than clocks differ hides no honest one, however the head came", () => {
  for (const ahead of [3 * MAX_CLOCK_SKEW_MS, 30 * DAY, LAST_MS]) {
    for (const size of [2, 3]) {
      const rig = new Rig();
      const feed = feedOf(3);
      const peer = follower(rig);
      const future = timedNote(feed, size, Math.min(LAST_MS, rig.now + ahead));
      let shown = [future, feed.note(3)];
      const source = shower(rig, "shower", feed, () => shown);
      rig.connect(peer, source);
      rig.pass(60_000);
      assert.equal(timeOf(peer), null, `${ahead} ms ahead`);
      assert.ok((peer.status().counters.get("time-ahead") ?? 0) > 0);
      const honest = rig.now;
      shown = [timedNote(feed, 3, honest), future];
      rig.pass(60_000);
      assert.equal(timeOf(peer), honest - (honest % 1_000));
      assert.deepEqual(kinds(peer), []);
    }
  }
});

test("a line that clocks allow is kept, and an older one never takes its place", () => {
  const rig = new Rig();
  const feed = feedOf(3);
  const peer = follower(rig);
  const times = [rig.now + MAX_CLOCK_SKEW_MS - 60_000, rig.now - 60_000, rig.now - DAY];
  let shown = 1;
  rig.connect(
    peer,
    shower(rig, "shower", feed, () => times.slice(0, shown).map((time) => timedNote(feed, 3, time))),
  );
  for (; shown <= times.length; shown++) {
    rig.pass(60_000);
    assert.equal(timeOf(peer), times[0]);
  }
});

test("a line that was kept under a wrong clock gives way to an honest earlier one, over a restart", () => {
  const rig = new Rig();
  const feed = feedOf(3);
  const peer = follower(rig);
  const right = rig.now;
  rig.now += 30 * DAY;
  let time = rig.now;
  rig.connect(
    peer,
    shower(rig, "shower", feed, () => [timedNote(feed, 3, time)]),
  );
  rig.pass(60_000);
  assert.equal(timeOf(peer), right + 30 * DAY);
  setClock(rig, peer, right);
  time = right;
  rig.connect(
    peer,
    shower(rig, "another", feed, () => [timedNote(feed, 3, time)]),
  );
  rig.pass(60_000);
  assert.equal(timeOf(peer), right);
  const [view] = peer.status().feeds;
  assert.equal(view?.lifecycle, "appending");
  setClock(rig, peer, rig.now);
  assert.equal(timeOf(peer), right);
});

test("an own line that a clock ahead has signed ends no time lines: they go on when nobody is left who counts on it", () => {
  const rig = new Rig();
  const peer = rig.peer("a", { seed: alice.seed, first: true });
  const right = rig.now;
  rig.now += 30 * DAY;
  peer.publish(...links.slice(0, 2));
  rig.pass(120_000);
  const wrong = timeOf(peer) ?? 0;
  assert.ok(wrong > right + 29 * DAY);
  setClock(rig, peer, right);
  rig.pass(STALE_FEED_MS - 60_000);
  assert.equal(timeOf(peer), wrong, "the clock may be wrong only now, and be put right soon");
  rig.pass(10 * 60_000);
  const first = timeOf(peer) ?? 0;
  assert.ok(Math.abs(first - rig.now) < 15 * 60_000);
  rig.pass(TIME_LINE_MS + 10 * 60_000);
  assert.ok((timeOf(peer) ?? 0) >= first + TIME_LINE_MS);
});

test("an own clock that is behind signs no earlier times while a followed key signs later ones: nobody is given a rollback", () => {
  const rig = new Rig();
  const bob = new Builder(2);
  const other = new MemoryFeed(2, NETWORK).append(bob.link(packageNumber(1), "same"));
  const peer = rig.peer("a", { seed: alice.seed, first: true, follow: { builders: [bob.key] } });
  let behind = 0;
  rig.connect(
    peer,
    shower(rig, "b", other, () => [timedNote(other, 1, rig.now + behind)]),
  );
  peer.publish(...links.slice(0, 2));
  rig.pass(120_000);
  const before = timeOf(peer);
  assert.ok(before !== null);
  behind = 10 * 3_600_000;
  setClock(rig, peer, rig.now - behind);
  rig.pass(60_000);
  peer.publish(...links.slice(2, 4));
  rig.pass(2 * STALE_FEED_MS);
  assert.equal(peer.status().own?.size, 4);
  assert.equal(timeOf(peer), before);
});
