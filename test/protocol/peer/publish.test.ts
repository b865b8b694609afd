import assert from "node:assert/strict";
import { test } from "node:test";
import { equalBytes } from "../../../protocol/bytes/index.ts";
import { keyIdPlain, sha256 } from "../../../protocol/crypto/index.ts";
import { origin, verifyCheckpoint } from "../../../protocol/feed/index.ts";
import type { SignedHead } from "../../../protocol/feed/index.ts";
import type { CommandResult, Effect } from "../../../protocol/peer/index.ts";
import { readFeedUpdate, writeTilesAnswer } from "../../../protocol/wire/index.ts";
import { Builder, packageNumber } from "../../sim/builder.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { NETWORK, Rig } from "./rig.ts";
import type { RigPeer } from "./rig.ts";
import { publishing } from "../../publishing.ts";

const alice = new Builder(1);
const bob = new Builder(2);
const ALICE = origin(NETWORK, alice.key.raw);

function link(number: number, contents = "same"): Uint8Array {
  return alice.link(packageNumber(number), contents);
}

function publisher(rig: Rig, name = "a"): RigPeer {
  return rig.peer(name, { seed: alice.seed, first: true });
}

/** Heads that left the peer, by gossip. */
function gossipedHeads(peer: RigPeer): SignedHead[] {
  return peer.seen
    .filter((effect) => effect.kind === "gossip")
    .map(({ bytes }) => verifyCheckpoint(readFeedUpdate(bytes).checkpoint, NETWORK));
}

function codeOf(result: CommandResult | null): string {
  return result === null ? "no result" : result.ok ? "ok" : result.code;
}

test("publishes in the order of R12: durable entries, signature, own head, then gossip and answer", () => {
  const rig = new Rig();
  const peer = publisher(rig);
  peer.seen.length = 0;
  peer.publish(link(1));
  const kinds = peer.seen
    .filter((effect) => effect.kind !== "store" || effect.durable)
    .map(({ kind }) => kind)
    .filter((kind) => ["store", "sign", "swap", "gossip", "done"].includes(kind));
  assert.deepEqual(kinds.slice(0, 5), ["store", "sign", "swap", "gossip", "done"]);
});

test("begins a feed only with --first, and writes the own-head file at once", () => {
  const rig = new Rig();
  const timid = rig.peer("timid", { seed: alice.seed });
  assert.equal(codeOf(timid.publish(link(1))), "peer/feed-not-begun");
  assert.equal(timid.status().own?.state, "not-begun");
  const peer = publisher(rig);
  assert.ok(peer.ownHead instanceof Uint8Array);
  assert.equal(codeOf(peer.publish(link(1))), "ok");
  const reader = rig.peer("reader");
  assert.equal(codeOf(reader.publish(link(1))), "peer/feed-not-begun");
});

test("the same signed bytes are published once, also in another envelope and after a restart", () => {
  const rig = new Rig();
  const peer = publisher(rig);
  const entry = link(1);
  const first = { origin: ALICE, index: 0, known: false };
  assert.deepEqual(peer.publish(entry, link(2), entry), {
    ok: true,
    do: "publish",
    entries: [first, { origin: ALICE, index: 1, known: false }, { ...first, known: true }],
  });
  const otherId = alice.link(packageNumber(1), "same", { keyid: "another name for the key" });
  assert.ok(!equalBytes(otherId, entry));
  assert.deepEqual(peer.publish(otherId), { ok: true, do: "publish", entries: [{ ...first, known: true }] });
  peer.start();
  assert.deepEqual(peer.publish(entry), { ok: true, do: "publish", entries: [{ ...first, known: true }] });
  assert.equal(peer.held(ALICE), 2);
});

test("carries others' attestations, refuses what bears its own key id without its signature", () => {
  const rig = new Rig();
  const peer = publisher(rig);
  const carried = bob.link(packageNumber(1), "same");
  assert.equal(codeOf(peer.publish(carried)), "ok");
  assert.equal(codeOf(peer.publish(carried)), "ok");
  assert.equal(peer.held(ALICE), 1);
  const forged = bob.link(packageNumber(2), "same", { keyid: keyIdPlain(alice.key) });
  assert.equal(codeOf(peer.publish(forged)), "peer/forged-entry");
  assert.equal(codeOf(peer.publish(link(3), forged)), "peer/forged-entry");
  assert.equal(peer.held(ALICE), 1, "nothing of a refused command is published");
  assert.deepEqual(peer.publish(), { ok: true, do: "publish", entries: [] });
});

test("checks each signature that may be the feed's own once, in portions, and tells the own from the carried", () => {
  const rig = new Rig();
  const peer = publisher(rig);
  const own = Array.from({ length: 300 }, (_, i) => link(i));
  const carried = bob.link(packageNumber(1), "same");
  peer.seen.length = 0;
  assert.equal(codeOf(peer.publish(...own, carried)), "ok");
  const checks = peer.seen.flatMap((effect) => (effect.kind === "check" ? [effect.items.length] : []));
  assert.deepEqual(checks.slice(0, 2), [256, 45]);
  const again = peer.publish(...own, carried, bob.link(packageNumber(1), "same", { keyid: "another" }));
  const known = again?.ok === true && again.do === "publish" ? again.entries.map((entry) => entry.known) : [];
  assert.deepEqual(known, [...own.map(() => true), true, false], "a carried envelope goes by its octets");
});

test("publishes nothing where signatures cannot be checked, and goes on when they can", () => {
  const rig = new Rig();
  const peer = publisher(rig);
  peer.fault = (effect) => (effect.kind === "check" ? "fail" : null);
  assert.equal(codeOf(peer.publish(link(1))), "rig/fault");
  assert.equal(peer.held(ALICE), 0);
  peer.fault = () => null;
  assert.equal(codeOf(peer.publish(link(1))), "ok");
  assert.equal(peer.held(ALICE), 1);
});

test("signs at most ten heads a second: what comes meanwhile goes into one batch", () => {
  const rig = new Rig();
  const peer = publisher(rig);
  peer.publish(link(0));
  for (let i = 1; i <= 20; i++) peer.command(publishing([link(i)]));
  rig.pass(250);
  assert.equal(peer.held(ALICE), 21);
  assert.ok(gossipedHeads(peer).length <= 4, `${gossipedHeads(peer).length} heads`);
  const done = peer.seen.filter((effect) => effect.kind === "done").filter(({ result }) => result.ok);
  assert.ok(done.length >= 21);
});

test("a batch that fits into a frame is gossiped with its tail, a larger one without", () => {
  const rig = new Rig();
  const peer = publisher(rig);
  peer.publish(link(1), link(2));
  peer.publish(...Array.from({ length: 60 }, (_, i) => link(100 + i)));
  const updates = peer.seen
    .filter((effect) => effect.kind === "gossip")
    .map(({ bytes }) => readFeedUpdate(bytes));
  assert.deepEqual(
    updates.map(({ from, tail }) => [from, tail.length]),
    [
      [0, 2],
      [62, 0],
    ],
  );
});

for (const kind of ["store", "sign", "swap"] as const) {
  for (const fault of ["fail", "persist-and-fail"] as const) {
    test(`a ${kind} that fails (${fault}) freezes publishing until the store is opened again`, () => {
      const rig = new Rig();
      const peer = publisher(rig);
      peer.publish(link(1));
      peer.fault = (effect) =>
        effect.kind === kind && (kind !== "store" || isDurable(effect)) ? fault : null;
      assert.equal(codeOf(peer.publish(link(2))), "peer/publishing-frozen");
      peer.fault = () => null;
      assert.equal(codeOf(peer.publish(link(3))), "peer/publishing-frozen");
      assert.equal(peer.status().own?.state, "frozen");
      peer.start(false);
      assert.equal(codeOf(peer.publish(link(3))), "ok");
      assertOneHistory(peer);
    });
  }
}

function isDurable(effect: Effect): boolean {
  return effect.kind === "store" && effect.durable;
}

/** I1: all heads that left are sizes of one history. */
function assertOneHistory(peer: RigPeer): void {
  const sizes = new Map<number, Uint8Array>();
  for (const head of gossipedHeads(peer)) {
    const other = sizes.get(head.size);
    assert.ok(other === undefined || equalBytes(other, head.root), `two heads of size ${head.size}`);
    sizes.set(head.size, head.root);
  }
  assert.equal(peer.status().own?.state, "open");
}

test("crashes after any effect, with or without it: the feed goes on and never forks (I1)", () => {
  for (let step = 0; step < 24; step++) {
    for (const persists of [true, false]) {
      const rig = new Rig();
      const watcher = rig.peer("w", { follow: { builders: [alice.key] } });
      const peer = publisher(rig);
      rig.connect(peer, watcher);
      peer.publish(link(1));
      let left = step;
      let dead = false;
      peer.fault = (effect) => {
        if (dead) return "hang";
        if (!["store", "sign", "swap", "gossip", "done"].includes(effect.kind) || left-- > 0) return null;
        dead = true;
        return persists ? "persist-and-fail" : "hang";
      };
      peer.publish(link(2), link(3));
      peer.stop();
      peer.fault = () => null;
      peer.start(false);
      rig.connect(peer, watcher);
      assert.equal(codeOf(peer.publish(link(2), link(4))), "ok", `step ${step}`);
      rig.pass(3_000);
      assertOneHistory(peer);
      const mine = peer.status().own?.size ?? 0;
      assert.ok(mine >= 3 && mine <= 4, `step ${step}: ${mine} entries`);
      assert.equal(watcher.held(ALICE), mine, `step ${step}`);
      assert.deepEqual(watcher.findings, []);
    }
  }
});

test("a store that is gone, or older than the own-head file, never appends again", () => {
  const rig = new Rig();
  const peer = publisher(rig);
  peer.publish(link(1));
  const older = peer.store.copy();
  peer.publish(link(2));
  const newest = peer.store.copy();
  peer.store = older;
  peer.start(false);
  assert.equal(codeOf(peer.publish(link(3))), "peer/feed-lost");
  assert.equal(peer.status().own?.state, "lost");
  peer.store = newest;
  const file = peer.ownHead;
  for (const own of ["none", "lost"] as const) {
    peer.ownHead = own;
    peer.start(own === "none");
    assert.equal(codeOf(peer.publish(link(3))), "peer/feed-lost", own);
  }
  peer.ownHead = file;
  peer.start(false);
  assert.equal(codeOf(peer.publish(link(3))), "ok");
});

test("stops for good when anybody shows an own head that its store lacks, larger or smaller (I1)", () => {
  const mine = new MemoryFeed(1, NETWORK).append(link(1), link(2), link(3));
  const rivals = [
    new MemoryFeed(1, NETWORK).append(link(1), link(2), link(3), link(4)),
    new MemoryFeed(1, NETWORK).append(link(1), link(9), link(3)),
    new MemoryFeed(1, NETWORK).append(link(9)),
  ];
  for (const [number, rival] of [mine.branch(2), ...rivals].entries()) {
    const rig = new Rig();
    const peer = publisher(rig);
    peer.publish(...mine.entries);
    const answer = writeTilesAnswer({ blobs: [rival.note()], next: 0, code: "" });
    rig.connect(
      peer,
      rig.stub("other", () => answer),
    );
    assert.equal(codeOf(peer.publish(link(5))), number === 0 ? "ok" : "peer/feed-lost", `rival ${number}`);
  }
});

test("signs a time line hourly, and announces the head with it", () => {
  const rig = new Rig();
  const peer = publisher(rig);
  peer.publish(link(1));
  rig.pass(2_000);
  const timed = peer.status().feeds[0]?.timed ?? null;
  assert.ok(timed !== null);
  const first = verifyCheckpoint(timed, NETWORK).time ?? 0;
  assert.ok(Math.abs(first * 1_000 - rig.now) < 5_000);
  rig.pass(3_700_000);
  const later = verifyCheckpoint(peer.status().feeds[0]?.timed ?? timed, NETWORK).time ?? 0;
  assert.ok(later >= first + 3_600);
  const announced = peer.seen.filter((effect) => effect.kind === "announce");
  assert.ok(announced.length >= 2 && announced.every(({ key }) => key.length === 64));
});

test("nothing of a publish is served or told before the store is open", () => {
  const rig = new Rig();
  const peer = publisher(rig);
  peer.stop();
  peer.fault = (effect) => (effect.kind === "read" ? "hang" : null);
  peer.start(false);
  assert.equal(codeOf(peer.command({ do: "status" })), "peer/not-ready");
  assert.equal(codeOf(peer.publish(link(1))), "peer/not-ready");
  const verdict = peer.gossiped("feeds", sha256(link(1)), "x");
  assert.equal(verdict?.kind === "verdict" && verdict.verdict, "ignore");
});
