/** A contradiction that was found is told, whatever is written last before a crash, and whatever fails meanwhile. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Effect } from "../../../protocol/peer/index.ts";
import { Builder, packageNumber } from "../../sim/builder.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { NETWORK, Rig } from "./rig.ts";
import type { RigPeer } from "./rig.ts";

const [alice, bob] = [new Builder(1), new Builder(2)];

/** A follower of both, who has heard what alice got. */
function follower(): { readonly peer: RigPeer; readonly hers: MemoryFeed; readonly his: MemoryFeed } {
  const peer = new Rig().peer("p", { follow: { builders: [alice.key, bob.key] } });
  const hers = new MemoryFeed(1, NETWORK).append(alice.link(packageNumber(1), "one"));
  peer.gossiped("feeds", hers.update(0), "a");
  peer.rig.pass(3_000);
  return { peer, hers, his: new MemoryFeed(2, NETWORK).append(bob.link(packageNumber(1), "two")) };
}

function writes(effect: Effect, ...kinds: readonly string[]): boolean {
  return (
    effect.kind === "store" && effect.ops.some(({ key }) => kinds.includes(String.fromCharCode(key[0] ?? 0)))
  );
}

function more(peer: RigPeer, feed: MemoryFeed, builder: Builder, number: number): void {
  feed.append(builder.link(packageNumber(number), "same"));
  peer.gossiped("feeds", feed.update(feed.entries.length - 1), "a");
  peer.rig.pass(1_000);
}

function restart(peer: RigPeer): void {
  peer.stop();
  peer.fault = () => null;
  peer.start();
  peer.rig.pass(20_000);
}

const told = (peer: RigPeer): readonly string[] => peer.findings.map(({ kind }) => kind);

test("a crash before the finding is written, whatever else was, has it found again", () => {
  const { peer, his } = follower();
  peer.fault = (effect) => (writes(effect, "a") ? "hang" : null);
  peer.gossiped("feeds", his.update(0), "b");
  peer.rig.pass(1_000);
  assert.deepEqual(told(peer), []);
  restart(peer);
  assert.deepEqual(told(peer), ["contradiction"]);
});

test("feeds that are written on while the finding waits to be written once more do not pass over it", () => {
  const { peer, hers, his } = follower();
  peer.fault = (effect) => (writes(effect, "a") ? "fail" : null);
  peer.gossiped("feeds", his.update(0), "b");
  peer.rig.pass(1_000);
  for (const number of [10, 11, 12]) {
    more(peer, his, bob, number);
    more(peer, hers, alice, number + 10);
  }
  assert.deepEqual(told(peer), []);
  restart(peer);
  assert.deepEqual(told(peer), ["contradiction"]);
  assert.equal(peer.store.count("a"), 1);
});

test("a crash right after the finding was written tells nothing twice", () => {
  const { peer, his } = follower();
  peer.fault = (effect) => (writes(effect, "w") && !writes(effect, "a") ? "hang" : null);
  peer.gossiped("feeds", his.update(0), "b");
  peer.rig.pass(1_000);
  assert.deepEqual(told(peer), ["contradiction"]);
  restart(peer);
  assert.deepEqual(told(peer), ["contradiction"]);
  assert.equal(peer.store.count("w"), 2, "and it is noted then");
});

test("claims that could not be read or checked are compared once more, and until then not passed over", () => {
  for (const kind of ["read", "check"] as const) {
    for (const isRestarted of [false, true]) {
      const { peer, hers, his } = follower();
      let failures = 0;
      peer.fault = (effect) => {
        const isClaim = effect.kind === "read" && effect.range.from[0] === "t".charCodeAt(0);
        if (effect.kind !== kind || (kind === "read" && !isClaim)) return null;
        if (!isRestarted && failures >= 2) return null;
        failures++;
        return "fail";
      };
      peer.gossiped("feeds", his.update(0), "b");
      peer.rig.pass(500);
      if (isRestarted) {
        more(peer, hers, alice, 10);
        more(peer, hers, alice, 11);
        more(peer, his, bob, 12);
        more(peer, his, bob, 13);
        restart(peer);
      } else peer.rig.pass(10_000);
      assert.ok(failures >= 2, kind);
      assert.deepEqual(told(peer), ["contradiction"], `${kind} ${isRestarted}`);
    }
  }
});
