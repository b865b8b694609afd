/** Forks are found without entries, deep in large feeds, and are not forgotten; honest feeds can't be framed (R15, R18, I2, I3). */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { MAX_UNRESOLVED_HEADS } from "../../../protocol/limits.ts";
import { readTilesRequest } from "../../../protocol/wire/index.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { NETWORK, Rig } from "./rig.ts";
import type { Stub } from "./rig.ts";
import { alice, feedOf, follower, forkOf, links, loses, noEntries, server } from "./rig-forks.ts";
import type { Change } from "./rig-forks.ts";

/** Questions that a stub got, those for heads aside. */
function questionsOf(stub: Stub): readonly string[] {
  return stub.questions
    .map(({ bytes }) => readTilesRequest(bytes).kind)
    .filter((kind) => kind !== "heads" && kind !== "entries");
}

test("two heads that nobody gives the entries of are shown to fork, whatever their sizes (I2, R15)", () => {
  const base = feedOf(300);
  for (const [one, other] of [
    [301, 301],
    [301, 400],
    [310, 302],
  ] as const) {
    const [a, b] = [base.branch(300), base.branch(300)];
    while (a.entries.length < one) a.append(`a ${a.entries.length}`);
    while (b.entries.length < other) b.append(`b ${b.entries.length}`);
    const rig = new Rig();
    const peer = follower(rig);
    rig.connect(peer, server(rig, "a", a, noEntries));
    rig.connect(peer, server(rig, "b", b, noEntries));
    rig.pass(10_000);
    assert.equal(forkOf(peer).common?.size, 300, `${one} and ${other}`);
    assert.equal(peer.held(base.origin), 0);
    assert.equal(peer.status().feeds[0]?.state, "forked");
    assert.deepEqual([...peer.dropped], []);
  }
});

test("a fork deep in a feed of more than 65,536 entries takes five questions at most (I2)", () => {
  const a = new MemoryFeed(1, NETWORK);
  for (let i = 0; i < 66_000; i++) a.append(`entry ${i}`);
  const b = a.branch(65_700);
  while (b.entries.length < 66_300) b.append(`other ${b.entries.length}`);
  const rig = new Rig();
  const peer = follower(rig);
  const stubs = [server(rig, "a", a, noEntries), server(rig, "b", b, noEntries)];
  for (const stub of stubs) rig.connect(peer, stub);
  rig.pass(1_000);
  const evidence = forkOf(peer);
  assert.equal(evidence.common?.size, 65_700);
  assert.ok((peer.findings[0]?.evidence?.length ?? Infinity) < 5_000);
  for (const stub of stubs) assert.ok(questionsOf(stub).length <= 2 * 5, questionsOf(stub).join());
});

test("an accepted head whose other half nobody serves does not keep a smaller one from being fetched (R18, I4)", () => {
  for (const isFork of [false, true]) {
    const rig = new Rig();
    const peer = follower(rig);
    const large = feedOf(400);
    let pages = 0;
    const gone = server(rig, "gone", large, (request, blobs) =>
      request.kind === "entries" && ++pages > 2 ? null : blobs,
    );
    rig.connect(peer, gone);
    rig.pass(1_000);
    const half = peer.held(large.origin);
    assert.ok(half > 0 && half < 400);
    rig.disconnect(peer, gone);
    const small = feedOf(200).branch(isFork ? 199 : 200);
    if (isFork) small.append("another");
    rig.connect(peer, server(rig, "small", small));
    rig.pass(60_000);
    assert.equal(peer.held(large.origin), 200);
    assert.equal(peer.status().feeds[0]?.size, 200, "and can be proven to others");
    assert.equal(peer.status().feeds[0]?.state, "withheld");
    // A crash takes the proof: it is made anew though one of the two is accepted and the other one all that is held (I4).
    peer.fault = isFork ? loses("v") : () => null;
    const back = server(rig, "back", large);
    rig.connect(peer, back);
    rig.pass(120_000);
    if (isFork) {
      assert.equal(peer.status().feeds[0]?.state, "forked");
      rig.disconnect(peer, back);
      peer.fault = () => null;
      peer.start();
      rig.connect(peer, back);
      rig.pass(10_000);
      assert.equal(forkOf(peer).b.size, 400);
    } else {
      assert.equal(peer.held(large.origin), 400);
      assert.equal(peer.status().feeds[0]?.state, "open", "it ends when leaves arrive");
    }
  }
});

test("a fork stays known after a restart, also one between flag and proof, and is told to who comes later (R14)", () => {
  for (const isCut of [false, true]) {
    const rig = new Rig();
    const peer = follower(rig);
    const [a, b] = [feedOf(20), feedOf(12).append("x", "y")];
    if (isCut) {
      peer.fault = (effect) =>
        effect.kind === "store" && effect.ops.some((op) => op.key[0] === 0x76) ? "fail" : null;
    }
    const stubs = [server(rig, "a", a), server(rig, "b", b)];
    for (const stub of stubs) rig.connect(peer, stub);
    rig.pass(3_000);
    assert.equal(peer.findings.length, isCut ? 0 : 1);
    peer.fault = () => null;
    peer.start();
    rig.pass(10_000);
    assert.equal(peer.status().feeds[0]?.state, "forked");
    assert.equal(forkOf(peer).common?.size, 12, "told once");
    for (const stub of stubs) rig.disconnect(peer, stub);
    peer.start();
    const late = follower(rig, "late");
    rig.connect(late, peer);
    rig.pass(1_000);
    assert.equal(forkOf(late).common?.size, 12);
    assert.equal(peer.findings.length, 1);
  }
});

test("the own feed seen forked elsewhere signs nothing more, and there is a proof (I1)", () => {
  for (const [size, from] of [
    [3, 2],
    [9, 4],
    [5, 4],
  ] as const) {
    const rig = new Rig();
    const own = rig.peer("own", { seed: alice.seed, first: true });
    own.publish(...links.slice(0, 5));
    const other = feedOf(from);
    while (other.entries.length < size) other.append(`other ${other.entries.length}`);
    rig.connect(own, server(rig, "other", other, noEntries));
    rig.pass(10_000);
    assert.equal(forkOf(own).common?.size, Math.min(from, 5));
    assert.equal(own.status().own?.state, "forked");
    assert.equal(own.publish(links[9] ?? new Uint8Array(0))?.ok, false);
    own.start(false);
    rig.pass(1_000);
    assert.equal(own.publish(links[9] ?? new Uint8Array(0))?.ok, false, "nor after a restart");
  }
});

test("nothing that peers answer makes a feed of one history look forked (I3)", () => {
  const strange = new MemoryFeed(1, NETWORK).append(...links.slice(100, 300));
  const lie = fc.record({
    kind: fc.constantFrom("entries", "consistency", "tiles"),
    how: fc.constantFrom("flip", "cut", "swap", "strange", "reverse", "none"),
    at: fc.nat(40),
  });
  const sizes = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 2, maxLength: 5 });
  fc.assert(
    fc.property(sizes, fc.array(lie, { minLength: 1, maxLength: 4 }), (shown, lies) => {
      const rig = new Rig();
      const peer = follower(rig);
      for (const [i, size] of shown.entries()) {
        const change: Change = (request, blobs) => {
          const chosen = lies.find(({ kind, at }) => kind === request.kind && (at + i) % 3 > 0);
          if (chosen === undefined) return blobs;
          const { how, at } = chosen;
          if (how === "none") return [];
          if (how === "strange") return strange.answer(request);
          if (how === "reverse") return [...blobs].reverse();
          if (how === "cut") return blobs.slice(at % 3);
          if (how === "swap") return blobs.map((blob, n) => blobs[(n + at) % blobs.length] ?? blob);
          return blobs.map((blob, n) =>
            n === at % blobs.length ? blob.map((octet, o) => (o === at ? octet ^ 1 : octet)) : blob,
          );
        };
        rig.connect(peer, server(rig, `p${i}`, feedOf(size), change));
        rig.pass(500);
      }
      rig.pass(20_000);
      assert.ok(
        peer.findings.every(({ kind }) => kind === "withheld"),
        peer.findings.map(({ kind }) => kind).join(),
      );
      assert.notEqual(peer.status().feeds[0]?.state, "forked");
      assert.equal(peer.status().counters.get("internal/impossible"), undefined);
    }),
    { numRuns: 40 },
  );
});

test("heads far ahead, whose entries nobody has, hide no fork below what is held (I2)", () => {
  for (const size of [10, 19, 20]) {
    const rig = new Rig();
    const peer = follower(rig);
    const feed = feedOf(20);
    peer.gossiped("feeds", feed.update(0), "a");
    for (let i = 0; i < 2 * MAX_UNRESOLVED_HEADS; i++) {
      const far = feed.branch(20);
      while (far.entries.length < 100 + i) far.append(`made up ${far.entries.length}`);
      peer.gossiped("feeds", far.update(far.entries.length), "z");
    }
    const saves = (): number => peer.seen.filter(({ kind }) => kind === "store").length;
    const before = saves();
    for (let small = 1; small < 10; small++) peer.gossiped("feeds", feed.branch(small).update(small), "x");
    assert.deepEqual([saves(), peer.findings.length], [before, 0]);
    peer.gossiped(
      "feeds",
      feed
        .branch(size - 1)
        .append("other")
        .update(size),
      "y",
    );
    const { a, b } = forkOf(peer);
    assert.equal(Math.min(a.size, b.size), size);
    assert.equal(peer.status().feeds[0]?.state, "forked");
  }
});
