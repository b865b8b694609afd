/** What is kept of a feed: its state, and its entries, in rows of their own or several in one, of which whoever reads them is told the same. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { concat } from "../../../protocol/bytes/index.ts";
import { MAX_PACK_BYTES, MAX_UNRESOLVED_HEADS, PACK_ENTRIES, TILE_WIDTH } from "../../../protocol/limits.ts";
import {
  blobsIn,
  entriesIn,
  entryKey,
  entryRange,
  noRows,
  packedRows,
  packKey,
  runOf,
  singleRows,
} from "../../../protocol/peer/entry-rows.ts";
import type { EngineConfig, Row } from "../../../protocol/peer/index.ts";
import { rowsOf } from "../../../protocol/peer/rows.ts";
import { readTilesAnswer, splitBlobs, writeTilesRequest } from "../../../protocol/wire/index.ts";
import { Builder, packageNumber } from "../../sim/builder.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { NETWORK, Rig } from "./rig.ts";
import type { RigPeer } from "./rig.ts";
import { RowStore } from "./rows-store.ts";
import { feedServer, whole } from "./stubs.ts";
import { emptyRange } from "../../../protocol/feed/index.ts";
import type { SignedHead } from "../../../protocol/feed/index.ts";
import { readFeedRow, writeFeedRow } from "../../../protocol/peer/feed-row.ts";
import { FeedState } from "../../../protocol/peer/feed-state.ts";

const ENTRY = "e".charCodeAt(0);
const NO = 7;
const LENGTH = 200;
const entry = (index: number): Uint8Array => new Uint8Array(1 + (index % 3)).fill(index);
const entries = Array.from({ length: LENGTH }, (_, index) => entry(index));

/** Writes of so many entries, each as a bundle or not. */
const writes = fc.array(fc.record({ count: fc.integer({ min: 1, max: 60 }), isBulk: fc.boolean() }), {
  minLength: 1,
  maxLength: 12,
});

/** A store with the first entries in such rows, and how many. */
function written(parts: readonly { count: number; isBulk: boolean }[]): { store: RowStore; size: number } {
  const store = new RowStore();
  let size = 0;
  for (const { count, isBulk } of parts) {
    const some = entries.slice(size, size + count);
    store.apply((isBulk ? packedRows : singleRows)(NO, size, some));
    size += some.length;
  }
  // Another feed's, before and behind.
  for (const no of [NO - 1, NO + 1]) store.apply(packedRows(no, 0, entries));
  return { store, size };
}

test("from wherever one reads, the same entries come, also page by page and as blobs", () => {
  fc.assert(
    fc.property(
      writes,
      fc.nat(LENGTH),
      fc.nat(70),
      fc.integer({ min: 1, max: 20 }),
      (parts, a, count, page) => {
        const { store, size } = written(parts);
        const from = Math.min(a, size - 1);
        const to = Math.min(size, from + count + 1);
        const rows = store.whole(entryRange(NO, from, to));
        assert.deepEqual(entriesIn(rows, from, to), entries.slice(from, to));
        const runs = blobsIn(rows, from, to);
        assert.deepEqual(splitBlobs(concat(...runs.map(({ blobs }) => blobs))), entries.slice(from, to));
        assert.equal(
          runs.reduce((sum, run) => sum + run.count, 0),
          to - from,
        );
        // As the engine reads: on from where a page ended.
        store.page = page;
        for (let at = from; at < to;) {
          const some = entriesIn(store.read(entryRange(NO, at, to)).rows, at, to);
          assert.ok(some.length > 0, `nothing at ${at}`);
          assert.deepEqual(some, entries.slice(at, at + some.length));
          at += some.length;
        }
      },
    ),
    { numRuns: 500 },
  );
});

test("an entry stands in one row, and goes with it", () => {
  fc.assert(
    fc.property(writes, fc.nat(LENGTH), (parts, a) => {
      const { store, size } = written(parts);
      const runs = store.whole(entryRange(NO, 0, size)).map(runOf);
      let next = 0;
      for (const { index, entries: some } of runs) {
        assert.equal(index, next);
        next += some.length;
      }
      assert.equal(next, size);
      // From where a row begins.
      const from = runs.findLast(({ index }) => index <= a)?.index ?? 0;
      store.apply(noRows(NO, from, size));
      assert.deepEqual(
        store.whole(entryRange(NO, 0, size)).flatMap((row) => runOf(row).entries),
        entries.slice(0, from),
      );
      assert.equal(entriesIn(store.whole(entryRange(NO - 1, 0, LENGTH)), 0, LENGTH).length, LENGTH);
      assert.equal(entriesIn(store.whole(entryRange(NO + 1, 0, LENGTH)), 0, LENGTH).length, LENGTH);
    }),
    { numRuns: 300 },
  );
});

test("a gap ends what is read", () => {
  const store = new RowStore();
  store.apply(packedRows(NO, 0, entries.slice(0, 64)));
  store.apply([{ op: "delete", key: packKey(NO, 20) }]);
  const rows = store.whole(entryRange(NO, 3, 64));
  assert.deepEqual(entriesIn(rows, 3, 64), entries.slice(3, 16));
  assert.deepEqual(
    splitBlobs(concat(...blobsIn(rows, 3, 64).map(({ blobs }) => blobs))),
    entries.slice(3, 16),
  );
  assert.deepEqual(entriesIn(rows, 16, 64), []);
  // So does a row that is damaged.
  store.apply([{ op: "put", key: packKey(NO, 0), value: Uint8Array.of(0x0a, 9, 1) }]);
  assert.deepEqual(entriesIn(store.whole(entryRange(NO, 0, 16)), 0, 16), []);
  store.apply([{ op: "put", key: packKey(NO, 0), value: Uint8Array.of(0x0a, 1, 1) }]);
  assert.deepEqual(entriesIn(store.whole(entryRange(NO, 0, 16)), 0, 16), []);
});

test("only whole rows of small entries stand together", () => {
  const large = Array.from(
    { length: 2 * PACK_ENTRIES },
    (_, i) =>
      new Uint8Array(i < PACK_ENTRIES ? MAX_PACK_BYTES / PACK_ENTRIES : 1 + MAX_PACK_BYTES / PACK_ENTRIES),
  );
  const keys = packedRows(NO, 0, large).map(({ key }) => key);
  assert.deepEqual(keys[0], packKey(NO, 0));
  assert.deepEqual(
    keys.slice(1),
    large.slice(PACK_ENTRIES).map((_, i) => entryKey(NO, PACK_ENTRIES + i)),
  );
  assert.equal(packedRows(NO, 1, entries.slice(0, 30)).length, 30);
  assert.equal(packedRows(NO, 0, entries.slice(0, 15)).length, 15);
  assert.equal(TILE_WIDTH % PACK_ENTRIES, 0);
});

const alice = new Builder(1);
const COUNT = 2_000;
const feed = new MemoryFeed(1, NETWORK).append(
  ...Array.from({ length: COUNT }, (_, i) => alice.link(packageNumber(i), "same")),
);
const follow = { builders: [alice.key] };

/** A peer that got most of the feed as bundles, and the rest by gossip. */
function follower(rig: Rig, following: Partial<EngineConfig["follow"]> = follow): RigPeer {
  const peer = rig.peer("p", { follow: following });
  const early = feed.branch(COUNT - 10);
  const source = feedServer(rig, "s", early, whole(early));
  rig.connect(peer, source);
  rig.pass(5_000);
  rig.disconnect(peer, source);
  peer.gossiped("feeds", feed.update(COUNT - 10), "x");
  rig.pass(20_000);
  assert.equal(peer.held(feed.origin), COUNT);
  return peer;
}

const entryRows = (peer: RigPeer): readonly Row[] => peer.store.whole(rowsOf("e", COUNT));

test("what came as bundles is served, found, and kept over a restart like what came alone", () => {
  const rig = new Rig();
  const peer = follower(rig);
  const rows = entryRows(peer);
  assert.ok(rows.length < COUNT / PACK_ENTRIES + 20, `${rows.length} rows`);
  const again = (): void => {
    for (const from of [0, 1, 15, 16, 17, COUNT - 40, COUNT - 11, COUNT - 1]) {
      const answers: Uint8Array[] = [];
      const request = { kind: "entries", origin: feed.origin, from, count: 35 } as const;
      peer.asked("tiles", writeTilesRequest(request), "y", (bytes) => void (bytes && answers.push(bytes)));
      const [answer = assert.fail()] = answers;
      assert.deepEqual(readTilesAnswer(answer).blobs, feed.entries.slice(from, from + 35));
    }
    for (const index of [0, 15, 16, 1_000, COUNT - 11, COUNT - 1]) {
      const { found } = peer.find({ targets: [packageNumber(index).key] });
      assert.deepEqual(
        found.map((one) => one.entry),
        [feed.entries[index]],
      );
    }
  };
  again();
  peer.start();
  rig.pass(1_000);
  assert.equal(peer.held(feed.origin), COUNT);
  again();
});

test("a write of bundles that failed and is there all the same leaves no entry in two rows", () => {
  const rig = new Rig();
  const peer = rig.peer("p", { follow });
  let failed = false;
  peer.fault = (effect) => {
    const isFirst = !failed && effect.kind === "store" && effect.ops.some(({ key }) => key[0] === ENTRY);
    failed ||= isFirst;
    return isFirst ? "persist-and-fail" : null;
  };
  rig.connect(peer, feedServer(rig, "s", feed, whole(feed)));
  for (let ms = 0; ms < 1_000 && peer.store.count("e") === 0; ms++) rig.pass(1);
  assert.equal(peer.held(feed.origin), 0);
  assert.ok(peer.store.has(packKey(1, 0)));
  // Page by page now, since something failed: in rows of their own.
  rig.pass(20_000);
  assert.equal(peer.held(feed.origin), COUNT);
  assert.ok(peer.store.has(entryKey(1, 0)));
  const indexes = entryRows(peer).flatMap((row) => {
    const { index, entries: some } = runOf(row);
    return some.map((_, i) => index + i);
  });
  assert.deepEqual(indexes, [...feed.entries.keys()]);
});

test("nothing stays of a feed that goes", () => {
  const rig = new Rig();
  const peer = follower(rig, { all: true });
  assert.ok(peer.store.count("t") === COUNT);
  peer.command({ do: "prune" });
  rig.pass(60_000);
  assert.deepEqual(
    ["e", "h", "t", "d", "q"].map((kind) => peer.store.count(kind)),
    [0, 0, 0, 0, 0],
  );
});

const HEADS = 2 * MAX_UNRESOLVED_HEADS;

const short = new MemoryFeed(1).append(...Array.from({ length: HEADS }, (_, i) => `entry ${i}`));
const heads = Array.from({ length: HEADS }, (_, i) => short.head(i + 1));

function state(): FeedState {
  return new FeedState(1, short.origin, short.head().key, "followed", true);
}

function sizesWanted(of: FeedState): readonly (number | undefined)[] {
  return Array.from({ length: HEADS }, (_, failures) => of.wantedAfter(failures)?.size);
}

test("unresolved heads are wanted largest first, each in its turn, in whatever order they came, after a restart too", () => {
  const shown = fc.shuffledSubarray(heads, { minLength: 1 });
  fc.assert(
    fc.property(shown, fc.subarray(heads), (came, joined) => {
      const known = state();
      let kept: SignedHead[] = [];
      for (const head of came) {
        known.keepUnresolved(head);
        kept = [...kept, head].sort((a, b) => b.size - a.size).slice(0, MAX_UNRESOLVED_HEADS);
      }
      for (const head of joined) known.resolve(head);
      kept = kept.filter((head) => !joined.includes(head));
      const turns = Array.from({ length: HEADS }, (_, failures) => kept[failures % kept.length]?.size);
      assert.deepEqual(sizesWanted(known), turns);

      const again = state();
      readFeedRow(again, writeFeedRow(known, emptyRange), "test");
      assert.deepEqual(sizesWanted(again), turns);
    }),
    { numRuns: 50 },
  );
});
