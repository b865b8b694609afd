/** A larger head by the own key comes while something is signed or written: nothing of that leaves the peer (I1). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { signDomain } from "../../../protocol/crypto/index.ts";
import type { Effect } from "../../../protocol/peer/index.ts";
import { publishing } from "../../publishing.ts";
import { Rig } from "./rig.ts";
import type { RigPeer } from "./rig.ts";
import { alice, feedOf, links, server } from "./rig-forks.ts";

type Held = Extract<Effect, { kind: "sign" | "swap" | "store" }>;

const mine: readonly Uint8Array[] = links.slice(0, 2);
const more: readonly Uint8Array[] = links.slice(2, 3);

/** From now on the first effect of that kind waits for `answer`, which gives back what was done after the rival came. */
function holding(peer: RigPeer, kind: Held["kind"]): { readonly answer: () => readonly Effect[] } {
  const held: Held[] = [];
  peer.fault = (effect) => {
    if (effect.kind !== kind || held.length > 0) return null;
    held.push(effect);
    return "hang";
  };
  return {
    answer: () => {
      const [effect] = held;
      assert.ok(effect !== undefined);
      peer.fault = () => null;
      peer.gossiped("feeds", feedOf(2).append("x", "y", "z").update(2), "elsewhere");
      assert.equal(peer.status().own?.state, "lost");
      const from = peer.seen.length;
      if (effect.kind === "sign") {
        const signature = signDomain(alice.seed, effect.bytes);
        peer.handle({ kind: "signed", token: effect.token, signature });
      } else peer.handle({ kind: "stored", token: effect.token });
      peer.rig.pass(2_000);
      return peer.seen.slice(from);
    },
  };
}

function codes(effects: readonly Effect[]): readonly string[] {
  return effects.flatMap((effect) =>
    effect.kind === "done" && !effect.result.ok ? [effect.result.code] : [],
  );
}

function assertSilent(peer: RigPeer, effects: readonly Effect[], what: string): void {
  const left = effects.filter(
    ({ kind }) => kind === "sign" || kind === "swap" || kind === "announce" || kind === "gossip",
  );
  assert.deepEqual(left, [], what);
  assert.equal(peer.status().own?.state, "lost", what);
}

test("a batch that is being stored, signed or swapped when a larger own head comes is refused, and its head never told", () => {
  for (const kind of ["store", "sign", "swap"] as const) {
    const peer = new Rig().peer("a", { seed: alice.seed, first: true });
    assert.equal(peer.publish(...mine)?.ok, true);
    peer.rig.pass(1_000);
    const held = holding(peer, kind);
    peer.command(publishing(more));
    const effects = held.answer();
    assertSilent(peer, effects, kind);
    assert.deepEqual(codes(effects), ["peer/feed-lost"], kind);
  }
});

test("a swap that fails when the feed is lost leaves it lost: no restart mends that", () => {
  const peer = new Rig().peer("a", { seed: alice.seed, first: true });
  assert.equal(peer.publish(...mine)?.ok, true);
  peer.fault = (effect) => {
    if (effect.kind !== "swap") return null;
    peer.gossiped("feeds", feedOf(2).append("x", "y", "z").update(2), "elsewhere");
    return "hang";
  };
  peer.rig.pass(1_000);
  peer.command(publishing(more));
  const swap = peer.seen.findLast((effect) => effect.kind === "swap");
  assert.ok(swap?.kind === "swap");
  peer.handle({ kind: "failed", token: swap.token, code: "test/full" });
  assert.equal(peer.status().own?.state, "lost");
});

test("entries that a crash left without a head get none when a larger own head comes while the restored file is written", () => {
  const rig = new Rig();
  const caution = { anchors: ["anchor"], awaits: false };
  const peer = rig.peer("a", { seed: alice.seed, first: true, caution });
  assert.equal(peer.publish(...mine)?.ok, true);
  peer.fault = ({ kind }) => (kind === "sign" ? "hang" : null);
  rig.pass(1_000);
  peer.command(publishing(more));
  peer.stop();
  peer.moved = true;
  const held = holding(peer, "swap");
  peer.start(false);
  rig.connect(peer, server(rig, "anchor", feedOf(2)));
  rig.pass(1_000);
  assertSilent(peer, held.answer(), "restored");
});

test("no time line is told of a feed that was lost while it was signed", () => {
  const peer = new Rig().peer("a", { seed: alice.seed, first: true });
  assert.equal(peer.publish(...mine)?.ok, true);
  const held = holding(peer, "sign");
  peer.rig.pass(4_000_000);
  assertSilent(peer, held.answer(), "time line");
});
