import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { concat, utf8 } from "../../../protocol/bytes/index.ts";
import { cosignatureMessage, headBody, signCheckpoint, withOwnTime } from "../../../protocol/feed/index.ts";
import { signDomain } from "../../../protocol/crypto/index.ts";
import { readFeedUpdate, writeFeedUpdate } from "../../../protocol/wire/index.ts";
import type { FeedUpdate } from "../../../protocol/wire/index.ts";
import { Builder, packageNumber } from "../../sim/builder.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { NETWORK, Rig } from "./rig.ts";
import type { RigPeer } from "./rig.ts";

const alice = new Builder(1);

function feedOf(count: number, seed = 1): MemoryFeed {
  const builder = new Builder(seed);
  const links = Array.from({ length: count }, (_, i) => builder.link(packageNumber(i), "same"));
  return new MemoryFeed(seed, NETWORK).append(...links);
}

function listener(): RigPeer {
  return new Rig().peer("p", { follow: { builders: [alice.key] } });
}

/** What the peer says to a gossip frame, and why. */
function verdict(
  peer: RigPeer,
  bytes: Uint8Array,
  from = "x",
): readonly [verdict: string, code: string | null] {
  const effect = peer.gossiped("feeds", bytes, from);
  return effect?.kind === "verdict" ? [effect.verdict, effect.code] : ["none", null];
}

const ACCEPT = ["accept", null];

function changed(update: Uint8Array, change: Partial<FeedUpdate>): Uint8Array {
  return writeFeedUpdate({ ...readFeedUpdate(update), ...change });
}

function timedNote(feed: MemoryFeed): Uint8Array {
  const head = feed.head();
  const signature = signDomain(feed.seed, cosignatureMessage(1_800_000_000, headBody(head)));
  return withOwnTime(head, 1_800_000_000, signature);
}

test("REJECTs exactly what the octets alone show to be wrong, and hangs up on the sender", () => {
  const feed = feedOf(5);
  const update = feed.update(3);
  const good = readFeedUpdate(update);
  const other = new MemoryFeed(1, "elsewhere").append(...feed.entries);
  const flipped = good.checkpoint.slice();
  flipped[flipped.length - 5] = flipped[flipped.length - 5] === 65 ? 66 : 65;
  const cases: readonly (readonly [string, Uint8Array, string])[] = [
    ["no frame", utf8("junk"), "wire/undecodable"],
    ["an octet more", concat(update, Uint8Array.of(0)), "wire/undecodable"],
    ["not canonical", concat(update, Uint8Array.of(0x10, 0x03)), "wire/not-canonical"],
    ["too big", new Uint8Array(33_000), "wire/too-big"],
    ["note without signature", changed(update, { checkpoint: utf8("a\n1\nb\n") }), "note/malformed"],
    ["two lines", changed(update, { checkpoint: timedNote(feed) }), "peer/not-one-signature"],
    ["a tail that is cut", changed(update, { tail: good.tail.slice(1) }), "peer/root-mismatch"],
    ["a tail in another order", changed(update, { tail: [...good.tail].reverse() }), "peer/root-mismatch"],
    [
      "a frontier of another feed",
      changed(update, { frontier: readFeedUpdate(feedOf(5, 2).update(3)).frontier }),
      "peer/root-mismatch",
    ],
    [
      "head and frontier don't fit",
      changed(update, {
        from: 7,
        frontier: [good.frontier[0], good.frontier[1], good.frontier[0]].map((h) => h ?? utf8("")),
        tail: [],
      }),
      "peer/root-mismatch",
    ],
    ["another network", other.update(3), "checkpoint/other-network"],
    ["a signature that does not hold", changed(update, { checkpoint: flipped }), "checkpoint/bad-signature"],
  ];
  for (const [name, bytes, code] of cases) {
    const peer = listener();
    assert.deepEqual(verdict(peer, bytes), ["reject", code], name);
    assert.equal(peer.dropped.get("x"), code, name);
    assert.deepEqual(peer.status().feeds, [], name);
  }
});

test("nobody signs size 0, nobody forwards it (R15)", () => {
  assert.throws(() => signCheckpoint(feedOf(1).origin, 0, feedOf(1).root(), () => new Uint8Array(64)));
  const size0 = feedOf(1).note();
  const text = new TextDecoder().decode(size0).replace("\n1\n", "\n0\n");
  const peer = listener();
  const bytes = writeFeedUpdate({ checkpoint: utf8(text), from: 0, frontier: [], tail: [] });
  assert.equal(verdict(peer, bytes)[0], "reject");
});

test("ACCEPTs a head once alone and once with its tail, then IGNOREs it (R7)", () => {
  const peer = listener();
  const feed = feedOf(5);
  assert.deepEqual(verdict(peer, feed.update(5)), ACCEPT);
  assert.deepEqual(verdict(peer, feed.update(3)), ACCEPT);
  assert.equal(peer.held(feed.origin), 0, "what is before the tail is missing");
  assert.deepEqual(verdict(peer, feed.update(4)), ["ignore", "peer/repeated"]);
  assert.deepEqual(verdict(peer, feed.update(0)), ["ignore", "peer/repeated"]);
  assert.equal(peer.held(feed.origin), 5, "a repeated tail that holds is used all the same");
  assert.deepEqual(verdict(peer, feed.update(1)), ["ignore", "peer/repeated"]);
  assert.deepEqual([...peer.dropped], []);
});

test("a late joiner without the prefix forwards a tail that it cannot use", () => {
  const peer = listener();
  const feed = feedOf(300);
  assert.deepEqual(verdict(peer, feed.update(297)), ACCEPT);
  assert.equal(peer.held(feed.origin), 0);
});

test("at most two roots of one size go on, none once the fork is proven", () => {
  const feed = feedOf(4);
  const branches = [1, 2, 3].map((number) => {
    return feed.branch(3).append(alice.link(packageNumber(100 + number), "branch"));
  });
  const peer = listener();
  const [first, second, third] = branches;
  assert.deepEqual(verdict(peer, first?.update(0) ?? utf8("")), ACCEPT);
  assert.deepEqual(verdict(peer, second?.update(0) ?? utf8("")), ACCEPT);
  assert.deepEqual(
    peer.findings.map(({ kind }) => kind),
    ["fork"],
  );
  assert.deepEqual(verdict(peer, third?.update(0) ?? utf8("")), ["ignore", "peer/forked"]);
  assert.deepEqual(verdict(peer, feedOf(4, 1).append("x").update(0)), ["ignore", "peer/forked"]);
  assert.equal(peer.status().feeds[0]?.state, "forked");
  const unheld = new Rig().peer("light", { light: true });
  assert.deepEqual(verdict(unheld, first?.update(0) ?? utf8("")), ACCEPT);
  assert.deepEqual(verdict(unheld, second?.update(0) ?? utf8("")), ACCEPT);
  assert.deepEqual(verdict(unheld, third?.update(0) ?? utf8("")), ["ignore", "peer/third-root"]);
});

test("a tail that contradicts the accepted head proves the fork by itself", () => {
  for (const from of [0, 1, 3, 5]) {
    const peer = listener();
    const feed = feedOf(5);
    const rival = feed.branch(2).append("a", "b", "c", "d");
    verdict(peer, feed.update(0));
    assert.deepEqual(verdict(peer, rival.update(from)), ACCEPT);
    assert.deepEqual(
      peer.findings.map(({ kind }) => kind),
      ["fork"],
      `from ${from}`,
    );
    assert.equal(peer.held(feed.origin), 5);
  }
});

test("a feed that signs too fast is forwarded at its pace and used all the same", () => {
  const peer = listener();
  const feed = feedOf(60);
  const verdicts = feed.entries.map((_, i) => verdict(peer, feed.branch(i + 1).update(i)));
  assert.ok(verdicts.slice(0, 40).every(([one]) => one === "accept"));
  assert.deepEqual(verdicts.at(-1), ["ignore", "peer/too-many-heads"]);
  assert.equal(peer.held(feed.origin), 60);
});

test("whoever sends a feed's old heads again, which are good, keeps its new ones from nobody (R8)", () => {
  for (const isHeld of [true, false]) {
    const peer = listener();
    const feed = new MemoryFeed(1, NETWORK).append(...Array.from({ length: 100 }, (_, i) => `entry ${i}`));
    if (isHeld) assert.deepEqual(verdict(peer, feed.update(0)), ACCEPT);
    else assert.deepEqual(verdict(peer, feed.update(100)), ACCEPT);
    const old = Array.from({ length: 99 }, (_, i) => verdict(peer, feed.branch(i + 1).update(i + 1), "old"));
    assert.deepEqual(old.at(0), ACCEPT, "half of a fork may be an old head");
    assert.deepEqual(old.at(-1), ["ignore", "peer/too-many-heads"]);
    feed.append("new");
    assert.deepEqual(verdict(peer, feed.update(101)), ACCEPT);
    assert.deepEqual(verdict(peer, feed.update(100)), ACCEPT);
    assert.deepEqual(verdict(peer, feed.append("newer").update(101)), ACCEPT);
  }
});

test("unknown feeds are forwarded within a budget a neighbour, followed ones beside it (R11)", () => {
  const peer = listener();
  const verdicts = Array.from({ length: 30 }, (_, i) => verdict(peer, feedOf(1, 10 + i).update(0), "sybil"));
  assert.equal(verdicts.filter(([one]) => one === "accept").length, 20);
  assert.deepEqual(verdicts.at(-1), ["ignore", "peer/over-budget"]);
  assert.deepEqual(verdict(peer, feedOf(1).update(0), "sybil"), ACCEPT);
  assert.deepEqual(verdict(peer, feedOf(1, 90).update(0), "somebody else"), ACCEPT);
  assert.deepEqual([...peer.dropped], []);
});

test("strangers' heads beyond the budget displace nobody, and cost no write (I9)", () => {
  const peer = listener();
  const stores = (): number => peer.seen.filter(({ kind }) => kind === "store").length;
  for (let seed = 10; seed < 30; seed++) verdict(peer, feedOf(1, seed).update(0), "sybil");
  const [feeds, before] = [peer.status().feeds.length, stores()];
  for (let seed = 30; seed < 130; seed++) verdict(peer, feedOf(1, seed).update(0), "sybil");
  assert.deepEqual([peer.status().feeds.length, stores()], [feeds, before]);
  // What was not forwarded is no repetition when its time has come.
  assert.deepEqual(verdict(peer, feedOf(1, 40).update(1), "other"), ACCEPT);
  const fast = feedOf(100, 20);
  const verdicts = fast.entries.map((_, i) => verdict(peer, fast.branch(i + 1).update(i), `neighbour ${i}`));
  assert.deepEqual(verdicts.at(-1), ["ignore", "peer/too-many-heads"]);
  assert.ok(peer.held(fast.origin) < 50, `${peer.held(fast.origin)}`);
});

test("unknown feeds displace each other, never followed ones, and stay within their room (I9)", () => {
  const rig = new Rig();
  const peer = rig.peer("p", { follow: { builders: [alice.key] }, maxStoreBytes: 20_000 });
  verdict(peer, feedOf(30).update(0), "a");
  for (let seed = 10; seed < 60; seed++) {
    verdict(peer, feedOf(3, seed).update(0), `n${seed}`);
    rig.pass(1_000);
  }
  const { feeds } = peer.status();
  const unknown = feeds.filter((feed) => feed.class === "unknown");
  assert.equal(feeds.find((feed) => feed.class === "followed")?.held, 30);
  assert.ok(unknown.length > 2 && unknown.length < 10, `${unknown.length} unknown feeds`);
  const entries = unknown.reduce((sum, feed) => sum + feed.held, 30);
  assert.equal(peer.store.count("e"), entries, "rows of evicted feeds are gone");
  peer.start();
  assert.equal(peer.status().feeds.length, feeds.length);
});

test("any octets get one verdict, and never an internal error", () => {
  const feed = feedOf(6);
  const frames = [feed.update(0), feed.update(4), feed.update(6)];
  const peer = listener();
  fc.assert(
    fc.property(fc.nat(2), fc.nat(), fc.nat(255), fc.boolean(), (which, at, octet, cut) => {
      const frame = (frames[which] ?? utf8("")).slice();
      frame[at % frame.length] = octet;
      const bytes = cut ? frame.slice(0, at % frame.length) : frame;
      const effect = peer.gossiped("feeds", bytes, "x");
      if (effect === null) return; // seen before
      assert.equal(effect.kind, "verdict");
      assert.equal(peer.status().counters.get("internal/impossible"), undefined);
    }),
    { numRuns: 500 },
  );
});

test("updates in any order, repeated, with any tails, end in the same feed", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 12 }), fc.nat(12)), { maxLength: 30 }),
      (steps) => {
        const peer = listener();
        const feed = feedOf(12);
        for (const [size, from] of steps)
          peer.gossiped("feeds", feed.branch(size).update(Math.min(from, size)), "x");
        peer.gossiped("feeds", feed.update(0), "y");
        assert.equal(peer.held(feed.origin), 12);
        assert.deepEqual(peer.findings, []);
        assert.equal(peer.status().feeds[0]?.state, "open");
      },
    ),
    { numRuns: 60 },
  );
});
