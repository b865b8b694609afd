/** What stands in hash tiles: reading subtrees out of them, and the hashes that a growing feed adds to them. */
import { concat } from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import { TILE_WIDTH } from "../limits.ts";
import { HASH_BYTES, rootOf } from "./merkle.ts";
import { planConsistency, planFrontier, planInclusion } from "./prove.ts";
import type { ReadHash, Subtree } from "./prove.ts";
import { appendLeaves } from "./range.ts";
import type { CompactRange } from "./range.ts";
import { tileWidth } from "./tile.ts";
import type { TileId } from "./tile.ts";

/** Levels of the tree that one level of tiles spans: 256 = 2^8. */
const TILE_HEIGHT = 8;

/** Hashes to be stored at one level of tiles, one after the other: the first is hash `start` of that level. */
export interface TileHashes {
  readonly level: number;
  readonly start: number;
  readonly hashes: Uint8Array;
}

/** What appending leaves brings: the edge afterwards and, level by level, the hashes that are complete now. */
export interface Growth {
  readonly range: CompactRange;
  readonly levels: readonly TileHashes[];
}

/** Appends leaves and collects the hashes to be stored, of every level of tiles that gains any. */
export function newTileHashes(range: CompactRange, leafHashes: readonly Uint8Array[]): Growth {
  const added: { start: number; hashes: Uint8Array[] }[] = [];
  const next = appendLeaves(range, leafHashes, (level, index, hash) => {
    if (level % TILE_HEIGHT !== 0) return;
    (added[level / TILE_HEIGHT] ??= { start: index, hashes: [] }).hashes.push(hash);
  });
  const levels = added.map(({ start, hashes }, level) =>
    Object.freeze({ level, start, hashes: concat(...hashes) }),
  );
  return Object.freeze({ range: next, levels: Object.freeze(levels) });
}

/** The hashes of a tile, as views. Throws `tile/bad-width` unless it is 1 to 256 whole hashes, or `width` of them. */
export function readTile(tile: Uint8Array, width: number | null = null): Uint8Array[] {
  const count = tile.length / HASH_BYTES;
  if (!Number.isInteger(count) || count < 1 || count > TILE_WIDTH || (width !== null && count !== width)) {
    throw new ProtocolError(
      "tile/bad-width",
      `${tile.length} octets are no tile of ${width ?? `1 to ${TILE_WIDTH}`} hashes of ${HASH_BYTES} octets`,
    );
  }
  return Array.from({ length: count }, (_, i) => tile.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES));
}

/** The tiles, at tree size `size`, from which `inclusionProof(index, size)` can be made. */
export function tilesForInclusion(index: number, size: number): TileId[] {
  return tilesOf(planInclusion(index, size).flat(), size);
}

/** The tiles, at tree size `n`, from which `consistencyProof(m, n)` can be made. */
export function tilesForConsistency(m: number, n: number): TileId[] {
  return tilesOf(planConsistency(m, n).flat(), n);
}

/** The tiles, at tree size `n`, from which the frontier of its first `m` leaves can be read. */
export function tilesForRange(m: number, n: number): TileId[] {
  if (m > n) throw new ProtocolError("tree/bad-index", `a tree of ${n} leaves has no frontier at ${m}`);
  return tilesOf(planFrontier(m), n);
}

/** The tiles, at tree size `n`, from which `earlierAt(m, n)` can be made. */
export function tilesForEarlier(m: number, n: number): TileId[] {
  return tilesOf([...planConsistency(m, n).flat(), ...planFrontier(m)], n);
}

/**
 * Reads subtrees out of tiles. `tileAt` gives the octets of a tile, full or partial, or null; a subtree that isn't in them
 * is `tile/missing`.
 */
export function tileReader(tileAt: (level: number, index: number) => Uint8Array | null): ReadHash {
  return (subtree) => {
    const { level, index, from, to } = placeOf(subtree);
    const tile = tileAt(level, index);
    if (tile === null || tile.length < to * HASH_BYTES) {
      throw new ProtocolError(
        "tile/missing",
        `tile ${index} of level ${level} is not there up to hash ${to - 1}`,
      );
    }
    return rootOf(readTile(tile.subarray(from * HASH_BYTES, to * HASH_BYTES)));
  };
}

/** The same for tiles at hand; one that is null isn't there. */
export function readerOf(tiles: readonly TileId[], octets: readonly (Uint8Array | null)[]): ReadHash {
  const byPlace = new Map(tiles.map(({ level, index }, i) => [`${level}/${index}`, octets[i] ?? null]));
  return tileReader((level, index) => byPlace.get(`${level}/${index}`) ?? null);
}

/** Where a subtree's hashes stand: hashes from … to - 1 of the tile at (level, index). */
function placeOf(subtree: Subtree): { level: number; index: number; from: number; to: number } {
  const level = Math.floor(subtree.level / TILE_HEIGHT);
  const count = 2 ** (subtree.level % TILE_HEIGHT);
  const first = subtree.index * count;
  const from = first % TILE_WIDTH;
  return { level, index: (first - from) / TILE_WIDTH, from, to: from + count };
}

function tilesOf(subtrees: readonly Subtree[], size: number): TileId[] {
  const tiles = new Map<string, TileId>();
  for (const subtree of subtrees) {
    const { level, index } = placeOf(subtree);
    tiles.set(`${level}/${index}`, Object.freeze({ level, index, width: tileWidth(level, index, size) }));
  }
  return [...tiles.values()];
}
