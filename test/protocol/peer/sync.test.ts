import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { MAX_SYNC_ASKS } from "../../../protocol/limits.ts";
import { readTilesRequest, writeTilesAnswer } from "../../../protocol/wire/index.ts";
import type { TilesRequest } from "../../../protocol/wire/index.ts";
import { Builder, packageNumber } from "../../sim/builder.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { NETWORK, Rig } from "./rig.ts";
import { feedServer } from "./stubs.ts";
import type { RigPeer } from "./rig.ts";

const alice = new Builder(1);
const links = Array.from({ length: 700 }, (_, i) => alice.link(packageNumber(i), "same"));

function feedOf(count: number): MemoryFeed {
  return new MemoryFeed(1, NETWORK).append(...links.slice(0, count));
}

function follower(rig: Rig, name = "p"): RigPeer {
  return rig.peer(name, { follow: { builders: [alice.key] } });
}

test("a late joiner fetches page by page, proves each page, and can prove entries to others", () => {
  for (const count of [1, 2, 100, 101, 256, 257, 700]) {
    const rig = new Rig();
    const feed = feedOf(count);
    const late = follower(rig, "late");
    rig.connect(late, feedServer(rig, "s", feed));
    rig.pass(1_000);
    assert.equal(late.held(feed.origin), count);
    const later = follower(rig, "later");
    rig.connect(late, later);
    rig.pass(1_000);
    assert.equal(later.held(feed.origin), count);
    assert.equal(later.status().feeds[0]?.indexed, count);
    assert.equal(later.status().claims, count);
    const asked = later.find({ targets: [packageNumber(count - 1).key], builders: [alice.key.raw] });
    assert.deepEqual(asked.found[0]?.path, feed.inclusion(count - 1));
  }
});

test("an engine that starts again goes on where the store ends", () => {
  const rig = new Rig();
  const feed = feedOf(450);
  const peer = follower(rig);
  let pages = 0;
  const stub = feedServer(rig, "s", feed, (request, blobs) => {
    if (request.kind === "entries" && ++pages > 2) return null;
    return blobs;
  });
  rig.connect(peer, stub);
  rig.pass(100);
  const before = peer.held(feed.origin);
  assert.ok(before > 0 && before < 450);
  peer.start();
  pages = -100;
  rig.pass(2_000);
  assert.equal(peer.held(feed.origin), 450);
  const froms = stub.questions.flatMap(({ bytes }) => {
    const request = readTilesRequest(bytes);
    return request.kind === "entries" ? [request.from] : [];
  });
  assert.equal(froms.filter((from) => from === 0).length, 1, "nothing is fetched twice");
});

test("a head whose entries nobody has does not keep a newcomer from those that are there (R18)", () => {
  const rig = new Rig();
  const feed = feedOf(700);
  const peer = follower(rig);
  /** Everybody holds 450, and has heard of a head of 700, whose publisher sleeps. */
  const others = ["s1", "s2"].map((name) =>
    feedServer(rig, name, feed, (request) => {
      if (request.kind === "heads") return [feed.note(700), feed.note(450)];
      if (request.kind === "consistency" && request.to > 450) return [];
      return feed.branch(450).answer(request);
    }),
  );
  for (const other of others) rig.connect(peer, other);
  rig.pass(60_000);
  assert.equal(peer.held(feed.origin), 450);
  assert.equal(peer.status().feeds[0]?.state, "withheld");
  rig.connect(peer, feedServer(rig, "publisher", feed));
  rig.pass(120_000);
  assert.equal(peer.held(feed.origin), 700);
});

test("what does not belong is not kept, whoever sends it, and an honest peer mends it", () => {
  const swap = (blobs: Uint8Array[], at: number): Uint8Array[] =>
    blobs.map((blob, i) => (i === at % blobs.length ? (links[699] ?? blob) : blob));
  const lies: ((request: TilesRequest, blobs: Uint8Array[]) => Uint8Array[] | null | "silent")[] = [
    (request, blobs) => (request.kind === "entries" ? swap(blobs, 7) : blobs),
    (request, blobs) => (request.kind === "entries" ? [...blobs].reverse() : blobs),
    (request, blobs) => (request.kind === "entries" ? [...blobs, ...blobs] : blobs),
    (request, blobs) => (request.kind === "entries" ? [] : blobs),
    (request, blobs) => (request.kind === "consistency" ? blobs.slice(1) : blobs),
    (request, blobs) => (request.kind === "consistency" ? [] : blobs),
    (request, blobs) => (request.kind === "heads" ? blobs : null),
    (request, blobs) => (request.kind === "heads" ? blobs : "silent"),
  ];
  for (const [number, lie] of lies.entries()) {
    const rig = new Rig();
    const feed = feedOf(150);
    const peer = follower(rig);
    rig.connect(peer, feedServer(rig, "liar", feed, lie));
    rig.pass(2_000);
    assert.deepEqual(peer.findings, [], `lie ${number}`);
    rig.connect(peer, feedServer(rig, "honest", feed));
    rig.pass(30_000);
    assert.equal(peer.held(feed.origin), 150, `lie ${number}`);
    assert.ok(peer.findings.every(({ kind }) => kind === "withheld"));
    assert.equal(peer.status().feeds[0]?.state, "open", `lie ${number}`);
    assert.equal(peer.status().counters.get("internal/impossible"), undefined, `lie ${number}`);
  }
});

test("heads of two histories are a fork, whichever comes first and however long they are (I2, I3)", () => {
  const base = feedOf(20);
  const one = base.branch(13).append("a", "b", "c");
  for (const size of [14, 15, 16, 17, 18, 200]) {
    const other = base.branch(13);
    while (other.entries.length < size) other.append(`other ${other.entries.length}`);
    for (const [first, second] of [
      [one, other],
      [other, one],
    ] as const) {
      const rig = new Rig();
      const peer = follower(rig);
      rig.connect(peer, feedServer(rig, "first", first));
      rig.pass(1_000);
      assert.equal(peer.held(first.origin), first.entries.length);
      rig.connect(peer, feedServer(rig, "second", second));
      rig.pass(5_000);
      assert.deepEqual(
        peer.findings.map(({ kind }) => kind),
        ["fork"],
        `${first.entries.length} then ${size}`,
      );
      assert.equal(peer.held(first.origin), first.entries.length, "what was accepted stays (I4)");
      const gossip = peer.seen.filter((effect) => effect.kind === "gossip" && effect.topic === "evidence");
      assert.equal(gossip.length, 2, "at once, and again with the tree that both begin with");
    }
  }
});

test("evidence of a fork spreads by gossip, and to those who connect later", () => {
  const rig = new Rig();
  const [a, b, c] = [follower(rig, "a"), follower(rig, "b"), follower(rig, "c")];
  rig.connect(a, b);
  rig.connect(a, feedServer(rig, "first", feedOf(5)));
  rig.connect(a, feedServer(rig, "second", feedOf(4).append("x")));
  rig.pass(3_000);
  for (const peer of [a, b])
    assert.deepEqual(
      peer.findings.map(({ kind }) => kind),
      ["fork"],
      peer.name,
    );
  rig.connect(b, c);
  rig.pass(3_000);
  assert.deepEqual(
    c.findings.map(({ kind }) => kind),
    ["fork"],
  );
  assert.equal(c.status().counters.get("internal/impossible"), undefined);
  assert.deepEqual([...c.dropped], []);
});

test("smaller heads of the same history are no fork and cost nothing", () => {
  const rig = new Rig();
  const peer = follower(rig);
  const feed = feedOf(300);
  rig.connect(peer, feedServer(rig, "s", feed));
  rig.pass(1_000);
  for (const size of [1, 2, 100, 255, 256, 257, 299]) {
    const stub = feedServer(rig, `old ${size}`, feed.branch(size));
    rig.connect(peer, stub);
  }
  rig.pass(3_000);
  assert.deepEqual(peer.findings, []);
  assert.equal(peer.status().feeds[0]?.state, "open");
  assert.equal(peer.held(feed.origin), 300);
});

test("leaves above the held head that nobody hands out are withheld, until they come (R18)", () => {
  const rig = new Rig();
  const peer = follower(rig);
  const feed = feedOf(10);
  rig.connect(peer, feedServer(rig, "s", feed));
  rig.pass(1_000);
  const grown = feedOf(12);
  const stingy = feedServer(rig, "stingy", grown, (request, blobs) =>
    request.kind === "entries" ? blobs.slice(0, 0) : blobs,
  );
  rig.connect(peer, stingy);
  rig.pass(60_000);
  assert.deepEqual(
    peer.findings.map(({ kind }) => kind),
    ["withheld"],
  );
  assert.equal(peer.status().feeds[0]?.state, "withheld");
  assert.equal(peer.held(feed.origin), 10);
  rig.pass(60_000);
  assert.equal(peer.findings.length, 1, "told once");
  rig.connect(peer, feedServer(rig, "generous", grown));
  rig.pass(10_000);
  assert.equal(peer.held(feed.origin), 12);
  assert.equal(peer.status().feeds[0]?.state, "open");
});

test("a pulled head is gossiped on alone, and pulled by those who hear of it", () => {
  const rig = new Rig();
  const [a, b] = [follower(rig, "a"), follower(rig, "b")];
  rig.connect(a, b);
  rig.pass(5_000);
  rig.connect(a, feedServer(rig, "s", feedOf(20)));
  rig.pass(1_000);
  assert.equal(b.held(feedOf(1).origin), 20);
});

test("honest peers that connect in any order hold the same in the end (I2)", () => {
  const edge = fc.tuple(fc.nat(4), fc.nat(4));
  fc.assert(
    fc.property(fc.array(edge, { minLength: 1, maxLength: 12 }), fc.nat(120), (edges, count) => {
      const rig = new Rig();
      const peers = Array.from({ length: 5 }, (_, i) => follower(rig, `p${i}`));
      const source = feedServer(rig, "s", feedOf(count + 1));
      for (const [from, to] of edges) {
        const [a, b] = [peers[from], peers[to]];
        if (a !== undefined && b !== undefined && a !== b) rig.connect(a, b);
      }
      for (const [i, peer] of peers.entries()) {
        const next = peers[i + 1];
        if (next !== undefined) rig.connect(peer, next);
      }
      const [first] = peers;
      if (first !== undefined) rig.connect(first, source);
      rig.pass(240_000);
      for (const peer of peers) {
        assert.equal(peer.held(feedOf(1).origin), count + 1, peer.name);
        assert.deepEqual(peer.findings, []);
      }
    }),
    { numRuns: 15 },
  );
});

test("more feeds than may be asked for at once have a page each in turn", () => {
  const rig = new Rig();
  const many = Array.from({ length: MAX_SYNC_ASKS + 4 }, (_, i) => new Builder(40 + i));
  const peer = rig.peer("p", { follow: { builders: many.map(({ key }) => key) } });
  const feeds = many.map((by, i) =>
    new MemoryFeed(40 + i, NETWORK).append(
      ...Array.from({ length: 5 }, (_, n) => by.link(packageNumber(n), "same")),
    ),
  );
  const pages = new Map(feeds.map(({ origin }) => [origin, 0]));
  const stub = rig.stub("s", (stream, bytes) => {
    if (stream !== "tiles") return null;
    const request = readTilesRequest(bytes);
    if (request.kind === "heads") {
      return writeTilesAnswer({ blobs: feeds.map((each) => each.note()), next: 0, code: "" });
    }
    const feed = feeds.find((each) => "origin" in request && each.origin === request.origin);
    if (feed === undefined) return null;
    const blobs = feed.answer(request);
    if (request.kind !== "entries") return writeTilesAnswer({ blobs, next: 0, code: "" });
    pages.set(feed.origin, (pages.get(feed.origin) ?? 0) + 1);
    const ahead = Math.max(...pages.values()) - Math.min(...pages.values());
    assert.ok(ahead <= 2, `one feed is ${ahead} pages ahead of another`);
    return writeTilesAnswer({ blobs: blobs.slice(0, 1), next: 0, code: "" });
  });
  rig.connect(peer, stub);
  rig.pass(10_000);
  for (const { origin } of feeds) {
    assert.equal(peer.held(origin), 5);
    assert.equal(pages.get(origin), 5, "no page is asked for twice");
  }
});
