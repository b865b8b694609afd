/** What a neighbour's evidence may cost, and what keeps nobody's from being heard (R14, I9). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { proveContradiction, writeEvidence } from "../../../protocol/evidence/index.ts";
import { EVIDENCE_PER_NEIGHBOUR } from "../../../protocol/limits.ts";
import { writeEvidenceNotice } from "../../../protocol/wire/index.ts";
import { Builder, packageNumber } from "../../sim/builder.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { alice, follower } from "./rig-forks.ts";
import { kinds } from "./rig-findings.ts";
import { NETWORK, Rig } from "./rig.ts";
import type { RigPeer } from "./rig.ts";

const BURST = 2 * EVIDENCE_PER_NEIGHBOUR;

/** A notice of a builder's self-contradiction about a package. */
function notice(builder: Builder, number: number): Uint8Array {
  const target = packageNumber(number);
  const [a, b] = ["one", "two"].map((bits) => builder.verified(builder.link(target, bits)));
  assert.ok(a !== undefined && b !== undefined);
  const proof = proveContradiction(a, b, target.key, []);
  assert.ok(proof !== null);
  return writeEvidenceNotice({ evidence: writeEvidence(proof) });
}

function verdictOn(peer: RigPeer, bytes: Uint8Array): string {
  const verdict = peer.gossiped("evidence", bytes, "neighbour");
  return verdict?.kind === "verdict" ? (verdict.code ?? verdict.verdict) : "nothing";
}

test("neither strangers' heads nor evidence about strangers keep evidence about a followed key from being heard", () => {
  const peer = follower(new Rig());
  for (let seed = 10; seed < 60; seed++)
    peer.gossiped("feeds", new MemoryFeed(seed, NETWORK).append("a").update(0), "neighbour");
  const strange = Array.from({ length: 2 * BURST }, (_, i) =>
    verdictOn(peer, notice(new Builder(60 + i), 1)),
  );
  assert.deepEqual(
    strange.map((verdict) => verdict === "accept"),
    strange.map((_, i) => i < BURST),
  );
  assert.equal(verdictOn(peer, notice(alice, 1)), "accept");
  assert.deepEqual(kinds(peer), ["self-contradiction"]);
});

test("evidence about a followed key is checked as often as a neighbour may cost, and again when its budget has filled up", () => {
  const rig = new Rig();
  const peer = follower(rig);
  const all = Array.from({ length: BURST + 5 }, (_, i) => verdictOn(peer, notice(alice, i)));
  assert.deepEqual(all.slice(BURST - 1, BURST + 1), ["accept", "peer/over-budget"]);
  rig.pass(1_000);
  assert.equal(verdictOn(peer, notice(alice, 100)), "accept");
});

test("a neighbour that says by the thousand that it has evidence is asked for a few", () => {
  const rig = new Rig();
  const peer = follower(rig);
  const asks = (): number => peer.seen.filter(({ kind }) => kind === "ask").length;
  const before = asks();
  const notices = Array.from({ length: 1_000 }, (_, i) => {
    const id = new Uint8Array(32);
    new DataView(id.buffer).setUint32(0, i);
    return verdictOn(peer, writeEvidenceNotice({ id }));
  });
  assert.equal(asks() - before, BURST);
  assert.equal(notices.at(-1), "peer/over-budget");
});
