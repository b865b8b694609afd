/** What one peer says against builders that somebody asks for: no flood of it is handed on, and none keeps others' proofs out (R23, I9). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { proveFork, writeEvidence } from "../../../protocol/evidence/index.ts";
import { MAX_EVIDENCE_ANSWERED } from "../../../protocol/limits.ts";
import { readTilesRequest, writeTilesAnswer } from "../../../protocol/wire/index.ts";
import { Builder, packageNumber } from "../../sim/builder.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { NETWORK, Rig } from "./rig.ts";
import type { Stub } from "./rig.ts";

const alice = new Builder(1);

/** Proof that the feed of this key has forked; `mark` makes it another one. */
function fork(seed: number, mark: string): Uint8Array {
  const one = new MemoryFeed(seed, NETWORK).append(`one ${mark}`);
  const other = new MemoryFeed(seed, NETWORK).append(`other ${mark}`);
  const proof = proveFork(one.head(), other.head(), null, null);
  assert.ok(proof !== null);
  return writeEvidence(proof);
}

/** Answers each question for evidence with these blobs, and knows of nothing else. */
function accuser(rig: Rig, name: string, blobs: readonly Uint8Array[]): Stub {
  return rig.stub(name, (stream, bytes) => {
    if (stream !== "tiles") return null;
    const isAsked = readTilesRequest(bytes).kind === "evidence";
    return writeTilesAnswer({ blobs: isAsked ? blobs : [], next: 0, code: "" });
  });
}

function evidenceFrom(...peers: readonly (readonly Uint8Array[])[]): readonly Uint8Array[] {
  const rig = new Rig();
  const light = rig.peer("light", { light: true });
  for (const [i, blobs] of peers.entries()) rig.connect(light, accuser(rig, `p${i}`, blobs));
  const builders = [alice.key.raw, ...Array.from({ length: 15 }, (_, i) => new Builder(20 + i).key.raw)];
  return light.find({ targets: [packageNumber(1).key], builders }, true).evidence;
}

test("a flood of junk, of what is about others, or of one proof over and over is not handed on; the proof of another peer is", () => {
  const good = fork(1, "good");
  const junk = Array.from({ length: 15 }, (_, i) => new Uint8Array(64 * 1024).fill(i + 1));
  const others = Array.from({ length: 100 }, (_, i) => fork(9, `${i}`));
  const many = Array.from({ length: 100 }, (_, i) => fork(1, `${i}`));
  assert.deepEqual(evidenceFrom(junk, [good]), [good]);
  assert.deepEqual(evidenceFrom(others, [good]), [good]);
  const some = evidenceFrom(many, [good]);
  assert.equal(some.length, MAX_EVIDENCE_ANSWERED + 1);
  assert.ok(some.some((one) => Buffer.compare(one, good) === 0));
});
