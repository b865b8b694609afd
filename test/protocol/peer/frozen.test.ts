/** A feed that forked stays frozen whatever a crash took, and its proof is found again (I1, I4, R14). */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { MemoryFeed } from "../../sim/memory-feed.ts";
import { rowsOf } from "../../../protocol/peer/rows.ts";
import { Rig } from "./rig.ts";
import type { RigPeer } from "./rig.ts";
import { alice, feedOf, follower, forkOf, links, loses, noEntries, server } from "./rig-forks.ts";

/** A peer that holds a branch and saw another one, started again after a crash between the flag and the proof, alone. */
function unproven(rig: Rig, held: MemoryFeed, other: MemoryFeed): RigPeer {
  const peer = follower(rig);
  peer.fault = loses("v");
  const stubs = [server(rig, "held", held), server(rig, "other", other)];
  for (const stub of stubs) {
    rig.connect(peer, stub);
    rig.pass(2_000);
  }
  for (const stub of stubs) rig.disconnect(peer, stub);
  peer.fault = () => null;
  peer.start();
  rig.pass(1_000);
  return peer;
}

test("a feed stays frozen also where a crash took the proof, until it is proven anew (I4, R14)", () => {
  const rig = new Rig();
  const [held, other] = [feedOf(6), feedOf(5).append("x", "y")];
  const peer = unproven(rig, held, other);
  assert.deepEqual(peer.findings, []);
  assert.equal(peer.status().feeds[0]?.state, "forked");
  const grown = server(rig, "grown", feedOf(10));
  rig.connect(peer, grown);
  rig.pass(60_000);
  assert.equal(peer.held(held.origin), 6, "what goes on from what is held is taken no more");
  assert.deepEqual(peer.findings, []);
  rig.connect(peer, server(rig, "again", other));
  rig.pass(10_000);
  const { a, b, common } = forkOf(peer);
  assert.deepEqual([a.size, b.size, common?.size], [6, 7, 5]);
  peer.start();
  rig.pass(10_000);
  assert.equal(forkOf(peer).common?.size, 5, "told once");
  assert.equal(peer.held(held.origin), 6);
  assert.deepEqual([...peer.dropped], []);
});

test("a crash's lost proof is made of the hashes held, or taken from whoever has it (R14)", () => {
  for (const [ours, theirs] of [
    [20, 13],
    [13, 13],
  ] as const) {
    const other = feedOf(12);
    while (other.entries.length < theirs) other.append(`other ${other.entries.length}`);
    const peer = unproven(new Rig(), feedOf(ours), other);
    assert.deepEqual([forkOf(peer).a.size, forkOf(peer).b.size], [theirs, ours], "with nobody to ask");
  }
  const rig = new Rig();
  const [held, other] = [feedOf(6), feedOf(5).append("x", "y")];
  const knows = follower(rig, "knows");
  for (const feed of [held, other]) rig.connect(knows, server(rig, `${feed.entries.length}`, feed));
  rig.pass(2_000);
  assert.equal(forkOf(knows).b.size, 7);
  for (const name of knows.neighbours) rig.disconnect(knows, rig.peers.get(name) ?? assert.fail());
  const peer = unproven(rig, held, other);
  assert.deepEqual(peer.findings, []);
  rig.connect(peer, knows);
  rig.pass(500);
  assert.equal(forkOf(peer).b.size, 7, "it does not say that it has the proof");
});

test("the own feed that was seen forked signs nothing more also where a crash took the proof (I1)", () => {
  const rig = new Rig();
  const own = rig.peer("own", { seed: alice.seed, first: true });
  own.publish(...links.slice(0, 5));
  own.fault = loses("v");
  const stub = server(rig, "other", feedOf(4).append("w", "x", "y"), noEntries);
  rig.connect(own, stub);
  rig.pass(10_000);
  assert.equal(own.status().own?.state, "forked");
  rig.disconnect(own, stub);
  own.fault = () => null;
  own.start(false);
  rig.pass(10_000);
  assert.equal(own.status().own?.state, "forked");
  assert.equal(own.publish(links[9] ?? new Uint8Array(0))?.ok, false);
  rig.connect(own, stub);
  rig.pass(10_000);
  assert.equal(forkOf(own).common?.size, 4);
});

test("octets of findings about strangers are those of the proof that is kept, also where it took the place of another (I9)", () => {
  const rig = new Rig();
  const peer = rig.peer("p", { followAll: true });
  const [held, other] = [feedOf(6), feedOf(5).append("x", "y")];
  const lengths = new Set<number>();
  peer.fault = (effect) => {
    for (const op of effect.kind === "store" ? effect.ops : [])
      if (op.op === "put" && op.key[0] === "v".charCodeAt(0)) lengths.add(op.value.length);
    return null;
  };
  for (const feed of [held, other]) {
    rig.connect(peer, server(rig, `${feed.entries.length}`, feed));
    rig.pass(5_000);
  }
  assert.equal(forkOf(peer).common?.size, 5);
  const [before, now] = [...lengths];
  assert.ok(before !== undefined && now !== undefined && now > before, "a longer proof took its place");
  const [counted] = peer.store.read(rowsOf("y")).rows;
  assert.equal(new DataView(counted?.value.slice().buffer ?? assert.fail()).getUint32(0), now);
});
