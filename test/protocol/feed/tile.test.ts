import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  entriesPath,
  parseEntriesPath,
  parseTilePath,
  partialWidth,
  tilePath,
  tileWidth,
  tilesFor,
} from "../../../protocol/feed/index.ts";
import { MAX_FEED_SIZE, MAX_TILE_LEVEL, TILE_WIDTH } from "../../../protocol/limits.ts";
import { refused, vector } from "./cases.ts";

interface Paths {
  c2sp: { level?: number; entries?: boolean; index: number; width?: number; path: string }[];
  partialWidths: { size: number; levels: { full: number; partial: number }[] };
  sumdb_go: [string, { H: number; L: number; N: number; W: number } | null][];
}

const paths = vector("tlog/tiles-paths.json") as Paths;

test("the paths of C2SP tlog-tiles", () => {
  for (const { level, index, width, path } of paths.c2sp) {
    if (level === undefined) {
      assert.equal(entriesPath(index, width), path);
      assert.deepEqual(parseEntriesPath(path), { index, count: width ?? TILE_WIDTH });
    } else {
      assert.equal(tilePath(level, index, width), path);
      assert.deepEqual(parseTilePath(path), { level, index, width: width ?? TILE_WIDTH });
    }
  }
});

test("the numbers in the paths of Go's sumdb, whose tiles have other heights", () => {
  for (const [path, tile] of paths.sumdb_go) {
    const ours = path.replace(/^tile\/\d+\/(-?\d+|data)\//, "tile/0/");
    if (tile === null) refused("tile/bad-path", () => parseTilePath(ours), path);
    else assert.equal(parseTilePath(ours).index, tile.N);
    // Their own paths have one part more than ours, or no level.
    refused("tile/bad-path", () => parseTilePath(path), path);
  }
});

test("widths of 70,000 entries", () => {
  const { size, levels } = paths.partialWidths;
  for (const [level, { full, partial }] of levels.entries()) {
    assert.equal(partialWidth(level, size), partial);
    assert.equal(tileWidth(level, full, size), partial);
    assert.equal(tileWidth(level, full + 1, size), 0);
    if (full > 0) assert.equal(tileWidth(level, full - 1, size), TILE_WIDTH);
    assert.equal([...tilesFor(size)].filter((tile) => tile.level === level).length, full + 1);
  }
  assert.equal(partialWidth(3, size), 0);
});

test("the tiles of a feed are those whose width is not 0, and growth names those that change", () => {
  fc.assert(
    fc.property(fc.nat(200_000), fc.nat(200_000), (a, b) => {
      const [from, size] = [Math.min(a, b), Math.max(a, b)];
      const all = [...tilesFor(size)];
      const grown = [...tilesFor(size, from)];
      const changed = all.filter(({ level, index, width }) => width !== tileWidth(level, index, from));
      assert.deepEqual(grown, changed);
      for (let level = 0; level < 4; level++) {
        const hashes = all.filter((tile) => tile.level === level).reduce((sum, tile) => sum + tile.width, 0);
        assert.equal(hashes, Math.floor(size / 256 ** level));
      }
    }),
  );
  assert.deepEqual([...tilesFor(0)], []);
  refused("tree/bad-index", () => [...tilesFor(-1)]);
});

test("paths round trip", () => {
  const level = fc.nat(MAX_TILE_LEVEL);
  const index = fc.oneof(
    fc.nat(5000),
    fc.maxSafeNat().map((n) => n % (MAX_FEED_SIZE + 1)),
  );
  const width = fc.integer({ min: 1, max: TILE_WIDTH });
  fc.assert(
    fc.property(level, index, width, (level, index, width) => {
      assert.deepEqual(parseTilePath(tilePath(level, index, width)), { level, index, width });
      assert.deepEqual(parseEntriesPath(entriesPath(index, width)), { index, count: width });
      refused("tile/bad-path", () => parseEntriesPath(tilePath(level, index, width)));
      refused("tile/bad-path", () => parseTilePath(entriesPath(index, width)));
    }),
  );
});

test("each tile has one path: everything else is refused", () => {
  const bad = [
    ..."|/|tile|tile/|tile/0|tile/0/|tile/0/0|tile/0/00|tile/0/0000|tile/00/000|tile/6/000|tile/-1/000|tile/ 0/000".split(
      "|",
    ),
    ..."tile/0/x000/000|tile/0/001/000|tile/0/x001/x000|tile/0/X001/000|tile/0/x1/000|tile/0/x001/000/|/tile/0/000".split(
      "|",
    ),
    ..."tile/0/000.p/0|tile/0/000.p/256|tile/0/000.p/257|tile/0/000.p/01|tile/0/000.p/|tile/0/000.p|tile/0/000.p/1.p/1".split(
      "|",
    ),
    ..."tile/0/-01|tile/0/+01|tile/0/1e1|tile/0/0x1|tile/0/ 01|tile/0/..|tile/0/../000|tile/data/000|tile/0/٠٠٠".split(
      "|",
    ),
    `tile/0/${"x999/".repeat(11)}999`,
    `tile/0/${"x000/".repeat(100_000)}000`,
    "tile/0/x001/x099/x511/x627/777", // one more than MAX_FEED_SIZE
  ];
  for (const path of bad) {
    refused("tile/bad-path", () => parseTilePath(path), path.slice(0, 80));
    refused(
      "tile/bad-path",
      () => parseEntriesPath(path.replace("tile/0/", "tile/entries/")),
      path.slice(0, 80),
    );
  }
});

test("paths are written of what exists alone", () => {
  for (const level of [-1, MAX_TILE_LEVEL + 1, 0.5]) refused("tile/bad-path", () => tilePath(level, 0));
  for (const index of [-1, MAX_FEED_SIZE + 1, 0.5, Number.NaN])
    refused("tile/bad-path", () => entriesPath(index));
  for (const width of [0, 257, 0.5]) refused("tile/bad-path", () => tilePath(0, 0, width));
});
