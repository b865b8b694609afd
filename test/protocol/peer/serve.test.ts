import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { checkConsistency, rootOf, leafHash } from "../../../protocol/feed/index.ts";
import { evidenceId } from "../../../protocol/evidence/index.ts";
import { fromHex } from "../../../protocol/bytes/index.ts";
import { MAX_PEER_SERVING, MAX_SERVING } from "../../../protocol/limits.ts";
import {
  readQueryAnswer,
  readTilesAnswer,
  readTilesRequest,
  writeQueryRequest,
  writeRecordsRequest,
  writeTilesAnswer,
  writeTilesRequest,
} from "../../../protocol/wire/index.ts";
import type { TilesAnswer, TilesRequest } from "../../../protocol/wire/index.ts";
import { Builder, packageNumber } from "../../sim/builder.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { NETWORK, Rig } from "./rig.ts";
import type { RigPeer } from "./rig.ts";

const alice = new Builder(1);
const COUNT = 600;
const links = Array.from({ length: COUNT }, (_, i) => alice.link(packageNumber(i), "same"));
const feed = new MemoryFeed(1, NETWORK).append(...links);

/** A peer that holds the feed, in writes of every length so that rows of hashes are of every length too. */
function holder(rig = new Rig()): RigPeer {
  const peer = rig.peer("p", { follow: { builders: [alice.key] } });
  for (let size = 0, step = 1; size < COUNT; step = (step % 29) + 1) {
    const next = Math.min(COUNT, size + step);
    peer.gossiped("feeds", feed.branch(next).update(size), "x");
    rig.pass(1_000);
    size = next;
  }
  assert.equal(peer.held(feed.origin), COUNT);
  return peer;
}

const peer = holder();

function ask(request: TilesRequest, from = "y"): TilesAnswer | null {
  let answer: TilesAnswer | null = null;
  peer.asked("tiles", writeTilesRequest(request), from, (bytes) => {
    answer = bytes === null ? null : readTilesAnswer(bytes);
  });
  return answer;
}

const { origin } = feed;
const note = feed.note();

test("hands out tiles of every level and width as the tree has them", () => {
  const tiles = [
    { level: 0, index: 0, width: 256 },
    { level: 0, index: 1, width: 256 },
    { level: 0, index: 1, width: 100 },
    { level: 0, index: 2, width: 88 },
    { level: 1, index: 0, width: 2 },
    { level: 1, index: 0, width: 1 },
  ];
  const answer = ask({ kind: "tiles", origin, tiles });
  assert.deepEqual(answer?.blobs, feed.answer({ kind: "tiles", origin, tiles }));
  const beyond = ask({
    kind: "tiles",
    origin,
    tiles: [
      { level: 0, index: 2, width: 89 },
      { level: 0, index: 3, width: 1 },
      { level: 1, index: 0, width: 3 },
      { level: 2, index: 0, width: 1 },
    ],
  });
  assert.deepEqual(
    beyond?.blobs.map((blob) => blob.length),
    [0, 0, 0, 0],
  );
});

test("proves every size consistent with every larger one", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: COUNT - 1 }), fc.nat(COUNT), (from, more) => {
      const to = Math.min(COUNT, from + 1 + more);
      const answer = ask({ kind: "consistency", origin, from, to });
      const [root, ...proof] = answer?.blobs ?? [];
      assert.ok(root !== undefined);
      assert.deepEqual(root, feed.root(from));
      checkConsistency(from, to, root, rootOf(links.slice(0, to).map(leafHash)), proof);
    }),
    { numRuns: 60 },
  );
});

test("an answer has as many entries as fit, however few rows a page of the store has", () => {
  const all = ask({ kind: "entries", origin, from: 0, count: COUNT }, "filler");
  assert.equal(all?.next, COUNT);
  assert.deepEqual(all.blobs, links);
});

test("an answer of large entries ends at the limit, and the next one goes on there", () => {
  const rig = new Rig();
  const large = Array.from({ length: 30 }, (_, i) => new Uint8Array(60_000).fill(i + 1));
  const big = new MemoryFeed(2, NETWORK).append(...large);
  const server = rig.stub("s", (_, bytes) => {
    const request = readTilesRequest(bytes);
    const blobs = big.answer(request);
    const few = request.kind === "entries" ? blobs.slice(0, 10) : blobs;
    return writeTilesAnswer({ blobs: few, next: 0, code: "" });
  });
  const keeper = rig.peer("keeper", { follow: { all: true } });
  rig.connect(keeper, server);
  rig.pass(5_000);
  assert.equal(keeper.held(big.origin), 30);
  const got: Uint8Array[] = [];
  const lengths: number[] = [];
  for (let asked = 0; got.length < 30 && asked < 30; asked++) {
    const question = writeTilesRequest({ kind: "entries", origin: big.origin, from: got.length, count: 30 });
    keeper.asked("tiles", question, "y", (bytes) => {
      const { blobs } = readTilesAnswer(bytes ?? assert.fail("refused"));
      got.push(...blobs);
      lengths.push(blobs.length);
    });
  }
  assert.deepEqual(got, large);
  assert.deepEqual(lengths, [16, 14], "960 KiB hold 16 of them");
});

test("hands out entries from anywhere, and says what it does not hold", () => {
  const entries = ask({ kind: "entries", origin, from: 255, count: 3 });
  assert.deepEqual(entries?.blobs, links.slice(255, 258));
  assert.equal(entries?.next, 258);
  assert.equal(ask({ kind: "entries", origin, from: COUNT, count: 1 })?.code, "peer/not-held");
  assert.equal(ask({ kind: "consistency", origin, from: 1, to: COUNT + 1 })?.code, "peer/not-held");
  const stranger = new MemoryFeed(9, NETWORK).origin;
  assert.equal(ask({ kind: "entries", origin: stranger, from: 0, count: 1 })?.code, "peer/unknown-feed");
  assert.deepEqual(ask({ kind: "evidence", origin })?.blobs, []);
  assert.deepEqual(ask({ kind: "evidence", id: new Uint8Array(32) })?.blobs, []);
});

test("tells its heads in pages, the largest of each feed", () => {
  const rig = new Rig();
  const many = rig.peer("many");
  for (let seed = 1; seed <= 250; seed++) {
    many.gossiped("feeds", new MemoryFeed(seed, NETWORK).append("a", "b").update(0), `n${seed}`);
    rig.pass(1_000);
  }
  const late = rig.peer("late");
  rig.connect(many, late);
  rig.pass(60_000);
  assert.equal(late.status().feeds.length, many.status().feeds.length);
  assert.equal(many.status().feeds.length, 250);
});

test("evidence is handed out by feed and by id", () => {
  const rig = new Rig();
  const witness = rig.peer("w", { follow: { builders: [alice.key] } });
  witness.gossiped("feeds", feed.branch(5).update(0), "x");
  witness.gossiped("feeds", feed.branch(4).append("other").update(0), "x");
  const id = fromHex(evidenceId("fork", [alice.key.raw], null));
  for (const request of [
    { kind: "evidence", origin },
    { kind: "evidence", id },
  ] as const) {
    let blobs: readonly Uint8Array[] = [];
    witness.asked("tiles", writeTilesRequest(request), "y", (bytes) => {
      if (bytes !== null) ({ blobs } = readTilesAnswer(bytes));
    });
    assert.deepEqual(blobs, [witness.findings[0]?.evidence]);
  }
});

test("answers questions by target in pages that fit together", () => {
  const targets = Array.from({ length: COUNT }, (_, i) => packageNumber(i).key);
  const found = new Map<number, Uint8Array>();
  let page: Uint8Array | null = new Uint8Array(0);
  let pages = 0;
  while (page !== null) {
    const request = writeQueryRequest({ targets, digests: [], builders: [alice.key.raw], page });
    page = null;
    pages++;
    peer.asked("query", request, "y", (bytes) => {
      if (bytes === null) return;
      const answer = readQueryAnswer(bytes);
      assert.deepEqual(answer.checkpoints, [note]);
      for (const { index, entry, path } of answer.found) {
        if (index % 50 === 0) assert.deepEqual(path, feed.inclusion(index));
        found.set(index, entry);
      }
      page = answer.next.length > 0 ? answer.next : null;
    });
  }
  assert.equal(found.size, COUNT);
  assert.ok(pages >= 1);
});

test("whoever asks too much is refused for a while, others are not", () => {
  let refused = 0;
  peer.store.page = COUNT;
  for (let i = 0; i < 400 && refused === 0; i++) {
    if (ask({ kind: "entries", origin, from: 0, count: COUNT }, "greedy") === null) refused++;
  }
  assert.ok(refused > 0);
  assert.ok(ask({ kind: "entries", origin, from: 0, count: 1 }, "modest") !== null);
  assert.ok(ask({ kind: "entries", origin, from: 0, count: 1 }, "p") !== null, "its own questions are free");
});

test("two who ask for what takes long leave others a place (I9)", () => {
  const busy = new Rig().peer("busy", { follow: { builders: [alice.key] } });
  busy.gossiped("feeds", feed.branch(9).update(0), "x");
  let isSlow = true;
  const slow: number[] = [];
  busy.fault = (effect) => {
    if (!isSlow || effect.kind !== "read") return null;
    slow.push(effect.token);
    return "hang";
  };
  const answered: string[] = [];
  const asks = (from: string, count: number): void => {
    for (let i = 0; i < count; i++)
      busy.asked("tiles", writeTilesRequest({ kind: "entries", origin, from: 0, count: 1 }), from, (bytes) =>
        answered.push(bytes === null ? `${from} refused` : from),
      );
  };
  asks("greedy", MAX_SERVING);
  assert.equal(slow.length, MAX_SERVING / 2);
  asks("other", MAX_SERVING);
  assert.equal(slow.length, MAX_SERVING / 2 + MAX_PEER_SERVING);
  isSlow = false;
  answered.length = 0;
  asks("modest", 1);
  asks("greedy", 1);
  assert.deepEqual(answered, ["modest", "greedy refused"]);
  for (const token of slow) busy.handle({ kind: "failed", token, code: "test/disk" });
  asks("greedy", MAX_SERVING);
  assert.equal(answered.filter((one) => one === "greedy").length, MAX_SERVING);
});

test("octets that are no question are refused and their sender hung up on", () => {
  for (const stream of ["tiles", "query", "records"] as const) {
    const rig = new Rig();
    const one = rig.peer("one");
    let answers = 0;
    one.asked(stream, new TextEncoder().encode("junk"), "liar", (bytes) => {
      assert.equal(bytes, null);
      answers++;
    });
    assert.equal(answers, 1);
    assert.ok(one.dropped.has("liar"));
    assert.equal(one.status().counters.get("internal/impossible"), undefined);
  }
});

test("any octets as question or as answer end in one answer, never in an internal error", () => {
  const good = [
    ["tiles", writeTilesRequest({ kind: "entries", origin, from: 0, count: 9 })],
    ["tiles", writeTilesRequest({ kind: "tiles", origin, tiles: [{ level: 0, index: 0, width: 9 }] })],
    [
      "query",
      writeQueryRequest({
        targets: [packageNumber(1).key],
        digests: [],
        builders: [],
        page: Uint8Array.of(0, 0, 0, 1),
      }),
    ],
    [
      "records",
      writeRecordsRequest({
        kind: "find",
        slots: [packageNumber(1).key],
        builders: [],
        page: new Uint8Array(0),
      }),
    ],
  ] as const;
  fc.assert(
    fc.property(fc.nat(3), fc.nat(), fc.nat(255), (which, at, octet) => {
      const [stream, frame] = good[which] ?? good[0];
      const bytes = frame.slice();
      bytes[at % bytes.length] = octet;
      let answers = 0;
      peer.asked(stream, bytes, `n${at % 50}`, () => answers++);
      assert.equal(answers, 1);
      assert.equal(peer.status().counters.get("internal/impossible"), undefined);
    }),
    { numRuns: 300 },
  );
});
