import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  EMPTY_ROOT,
  appendLeaf,
  appendLeaves,
  emptyRange,
  frontierLength,
  leafHash,
  rangeFromFrontier,
  rangeRoot,
  readRange,
  rootOf,
  writeRange,
} from "../../../protocol/feed/index.ts";
import { MAX_FEED_SIZE } from "../../../protocol/limits.ts";
import { toHex } from "../../../protocol/bytes/index.ts";
import { NaiveTree } from "../../naive/merkle.ts";
import { flipped, refused, text, vector } from "./cases.ts";

const leaves = Array.from({ length: 600 }, (_, i) => leafHash(text(`leaf ${i}`)));

test("a range's root is the tree's root, at every size to 600, leaf by leaf", () => {
  let range = emptyRange;
  assert.deepEqual(rangeRoot(range), EMPTY_ROOT);
  for (const [i, leaf] of leaves.entries()) {
    range = appendLeaf(range, leaf);
    assert.equal(range.size, i + 1);
    assert.equal(range.hashes.length, frontierLength(range.size));
    assert.deepEqual(rangeRoot(range), rootOf(leaves.slice(0, i + 1)));
  }
});

test("appending in any portions gives the same range, and leaves the old one as it was", () => {
  fc.assert(
    fc.property(fc.nat(600), fc.nat(600), (a, b) => {
      const [m, n] = [Math.min(a, b), Math.max(a, b)];
      const before = appendLeaves(emptyRange, leaves.slice(0, m));
      const root = rangeRoot(before);
      const after = appendLeaves(before, leaves.slice(m, n));
      assert.deepEqual(after, appendLeaves(emptyRange, leaves.slice(0, n)));
      assert.deepEqual(rangeRoot(before), root);
      assert.ok(Object.isFrozen(after) && Object.isFrozen(after.hashes));
    }),
  );
});

test("every complete subtree is told once, with its hash", () => {
  const told = new Map<string, Uint8Array>();
  appendLeaves(emptyRange, leaves.slice(0, 100), (level, index, hash) => {
    assert.ok(!told.has(`${level}/${index}`));
    told.set(`${level}/${index}`, hash);
  });
  let expected = 0;
  for (let level = 0; 2 ** level <= 100; level++) {
    for (let index = 0; (index + 1) * 2 ** level <= 100; index++, expected++) {
      const subtree = leaves.slice(index * 2 ** level, (index + 1) * 2 ** level);
      assert.deepEqual(told.get(`${level}/${index}`), rootOf(subtree), `${level}/${index}`);
    }
  }
  assert.equal(told.size, expected);
});

test("a frontier has one hash of 32 octets for each bit set in its size", () => {
  const range = appendLeaves(emptyRange, leaves.slice(0, 13));
  assert.deepEqual(rangeFromFrontier(13, range.hashes), range);
  assert.deepEqual(rangeFromFrontier(0, []), emptyRange);
  refused("tree/bad-frontier", () => rangeFromFrontier(13, range.hashes.slice(1)));
  refused("tree/bad-frontier", () => rangeFromFrontier(13, [...range.hashes, EMPTY_ROOT]));
  refused("tree/bad-frontier", () => rangeFromFrontier(0, [EMPTY_ROOT]));
  refused("tree/bad-hash", () => rangeFromFrontier(1, [new Uint8Array(33)]));
  for (const size of [-1, 0.5, MAX_FEED_SIZE + 1, Number.NaN]) {
    refused("tree/bad-index", () => rangeFromFrontier(size, []), `size ${size}`);
  }
});

test("a feed ends at 2^40 entries", () => {
  const full = rangeFromFrontier(MAX_FEED_SIZE, [EMPTY_ROOT]);
  assert.deepEqual(appendLeaves(full, []), full);
  refused("tree/bad-index", () => appendLeaf(full, EMPTY_ROOT));
  const almost = rangeFromFrontier(MAX_FEED_SIZE - 1, Array<Uint8Array>(40).fill(EMPTY_ROOT));
  assert.equal(appendLeaf(almost, EMPTY_ROOT).hashes.length, 1);
  refused("tree/bad-hash", () => appendLeaf(almost, new Uint8Array(31)));
});

test("writing and reading a range", () => {
  fc.assert(
    fc.property(fc.nat(600), (size) => {
      const range = appendLeaves(emptyRange, leaves.slice(0, size));
      assert.deepEqual(readRange(writeRange(range)), range);
    }),
  );
});

test("cut short or with octets added a range is refused; a changed one is never the same", () => {
  const range = appendLeaves(emptyRange, leaves.slice(0, 7));
  const bytes = writeRange(range);
  for (let length = 0; length < bytes.length; length++) {
    refused("tree/bad-frontier", () => readRange(bytes.subarray(0, length)), `${length} octets`);
  }
  refused("tree/bad-frontier", () => readRange(new Uint8Array([...bytes, 0])));
  refused("tree/bad-frontier", () => readRange(new Uint8Array(8).fill(255)));
  for (const { bytes: changed, at } of flipped(bytes)) {
    let read;
    try {
      read = readRange(changed);
    } catch {
      continue;
    }
    assert.notDeepEqual(read, range, `octet ${at}`);
  }
});

interface OurTrees {
  entries: string[];
  trees: { size: number; root: string; frontier: string[] }[];
}

test("our vectors: roots and frontiers, by the naive tree too", () => {
  const { entries, trees } = vector("feed/trees.json") as OurTrees;
  const naive = new NaiveTree(entries.map(text));
  assert.equal(trees.length, 22);
  for (const { size, root, frontier } of trees) {
    const range = appendLeaves(emptyRange, entries.slice(0, size).map(text).map(leafHash));
    assert.deepEqual(range.hashes.map(toHex), frontier);
    assert.equal(toHex(rangeRoot(range)), root);
    assert.equal(toHex(naive.root(size)), root);
  }
});
