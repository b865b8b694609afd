import assert from "node:assert/strict";
import { test } from "node:test";
import { origin } from "../../../protocol/feed/index.ts";
import { Builder, packageNumber } from "../../sim/builder.ts";
import { NETWORK, Rig } from "./rig.ts";

const alice = new Builder(1);
const ALICE = origin(NETWORK, alice.key.raw);

test("a published attestation reaches a follower with its tail, and is found there with proof", () => {
  const rig = new Rig();
  const a = rig.peer("a", { seed: alice.seed, first: true });
  const b = rig.peer("b", { follow: { builders: [alice.key] } });
  rig.connect(a, b);
  const target = packageNumber(1);
  const result = a.publish(alice.link(target, "same"));
  assert.deepEqual(result, { ok: true, do: "publish", entries: [{ origin: ALICE, index: 0, known: false }] });
  assert.equal(b.held(ALICE), 1);
  const found = b.find({ targets: [target.key], builders: [alice.key.raw] });
  assert.equal(found.found.length, 1);
  assert.equal(found.ended, true);
});
