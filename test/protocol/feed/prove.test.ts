import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  appendLeaves,
  checkConsistency,
  checkInclusion,
  consistencyFromRange,
  consistencyProof,
  emptyRange,
  inclusionProof,
  leafHash,
  planConsistency,
  planFrontier,
  planInclusion,
  rangeAt,
  rangeRoot,
  readBundle,
  rootOf,
} from "../../../protocol/feed/index.ts";
import type { ReadHash } from "../../../protocol/feed/index.ts";
import { MAX_FEED_SIZE, MAX_PROOF_HASHES } from "../../../protocol/limits.ts";
import { NaiveTree } from "../../naive/merkle.ts";
import { base64, refused, text, vector, vectorBytes } from "./cases.ts";

const leaves = Array.from({ length: 100 }, (_, i) => text(`leaf ${i}`));
const hashes = leaves.map(leafHash);
const naive = new NaiveTree(leaves);

/** Reads subtrees of the tree over `leafHashes`, of complete ones alone. */
function reader(leafHashes: readonly Uint8Array[]): ReadHash {
  const known = new Map<string, Uint8Array>();
  appendLeaves(emptyRange, leafHashes, (level, index, hash) => known.set(`${level}/${index}`, hash));
  return ({ level, index }) => {
    const hash = known.get(`${level}/${index}`);
    assert.ok(hash, `subtree ${index} of level ${level} is not complete`);
    return hash;
  };
}

test("every proof of every tree of up to 100 leaves equals the one of RFC 6962, word for word", () => {
  for (let size = 1; size <= leaves.length; size++) {
    const read = reader(hashes.slice(0, size));
    for (let index = 0; index < size; index++) {
      assert.deepEqual(
        inclusionProof(index, size, read),
        naive.path(index, size),
        `leaf ${index} of ${size}`,
      );
    }
    for (let m = 1; m <= size; m++) {
      assert.deepEqual(consistencyProof(m, size, read), naive.proof(m, size), `${m} to ${size}`);
      assert.deepEqual(rangeAt(m, read), appendLeaves(emptyRange, hashes.slice(0, m)));
    }
  }
});

test("the 120 consistency proofs of tiles-15", () => {
  const cases = vector("tlog/fork/consistency-all-pairs-15.json") as {
    m: number;
    n: number;
    proof: string[];
  }[];
  assert.equal(cases.length, 120);
  const entries = readBundle(vectorBytes("tlog/tiles-15/tile/entries/000.p/15"), 15);
  const read = reader(entries.map(leafHash));
  const log = new NaiveTree(entries);
  for (const { m, n, proof } of cases) {
    assert.deepEqual(consistencyProof(m, n, read), proof.map(base64), `${m} to ${n}`);
    checkConsistency(m, n, log.root(m), log.root(n), proof.map(base64));
  }
});

test("an edge and the leaves behind it prove their consistency", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 100 }), (a, b) => {
      const [m, n] = [Math.min(a, b), Math.max(a, b)];
      const range = appendLeaves(emptyRange, hashes.slice(0, m));
      const proof = consistencyFromRange(range, hashes.slice(m, n));
      assert.deepEqual(proof, naive.proof(m, n));
      checkConsistency(m, n, rangeRoot(range), rootOf(hashes.slice(0, n)), proof);
    }),
  );
  refused("tree/bad-index", () => consistencyFromRange(emptyRange, hashes));
});

test("plans for the largest feed are short, name no subtree beyond it, and lead to proofs that verify", () => {
  const sizes = [MAX_FEED_SIZE, MAX_FEED_SIZE - 1, 2 ** 39 + 1, 3 * 2 ** 31 + 5];
  for (const size of sizes) {
    for (const index of [0, 1, 2 ** 31, 2 ** 32 + 1, size - 1]) {
      const plan = planInclusion(index, size);
      assert.ok(plan.length <= 40 && plan.flat().every((s) => (s.index + 1) * 2 ** s.level <= size));
      // With one hash for all subtrees of a level the tree exists without its leaves, if it is perfect.
      const path = inclusionProof(index, MAX_FEED_SIZE, ({ level }) => uniform(level));
      checkInclusion(index, MAX_FEED_SIZE, uniform(0), path, uniform(40));
    }
    for (const m of [1, 2 ** 31, 2 ** 32 - 1, size - 1, size]) {
      const plan = planConsistency(m, size);
      assert.ok(
        plan.length <= MAX_PROOF_HASHES && plan.flat().every((s) => (s.index + 1) * 2 ** s.level <= size),
      );
    }
    assert.equal(
      planFrontier(size).reduce((sum, { level }) => sum + 2 ** level, 0),
      size,
    );
  }
});

const levels = [leafHash(text("same"))];
function uniform(level: number): Uint8Array {
  while (levels.length <= level) levels.push(rootOf([levels.at(-1) ?? text(""), levels.at(-1) ?? text("")]));
  return levels[level] ?? text("");
}

test("no proof for a leaf outside the tree, and none from nothing or to a smaller tree", () => {
  const read = reader(hashes);
  for (const index of [-1, 100, 0.5, Number.NaN])
    refused("tree/bad-index", () => inclusionProof(index, 100, read));
  for (const m of [-1, 0, 101, 0.5]) refused("tree/bad-index", () => consistencyProof(m, 100, read));
  refused("tree/bad-index", () => inclusionProof(0, 2 ** 53, read));
  refused("tree/bad-index", () => rangeAt(MAX_FEED_SIZE + 1, uniformReader));
});

const uniformReader: ReadHash = ({ level }) => uniform(level);
