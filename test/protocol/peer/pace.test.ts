/** What a peer says of its own synchronisation: what is missing, how fast it comes, and when it will be here. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { PACE_WINDOW_MS, WITHHELD_AFTER_MS } from "../../../protocol/limits.ts";
import { Builder, packageNumber } from "../../sim/builder.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { NETWORK, Rig } from "./rig.ts";
import { feedServer } from "./stubs.ts";

const alice = new Builder(1);
const feed = new MemoryFeed(1, NETWORK).append(
  ...Array.from({ length: 700 }, (_, i) => alice.link(packageNumber(i), "same")),
);
const follow = { builders: [alice.key] };

test("what is missing is told page by page, with a rate that is what came and a time that is what is left of it", () => {
  const rig = new Rig();
  const peer = rig.peer("p", { follow });
  const nothing = { feeds: 0, missing: 0, rate: 0, seconds: 0 };
  assert.deepEqual(peer.status().sync, nothing);
  // Three pages come, then nothing: the source answers no more questions.
  let pages = 0;
  const source = feedServer(rig, "s", feed, (request, blobs) =>
    request.kind === "entries" && ++pages > 3 ? null : blobs,
  );
  rig.connect(peer, source);
  rig.pass(2_000);
  const { held } = peer.status().feeds[0] ?? assert.fail("no feed");
  assert.ok(held > 0 && held < 700, `${held} held`);
  const { feeds, missing, rate, seconds } = peer.status().sync;
  assert.deepEqual([feeds, missing], [1, 700 - held]);
  // All of it came within the two seconds that have passed since the start.
  assert.ok(rate >= Math.round(held / 2.1) && rate <= held, `${rate}/s of ${held} in 2 s`);
  assert.equal(seconds, Math.ceil(missing / rate));
  rig.pass(2 * PACE_WINDOW_MS);
  assert.deepEqual(peer.status().sync, { feeds: 1, missing: 700 - held, rate: 0, seconds: null });
  pages = -100;
  rig.pass(5_000);
  const whole = peer.status().sync;
  assert.deepEqual([whole.feeds, whole.missing, whole.seconds], [0, 0, 0]);
  assert.ok(whole.rate >= Math.floor((700 - held) / 11), `${whole.rate}/s`);
  rig.pass(2 * PACE_WINDOW_MS);
  assert.deepEqual(peer.status().sync, nothing);
});

test("a feed whose entries nobody serves is not waited for, nor is the own one", () => {
  const rig = new Rig();
  const peer = rig.peer("p", { follow });
  rig.connect(
    peer,
    feedServer(rig, "s", feed, (request, blobs) => (request.kind === "entries" ? null : blobs)),
  );
  rig.pass(2_000);
  assert.deepEqual(peer.status().sync, { feeds: 1, missing: 700, rate: 0, seconds: null });
  rig.pass(2 * WITHHELD_AFTER_MS + 60_000);
  assert.equal(peer.findings[0]?.kind, "withheld");
  assert.deepEqual(peer.status().sync, { feeds: 0, missing: 0, rate: 0, seconds: 0 });
});

test("a clock that is set back leaves no rate of the future behind", () => {
  const rig = new Rig();
  const peer = rig.peer("p", { follow });
  rig.connect(peer, feedServer(rig, "s", feed));
  rig.pass(3_000);
  assert.ok(peer.status().sync.rate > 0);
  rig.now -= 3_600_000;
  assert.equal(peer.status().sync.rate, 0);
  rig.pass(1_000);
  assert.equal(peer.status().sync.rate, 0);
});
