/**
 * A stretch of a feed whose bundles can be checked one by one: the hashes of all its bundles, shown to belong behind what is held and under
 * a signed head before any of its entries is here. Whoever brings a bundle, in whatever order, it fits or does not.
 */
import { concat, equalBytes } from "../bytes/index.ts";
import {
  appendLeaves,
  fullTileRoot,
  HASH_BYTES,
  newTileHashes,
  rangeFromFrontier,
  readTile,
} from "../feed/index.ts";
import type { CompactRange, Growth, TileId } from "../feed/index.ts";
import { MAX_SEGMENT_ENTRIES, TILE_WIDTH } from "../limits.ts";

/** What to ask for. Bundles begin at multiples of TILE_WIDTH, and so does `from`. */
export interface SegmentPlan {
  readonly from: number;
  readonly to: number;
  /** Hashes of full bundles, then the leaf hashes of the last one if it is not full. */
  readonly tiles: readonly TileId[];
}

export interface Segment {
  readonly from: number;
  readonly to: number;
  /** One hash a full bundle. */
  readonly bundles: readonly Uint8Array[];
  /** Leaf hashes of the last bundle, which is not full. */
  readonly edge: readonly Uint8Array[];
  /** Right edge of the tree at `to`: its root is still to be compared. */
  readonly end: CompactRange;
}

/** The hash tiles for a feed from entry `from`, a multiple of TILE_WIDTH, towards `size`. */
export function planSegment(from: number, size: number): SegmentPlan {
  const to = Math.min(size, from + MAX_SEGMENT_ENTRIES);
  const end = Math.floor(to / TILE_WIDTH);
  const tiles: TileId[] = [];
  for (let index = Math.floor(from / TILE_WIDTH ** 2); index * TILE_WIDTH < end; index++)
    tiles.push({ level: 1, index, width: Math.min(TILE_WIDTH, end - index * TILE_WIDTH) });
  if (to % TILE_WIDTH > 0) tiles.push({ level: 0, index: end, width: to % TILE_WIDTH });
  return { from, to, tiles };
}

/** What the answer makes of the plan, behind what is held; null where it is not what was asked for. */
export function readSegment(
  range: CompactRange,
  plan: SegmentPlan,
  blobs: readonly Uint8Array[],
): Segment | null {
  const { from, to, tiles } = plan;
  const isAnswer = tiles.every(({ width }, i) => blobs[i]?.length === HASH_BYTES * width);
  if (!isAnswer || blobs.length !== tiles.length || range.size !== from) return null;
  const above = tiles.flatMap(({ level }, i) => (level === 1 ? hashesOf(blobs[i]) : []));
  const bundles = above.slice((from / TILE_WIDTH) % TILE_WIDTH);
  const edge = tiles.flatMap(({ level }, i) => (level === 0 ? hashesOf(blobs[i]) : []));
  const end = appendLeaves(below(appendLeaves(aboveOf(range), bundles)), edge);
  return { from, to, bundles, edge, end };
}

/** Bundles of a segment, the last one included that is not full. */
export function countBundles({ from, to }: Segment): number {
  return Math.ceil((to - from) / TILE_WIDTH);
}

/** How many entries the bundle has. */
export function widthOf({ from, to }: Segment, bundle: number): number {
  return Math.min(TILE_WIDTH, to - from - bundle * TILE_WIDTH);
}

/** Whether entries with these leaf hashes, which stand one after the other, are that bundle. */
export function isBundle(segment: Segment, bundle: number, leaves: Uint8Array): boolean {
  if (leaves.length !== HASH_BYTES * widthOf(segment, bundle)) return false;
  const hash = segment.bundles[bundle];
  return equalBytes(hash === undefined ? leaves : fullTileRoot(leaves), hash ?? concat(...segment.edge));
}

/** What bundles with these leaf hashes, from number `first` on, make of the feed: `newTileHashes`, without hashing full bundles again. */
export function growthOf(
  segment: Segment,
  range: CompactRange,
  first: number,
  bundles: readonly Uint8Array[],
): Growth {
  const full = segment.bundles.slice(first, first + bundles.length);
  const above = newTileHashes(aboveOf(range), full);
  const edge = hashesOf(bundles[full.length]);
  return {
    range: appendLeaves(below(above.range), edge),
    levels: [
      { level: 0, start: range.size, hashes: concat(...bundles) },
      ...above.levels.map((each) => ({ ...each, level: each.level + 1 })),
    ],
  };
}

/** The tree whose leaves are the bundles' hashes: its frontier is the feed's. */
function aboveOf({ size, hashes }: CompactRange): CompactRange {
  return rangeFromFrontier(size / TILE_WIDTH, hashes);
}

function below({ size, hashes }: CompactRange): CompactRange {
  return rangeFromFrontier(size * TILE_WIDTH, hashes);
}

/** Copies: some are kept with the feed, and a view would keep the whole answer. */
function hashesOf(tile: Uint8Array | undefined): Uint8Array[] {
  return tile === undefined ? [] : readTile(tile).map((hash) => hash.slice());
}
