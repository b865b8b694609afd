import assert from "node:assert/strict";
import { test } from "node:test";
import { MIN_BULK_ENTRIES, SLOW_BUNDLE_MS, SLOW_BUNDLE_TIMES, TILE_WIDTH } from "../../../protocol/limits.ts";
import { bundlesIn } from "../../../protocol/peer/bundles-in.ts";
import { BundleRun } from "../../../protocol/peer/bundle-run.ts";
import type { BundleQuestion } from "../../../protocol/peer/bundle-run.ts";
import { octetsIn } from "../../../protocol/bytes/index.ts";
import { emptyRange } from "../../../protocol/feed/index.ts";
import { planSegment, readSegment } from "../../../protocol/peer/segment.ts";
import type { Segment } from "../../../protocol/peer/segment.ts";
import type { TilesRequest } from "../../../protocol/wire/index.ts";
import { readTilesAnswer, writeTilesAnswer, writeTilesRequest } from "../../../protocol/wire/index.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { NETWORK, Rig } from "./rig.ts";
import { feedServer, whole } from "./stubs.ts";

const SIZE = MIN_BULK_ENTRIES + 10 * TILE_WIDTH;
const small = feedOf(20);
const large = feedOf(900);
const JUNK = new Uint8Array(4_000);

function feedOf(octets: number): MemoryFeed {
  const entries = Array.from({ length: SIZE }, (_, i) => `${i} `.padEnd(octets, "."));
  return new MemoryFeed(1, NETWORK).append(...entries);
}

function segmentOf(feed: MemoryFeed): Segment {
  const plan = planSegment(0, feed.entries.length);
  const tiles: TilesRequest = { kind: "tiles", origin: feed.origin, tiles: plan.tiles };
  return readSegment(emptyRange, plan, feed.answer(tiles)) ?? assert.fail("no segment");
}

function question(first: number, count: number, isBeyond = false): BundleQuestion {
  return { peer: "s", first, count, since: 0, overtaken: false, isBeyond };
}

/** What a run keeps of these blobs, in one frame as it comes from a source. */
function keep(run: BundleRun, asked: BundleQuestion, blobs: readonly Uint8Array[]): number {
  const frame = writeTilesAnswer({ blobs, next: 0, code: "" });
  const answer = readTilesAnswer(frame);
  return run.keep(asked, bundlesIn(run.segment, asked, answer.blobs).bundles, frame.length);
}

/** Octets that bundles which wait keep alive. */
function alive({ early }: BundleRun): number {
  const entries = [...early.values()].flatMap((bundle) => bundle.entries);
  return [...new Set(entries.map(({ buffer }) => buffer))].reduce((sum, one) => sum + one.byteLength, 0);
}

test("a bundle counts what it keeps alive: its answer once, or a copy where most of that is something else", () => {
  const honest = new BundleRun(segmentOf(large));
  const four = large.entries.slice(0, 4 * TILE_WIDTH);
  assert.equal(keep(honest, question(0, 4), four), alive(honest));
  assert.ok(alive(honest) < octetsIn(four) + 4_096, "what is kept is a view of the answer");
  assert.equal(new Set([...honest.early.values()].map(({ entries: [one] }) => one?.buffer)).size, 1);

  for (const padding of [
    [],
    // Another bundle in name, and none.
    Array.from({ length: TILE_WIDTH }, () => JUNK),
    // Not even that.
    Array.from({ length: TILE_WIDTH - 20 }, () => JUNK),
  ]) {
    const run = new BundleRun(segmentOf(small));
    const bundle = small.entries.slice(TILE_WIDTH, 2 * TILE_WIDTH);
    const counted = keep(run, question(1, 2), [...bundle, ...padding]);
    assert.deepEqual([...run.early.keys()], [1]);
    assert.deepEqual(run.early.get(1)?.entries, bundle);
    assert.ok(
      alive(run) <= counted && counted < 2 * octetsIn(bundle),
      `${counted} octets of ${octetsIn(bundle)}`,
    );
  }
});

test("what is asked for beyond the bound is kept where the feed waits for it, and not beside another answer (I9)", () => {
  const run = new BundleRun(segmentOf(small));
  const blobs = (first: number, count: number): readonly Uint8Array[] =>
    small.entries.slice(first * TILE_WIDTH, (first + count) * TILE_WIDTH);
  assert.ok(keep(run, question(0, 1, true), blobs(0, 1)) > 0, "the feed waits for this");
  assert.equal(keep(run, question(0, 4, true), blobs(0, 4)), 0, "two answers of one feed");
  assert.deepEqual([...run.early.keys()], [0]);
  assert.ok(keep(run, question(4, 2), blobs(4, 2)) > 0, "there was room for this when it was asked for");
  // Appended.
  run.early.delete(run.next++);
  assert.ok(keep(run, question(0, 4, true), blobs(0, 4)) > 0);
  assert.deepEqual([...run.early.keys()], [4, 5, 1, 2, 3]);
});

test("a bundle that waits for the store is not asked for again, however slow its source is", () => {
  const run = new BundleRun(segmentOf(small));
  run.questions.add(question(0, 4));
  const late = SLOW_BUNDLE_TIMES * SLOW_BUNDLE_MS + 1;
  assert.deepEqual(run.heldUp(late), [0, 4]);
  keep(run, question(0, 1), small.entries.slice(0, TILE_WIDTH));
  assert.equal(run.heldUp(late), null);
});

test("who gives more entries than were asked for is hung up on, for a bundle as for a page", () => {
  for (const size of [SIZE, 50]) {
    const rig = new Rig();
    const feed = small.branch(size);
    const peer = rig.peer("p", { follow: { origins: [feed.origin] } });
    const honest = whole(feed);
    const padding = feedServer(rig, "padding", feed, (request, blobs) => {
      const given = honest(request, blobs);
      return request.kind === "entries" && Array.isArray(given) ? [...given, JUNK] : given;
    });
    rig.connect(peer, padding);
    rig.pass(1_000);
    assert.deepEqual([...peer.dropped], [["padding", "wire/bad-field"]]);
    assert.equal(peer.held(feed.origin), 0);
    rig.connect(peer, feedServer(rig, "honest", feed, honest));
    rig.pass(30_000);
    assert.equal(peer.held(feed.origin), size);
    assert.deepEqual(peer.findings, []);
  }
});

test("a range that begins and ends inside rows of several entries is answered with no more than it asks for", () => {
  const rig = new Rig();
  const feed = small.branch(SIZE);
  const peer = rig.peer("p", { follow: { origins: [feed.origin] } });
  rig.connect(peer, feedServer(rig, "s", feed, whole(feed)));
  rig.pass(5_000);
  assert.equal(peer.held(feed.origin), SIZE);
  for (const [from, count] of [
    [0, 1],
    [5, 3],
    [5, 20],
    [15, 34],
    [16, 16],
    [SIZE - 3, 9],
  ] as const) {
    const bytes = writeTilesRequest({ kind: "entries", origin: feed.origin, from, count });
    let given: readonly Uint8Array[] = [];
    peer.asked("tiles", bytes, "y", (answer) => {
      if (answer !== null) given = readTilesAnswer(answer).blobs;
    });
    rig.pass(100);
    assert.deepEqual(given, feed.entries.slice(from, from + count), `${from} + ${count}`);
  }
});
