/**
 * Where two histories part: from the top of both trees down, one tile of each a level, always the one below the first hashes that differ
 * (RULES R15, I2).
 */
import { equalBytes } from "../bytes/index.ts";
import { consistencyProof, rangeAt, rangeRoot } from "../feed/index.ts";
import type { TileId } from "../feed/index.ts";
import { TILE_WIDTH } from "../limits.ts";
import type { ForkCommon } from "./fork.ts";
import type { HeadTiles } from "./head-tiles.ts";

/** Tiles to be taken by `a` and by `b` before the search goes on. */
export interface SearchStep {
  readonly a: readonly TileId[];
  readonly b: readonly TileId[];
}

/**
 * The largest tree that both begin with, and the proofs from it to both; null where they part at the first entry, or not at all. Yields
 * once for both right edges and at most once a level of tiles: ⌈log₂₅₆ n⌉ + 1 times.
 */
export function* forkSearch(a: HeadTiles, b: HeadTiles): Generator<SearchStep, ForkCommon | null, void> {
  yield { a: a.edge(), b: b.edge() };
  let index = 0;
  let first = 0;
  for (let level = Math.max(a.top, b.top); level >= 0; level--) {
    const step = { a: a.missing(level, index), b: b.missing(level, index) };
    if (step.a.length + step.b.length > 0) yield step;
    const [one, other] = [a.hashes(level, index), b.hashes(level, index)];
    let same = 0;
    while (same < Math.min(one.length, other.length) && isEqual(one[same], other[same])) same++;
    first = index * TILE_WIDTH + same;
    index = first;
  }
  if (first === 0 || first >= Math.min(a.head.size, b.head.size)) return null;
  return {
    size: first,
    root: rangeRoot(rangeAt(first, a.read)),
    toA: consistencyProof(first, a.head.size, a.read),
    toB: consistencyProof(first, b.head.size, b.read),
  };
}

function isEqual(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a !== undefined && b !== undefined && equalBytes(a, b);
}
