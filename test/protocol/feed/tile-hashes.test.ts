import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  EMPTY_ROOT,
  appendLeaves,
  checkConsistency,
  checkInclusion,
  consistencyProof,
  earlierAt,
  emptyRange,
  fullTileRoot,
  inclusionProof,
  leafHash,
  leafHashes,
  newTileHashes,
  parseCheckpoint,
  rangeAt,
  rangeRoot,
  readBundle,
  readTile,
  rootOf,
  tilePath,
  tileReader,
  tilesFor,
  tilesForConsistency,
  tilesForEarlier,
  tilesForInclusion,
  tilesForRange,
} from "../../../protocol/feed/index.ts";
import type { CompactRange, TileId } from "../../../protocol/feed/index.ts";
import { concat } from "../../../protocol/bytes/index.ts";
import { MAX_ENTRY_BYTES } from "../../../protocol/limits.ts";
import { refused, text, vectorBytes } from "./cases.ts";

const SIZE = 70_000;
const leaves = Array.from({ length: SIZE }, (_, i) => leafHash(text(`leaf ${i}`)));

/** All hashes of every level of tiles, as `newTileHashes` adds them in portions. */
function grown(portions: readonly number[]): { range: CompactRange; levels: Uint8Array[] } {
  let range = emptyRange;
  const levels: Uint8Array[] = [];
  for (const portion of portions) {
    const growth = newTileHashes(range, leaves.slice(range.size, range.size + portion));
    range = growth.range;
    for (const { level, start, hashes } of growth.levels) {
      const known = levels[level] ?? new Uint8Array(0);
      assert.equal(known.length, start * 32, `level ${level} goes on where it ended`);
      levels[level] = concat(known, hashes);
    }
  }
  return { range, levels };
}

const whole = grown([SIZE]);

/** Octets of one tile, and a record of what was asked for. */
function tiles(only: readonly TileId[]): (level: number, index: number) => Uint8Array | null {
  return (level, index) => {
    const tile = only.find((one) => one.level === level && one.index === index);
    if (tile === undefined) return null;
    return (whole.levels[level] ?? text("")).subarray(index * 8192, (index * 256 + tile.width) * 32);
  };
}

test("the hashes of a growing feed are the tiles, at every level", () => {
  assert.equal(whole.levels.length, 3);
  for (const { level, index, width } of tilesFor(SIZE)) {
    const tile = (whole.levels[level] ?? text("")).subarray(index * 8192, (index * 256 + width) * 32);
    const span = 256 ** level;
    for (const at of [0, width - 1]) {
      const start = (index * 256 + at) * span;
      const subtree = leaves.slice(start, start + span);
      assert.equal(subtree.length, span);
      assert.deepEqual(
        readTile(tile, width)[at],
        rootOf(subtree),
        `hash ${at} of tile ${index}, level ${level}`,
      );
    }
  }
  assert.deepEqual(rangeRoot(whole.range), rootOf(leaves));
});

test("growing in any portions adds the same hashes", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(700), { maxLength: 12 }), (portions) => {
      const { range, levels } = grown(portions);
      assert.deepEqual(range, appendLeaves(emptyRange, leaves.slice(0, range.size)));
      for (const [level, hashes] of levels.entries()) {
        assert.equal(Buffer.compare(hashes, (whole.levels[level] ?? text("")).subarray(0, hashes.length)), 0);
        assert.equal(hashes.length, Math.floor(range.size / 256 ** level) * 32);
      }
    }),
    { numRuns: 30 },
  );
  assert.deepEqual(newTileHashes(emptyRange, []).levels, []);
});

test("the tiles that are planned are enough for each proof, and each is needed", () => {
  const root = rootOf(leaves);
  const size = fc.integer({ min: 1, max: SIZE });
  fc.assert(
    fc.property(size, size, (a, b) => {
      const [m, n] = [Math.min(a, b), Math.max(a, b)];
      const forConsistency = tilesForConsistency(m, n);
      const proof = consistencyProof(m, n, tileReader(tiles(forConsistency)));
      const forRange = tilesForRange(m, n);
      const edge = rangeAt(m, tileReader(tiles(forRange)));
      const after = rangeAt(n, tileReader(tiles(tilesForRange(n, n))));
      checkConsistency(m, n, rangeRoot(edge), rangeRoot(after), proof);

      const forEarlier = tilesForEarlier(m, n);
      const earlier = earlierAt(m, n, tileReader(tiles(forEarlier)));
      assert.deepEqual(earlier, { root: rangeRoot(edge), proof });

      const forInclusion = tilesForInclusion(m - 1, SIZE);
      const path = inclusionProof(m - 1, SIZE, tileReader(tiles(forInclusion)));
      checkInclusion(m - 1, SIZE, leaves[m - 1] ?? EMPTY_ROOT, path, root);

      for (const tile of forInclusion) {
        const without = tileReader(tiles(forInclusion.filter((other) => other !== tile)));
        refused("tile/missing", () => inclusionProof(m - 1, SIZE, without));
      }
      for (const tile of forConsistency) {
        const without = tileReader(tiles(forConsistency.filter((other) => other !== tile)));
        refused("tile/missing", () => consistencyProof(m, n, without));
      }
      for (const tile of forEarlier) {
        const without = tileReader(tiles(forEarlier.filter((other) => other !== tile)));
        refused("tile/missing", () => earlierAt(m, n, without));
      }
    }),
    { numRuns: 60 },
  );
  refused("tree/bad-index", () => tilesForRange(3, 2));
  refused("tree/bad-index", () => tilesForEarlier(3, 2));
});

test("a proof never needs more tiles than two a level and one", () => {
  for (const n of [1, 255, 256, 257, 65_535, 65_536, 65_537, SIZE]) {
    for (const index of [0, Math.floor(n / 2), n - 1]) assert.ok(tilesForInclusion(index, n).length <= 6);
  }
});

test("a tile that is too short for the subtree is as good as none", () => {
  const [tile] = tilesForRange(4, 4);
  assert.deepEqual(tile, { level: 0, index: 0, width: 4 });
  refused("tile/missing", () =>
    rangeAt(
      4,
      tileReader(() => new Uint8Array(3 * 32)),
    ),
  );
});

test("tiles have 1 to 256 whole hashes", () => {
  for (const octets of [0, 31, 33, 257 * 32])
    refused("tile/bad-width", () => readTile(new Uint8Array(octets)));
  refused("tile/bad-width", () => readTile(new Uint8Array(64), 1));
  assert.equal(readTile(new Uint8Array(8192)).length, 256);
});

test("tessera's log: tiles, bundles and the checkpoints of all 16 sizes agree", () => {
  for (let size = 1; size <= 15; size++) {
    const tile = vectorBytes(`tlog/tiles-15/${tilePath(0, 0, size)}`);
    const entries = readBundle(vectorBytes(`tlog/tiles-15/tile/entries/000.p/${size}`), size);
    assert.deepEqual(readTile(tile, size).map(plain), entries.map(leafHash));
    const checkpoint = parseCheckpoint(vectorBytes(`tlog/tiles-15/checkpoint.${size}`));
    assert.equal(checkpoint.size, size);
    assert.deepEqual(
      rangeRoot(
        rangeAt(
          size,
          tileReader(() => tile),
        ),
      ),
      checkpoint.root,
    );
  }
  assert.deepEqual(parseCheckpoint(vectorBytes("tlog/tiles-15/checkpoint.0")).root, EMPTY_ROOT);
});

test("sunlight's log of 300: two level-0 tiles, one of level 1, its checkpoint", () => {
  const paths = [...tilesFor(300)].map(({ level, index, width }) => tilePath(level, index, width));
  assert.deepEqual(paths, ["tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1"]);
  const [full, partial, upper] = paths.map((path) => vectorBytes(`tlog/tiles-300/${path}`));
  assert.ok(full && partial && upper);
  const read = tileReader((level, index) => (level === 1 ? upper : index === 0 ? full : partial));
  assert.deepEqual(
    rangeRoot(rangeAt(300, read)),
    parseCheckpoint(vectorBytes("tlog/tiles-300/checkpoint")).root,
  );
  assert.deepEqual(rootOf(readTile(full)), upper);
  assert.deepEqual(fullTileRoot(full), upper);
});

test("the root of a full tile, made in place, is that of its hashes, of one tile after the other; other widths are refused", () => {
  const tile = fc.uint8Array({ minLength: 8_192, maxLength: 8_192 });
  fc.assert(
    fc.property(tile, (octets) => {
      const before = octets.slice();
      assert.deepEqual(plain(fullTileRoot(octets)), plain(rootOf(readTile(octets))));
      assert.deepEqual(octets, before);
    }),
    { numRuns: 20 },
  );
  for (const length of [0, 32, 8_191, 8_192 - 32, 8_192 + 32])
    refused("tile/bad-width", () => fullTileRoot(new Uint8Array(length)));
});

test("leaf hashes side by side are those of each entry, of any length", () => {
  const lengths = [0, 1, 55, 64, 800, MAX_ENTRY_BYTES, MAX_ENTRY_BYTES + 1, 3];
  const entries = lengths.map((length, i) => new Uint8Array(length).fill(i + 1));
  assert.deepEqual(leafHashes(entries), concat(...entries.map(leafHash)));
  assert.deepEqual(leafHashes([]), new Uint8Array(0));
});

function plain(bytes: Uint8Array): Uint8Array {
  return bytes.slice();
}
