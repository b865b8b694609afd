/** Evidence that does not hold: whom it was to frame is told, once a sender, and no flood of it is a flood of findings. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { proveContradiction, writeEvidence } from "../../../protocol/evidence/index.ts";
import { FINDING_AGAIN_MS, MAX_REFUTED_NAMED } from "../../../protocol/limits.ts";
import { writeEvidenceNotice } from "../../../protocol/wire/index.ts";
import { Builder, packageNumber } from "../../sim/builder.ts";
import { alice, feedOf, follower } from "./rig-forks.ts";
import { kept, kinds, shower } from "./rig-findings.ts";
import { Rig } from "./rig.ts";

const HOUR = 3_600_000;
const bob = new Builder(2);
const target = packageNumber(4);

/** Evidence against alice that does not hold: bob's signature is said to be hers. */
function forgery(contents: string): Uint8Array {
  const [first, second] = ["bits", contents].map((bits) => bob.verified(bob.link(target, bits)));
  assert.ok(first !== undefined && second !== undefined);
  const proof = proveContradiction(first, second, target.key, []);
  assert.ok(proof !== null);
  const text = new TextDecoder().decode(writeEvidence(proof));
  const [hers, his] = [alice.key.raw, bob.key.raw].map((raw) => Buffer.from(raw).toString("hex"));
  return new TextEncoder().encode(text.replaceAll(his ?? "", hers ?? ""));
}

test("evidence that does not hold tells of whom it was to frame, once for each sender, and few in all", () => {
  const rig = new Rig();
  const peer = follower(rig);
  for (let i = 0; i < 5; i++)
    peer.gossiped("evidence", writeEvidenceNotice({ evidence: forgery(`bits ${i}`) }), "framer");
  assert.deepEqual(kinds(peer), ["refuted"]);
  assert.deepEqual(kept(peer, "refuted").keys, [alice.key.raw]);
  assert.equal(peer.dropped.has("framer"), true);
  for (let i = 0; i < 300; i++)
    peer.gossiped("evidence", writeEvidenceNotice({ evidence: forgery(`more ${i}`) }), `framer ${i}`);
  assert.equal(kinds(peer).length, MAX_REFUTED_NAMED);
  rig.pass(4 * HOUR);
  for (let i = 0; i < 300; i++)
    peer.gossiped("evidence", writeEvidenceNotice({ evidence: forgery(`later ${i}`) }), `framer ${i}`);
  assert.ok(kinds(peer).length <= MAX_REFUTED_NAMED + 5, `${kinds(peer).length}`);
  assert.ok((peer.status().counters.get("evidence-refuted") ?? 0) > 300);
});

test("refuted is also what an answer holds; junk, what concerns nobody here, and proofs that hold are not", () => {
  const rig = new Rig();
  const peer = follower(rig);
  rig.connect(
    peer,
    shower(rig, "framer", feedOf(3), () => [forgery("bits of an answer")]),
  );
  rig.pass(60_000);
  assert.deepEqual(kinds(peer), ["refuted"]);

  const other = follower(rig, "other");
  const proof = proveContradiction(
    ...(["bits", "other bits"].map((bits) => alice.verified(alice.link(target, bits))) as [never, never]),
    target.key,
    [],
  );
  assert.ok(proof !== null);
  const octets = writeEvidence(proof);
  const pretty = new TextEncoder().encode(
    new TextDecoder().decode(octets).replace('"samebits":1,', '"samebits": 1, '),
  );
  const junk = new TextEncoder().encode('{"samebits":1,"type":"evidence","kind":"fork"}');
  const stranger = rig.peer("stranger");
  for (const [i, evidence] of [pretty, junk, new Uint8Array([1, 2, 3])].entries()) {
    other.gossiped("evidence", writeEvidenceNotice({ evidence }), `sender ${i}`);
    assert.equal(other.dropped.size, i + 1);
  }
  stranger.gossiped("evidence", writeEvidenceNotice({ evidence: forgery("of no concern") }), "sender");
  assert.deepEqual([...kinds(other), ...kinds(stranger)], []);
  other.gossiped("evidence", writeEvidenceNotice({ evidence: octets }), "honest");
  assert.deepEqual(kinds(other), ["self-contradiction"]);
});

test("an observation whose write fails is told once it is kept", () => {
  const rig = new Rig();
  const peer = follower(rig);
  let failing = true;
  const value = "a".charCodeAt(0);
  peer.fault = (effect) =>
    failing && effect.kind === "store" && effect.ops.some(({ key }) => key[0] === value) ? "fail" : null;
  peer.gossiped("evidence", writeEvidenceNotice({ evidence: forgery("other bits") }), "framer");
  assert.deepEqual(kinds(peer), []);
  failing = false;
  rig.pass(2 * FINDING_AGAIN_MS);
  assert.deepEqual(kinds(peer), ["refuted"]);
});
