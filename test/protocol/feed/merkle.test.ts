import assert from "node:assert/strict";
import { test } from "node:test";
import {
  EMPTY_ROOT,
  checkConsistency,
  checkInclusion,
  leafHash,
  nodeHash,
  rootFromInclusion,
  rootOf,
} from "../../../protocol/feed/index.ts";
import { fromHex, toHex } from "../../../protocol/bytes/index.ts";
import { NaiveTree } from "../../naive/merkle.ts";
import { base64, codeOf, flipped, refused, text, vector } from "./cases.ts";

interface Tree8 {
  leafInputsHex: string[];
  nodeHashesByLevelHex: string[][];
  rootsBySizeHex: string[];
  misc: { emptyTree: string; emptyLeaf: string; leaf_L123456: string; node_N123_N456: string };
}

interface InclusionCase {
  id: string;
  leafIdx: number | string;
  treeSize: number | string;
  root: string;
  leafHash: string;
  proof: string[] | null;
  wantErr: boolean;
}

interface ConsistencyCase {
  id: string;
  size1: number | string;
  size2: number | string;
  root1: string;
  root2: string;
  proof: string[] | null;
  wantErr: boolean;
}

const TREE_CODES = new Set(["tree/bad-index", "tree/bad-hash", "tree/bad-proof", "tree/root-mismatch"]);

/** Passes if the case ends as it should, a bad one with one of the codes of trees; returns the code. */
function ends(id: string, wantErr: boolean, run: () => void): string {
  const code = codeOf(run);
  assert.equal(code !== null, wantErr, `${id}: ${code}`);
  if (code !== null) assert.ok(TREE_CODES.has(code), `${id}: ${code}`);
  return code ?? "good";
}

function tally(codes: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const code of codes.toSorted()) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}

test("tree8: leaf, node and root hashes of every size", () => {
  const tree8 = vector("tlog/rfc6962/tree8.json") as Tree8;
  const leaves = tree8.leafInputsHex.map((hex) => leafHash(fromHex(hex)));
  assert.deepEqual(leaves.map(toHex), tree8.nodeHashesByLevelHex[0]);
  for (const [size, root] of tree8.rootsBySizeHex.entries()) {
    assert.equal(toHex(rootOf(leaves.slice(0, size))), root, `size ${size}`);
  }
  let row = leaves;
  for (const hashes of tree8.nodeHashesByLevelHex.slice(1)) {
    const below = row;
    row = hashes.map((_, i) => nodeHash(below[2 * i] ?? EMPTY_ROOT, below[2 * i + 1] ?? EMPTY_ROOT));
    assert.deepEqual(row.map(toHex), hashes);
  }
  assert.equal(toHex(EMPTY_ROOT), tree8.misc.emptyTree);
  assert.equal(toHex(leafHash(new Uint8Array(0))), tree8.misc.emptyLeaf);
  assert.equal(toHex(leafHash(text("L123456"))), tree8.misc.leaf_L123456);
});

test("all 98 published inclusion cases", () => {
  const cases = vector("tlog/rfc6962/inclusion.json") as InclusionCase[];
  assert.equal(cases.length, 98);
  const codes = cases.map((c) =>
    ends(c.id, c.wantErr, () => {
      const proof = (c.proof ?? []).map(base64);
      checkInclusion(Number(c.leafIdx), Number(c.treeSize), base64(c.leafHash), proof, base64(c.root));
    }),
  );
  assert.equal(codes.filter((code) => code === "good").length, cases.filter((c) => !c.wantErr).length);
  assert.ok(Object.keys(tally(codes)).length >= 4, JSON.stringify(tally(codes)));
});

test("all 98 published consistency cases", () => {
  const cases = vector("tlog/rfc6962/consistency.json") as ConsistencyCase[];
  assert.equal(cases.length, 98);
  const codes = cases.map((c) =>
    ends(c.id, c.wantErr, () => {
      const proof = (c.proof ?? []).map(base64);
      checkConsistency(Number(c.size1), Number(c.size2), base64(c.root1), base64(c.root2), proof);
    }),
  );
  assert.ok(Object.keys(tally(codes)).length >= 3, JSON.stringify(tally(codes)));
});

test("every proof of every tree of up to 100 leaves holds, and fails with any hash flipped, dropped or added", () => {
  const leaves = Array.from({ length: 100 }, (_, i) => text(`leaf ${i}`));
  const hashes = leaves.map(leafHash);
  const naive = new NaiveTree(leaves);
  for (let size = 1; size <= leaves.length; size++) {
    const root = naive.root(size);
    assert.deepEqual(rootOf(hashes.slice(0, size)), root);
    for (let index = 0; index < size; index++) {
      const proof = naive.path(index, size);
      const leaf = hashes[index] ?? EMPTY_ROOT;
      checkInclusion(index, size, leaf, proof, root);
      eachSpoilt(proof, (spoilt, code) => {
        refused(code, () => checkInclusion(index, size, leaf, spoilt, root), `leaf ${index} of ${size}`);
      });
    }
    checkConsistency(0, size, EMPTY_ROOT, root, []);
    for (let m = 1; m <= size; m++) {
      const proof = naive.proof(m, size);
      const before = naive.root(m);
      checkConsistency(m, size, before, root, proof);
      eachSpoilt(proof, (spoilt, code) => {
        refused(code, () => checkConsistency(m, size, before, root, spoilt), `${m} to ${size}`);
      });
      if (m < size) refused("tree/root-mismatch", () => checkConsistency(m, size, root, root, proof));
    }
  }
});

type Spoilt = (proof: readonly Uint8Array[], code: "tree/root-mismatch" | "tree/bad-proof") => void;

function eachSpoilt(proof: readonly Uint8Array[], check: Spoilt): void {
  for (const [at, hash] of proof.entries()) {
    const changed = hash.slice();
    changed[at % 32] = (changed[at % 32] ?? 0) ^ 1;
    check(proof.with(at, changed), "tree/root-mismatch");
  }
  if (proof.length > 0) check(proof.slice(1), "tree/bad-proof");
  check([...proof, EMPTY_ROOT], "tree/bad-proof");
}

test("every bit of a proof's hashes, of the leaf and of the root counts", () => {
  const leaves = Array.from({ length: 11 }, (_, i) => text(`leaf ${i}`));
  const naive = new NaiveTree(leaves);
  const proof = naive.path(6, 11);
  const leaf = leafHash(text("leaf 6"));
  const root = naive.root(11);
  for (const { bytes } of flipped(leaf))
    refused("tree/root-mismatch", () => checkInclusion(6, 11, bytes, proof, root));
  for (const { bytes } of flipped(root))
    refused("tree/root-mismatch", () => checkInclusion(6, 11, leaf, proof, bytes));
  for (const [i, hash] of proof.entries()) {
    for (const { bytes } of flipped(hash)) {
      refused("tree/root-mismatch", () => checkInclusion(6, 11, leaf, proof.with(i, bytes), root));
    }
  }
});

test("indexes and sizes are integers from 0 to 2^53 - 1, and leaves are in their tree", () => {
  for (const index of [-1, 1, 0.5, Number.NaN, 2 ** 64]) {
    refused("tree/bad-index", () => rootFromInclusion(index, 1, EMPTY_ROOT, []), `index ${index}`);
  }
  for (const size of [-1, 0, 1.5, Number.NaN, 2 ** 53]) {
    refused("tree/bad-index", () => rootFromInclusion(0, size, EMPTY_ROOT, []), `size ${size}`);
  }
  refused("tree/bad-index", () => checkConsistency(2, 1, EMPTY_ROOT, EMPTY_ROOT, []));
  refused("tree/bad-index", () => checkConsistency(1, 2 ** 53, EMPTY_ROOT, EMPTY_ROOT, []));
});

test("hashes have 32 octets, proofs at most 63 hashes, and trees near 2^53 leaves cost no more than others", () => {
  const short = new Uint8Array(31);
  refused("tree/bad-hash", () => nodeHash(short, EMPTY_ROOT));
  refused("tree/bad-hash", () => nodeHash(EMPTY_ROOT, short));
  refused("tree/bad-hash", () => rootFromInclusion(0, 1, short, []));
  refused("tree/bad-hash", () => rootFromInclusion(0, 2, EMPTY_ROOT, [short]));
  refused("tree/bad-hash", () => checkConsistency(1, 2, short, EMPTY_ROOT, [EMPTY_ROOT]));
  refused("tree/bad-hash", () => checkConsistency(1, 2, EMPTY_ROOT, EMPTY_ROOT, [short]));
  refused("tree/root-mismatch", () => checkConsistency(1, 2, EMPTY_ROOT, short, [EMPTY_ROOT]));
  refused("tree/bad-proof", () =>
    rootFromInclusion(0, 2, EMPTY_ROOT, Array<Uint8Array>(64).fill(EMPTY_ROOT)),
  );
  const path = Array<Uint8Array>(53).fill(EMPTY_ROOT);
  assert.equal(rootFromInclusion(0, 2 ** 53 - 1, EMPTY_ROOT, path).length, 32);
  refused("tree/bad-proof", () => rootFromInclusion(0, 2 ** 53 - 1, EMPTY_ROOT, path.slice(1)));
});

test("from size 0, and for equal sizes, the proof is empty", () => {
  const root = leafHash(text("a"));
  checkConsistency(0, 0, EMPTY_ROOT, EMPTY_ROOT, []);
  checkConsistency(0, 5, EMPTY_ROOT, root, []);
  checkConsistency(5, 5, root, root, []);
  refused("tree/root-mismatch", () => checkConsistency(0, 5, root, root, []));
  refused("tree/root-mismatch", () => checkConsistency(5, 5, EMPTY_ROOT, root, []));
  refused("tree/bad-proof", () => checkConsistency(0, 5, EMPTY_ROOT, root, [root]));
  refused("tree/bad-proof", () => checkConsistency(5, 5, root, root, [root]));
  refused("tree/bad-proof", () => checkConsistency(3, 5, root, root, []));
});
