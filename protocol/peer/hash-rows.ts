/** Hashes in the store (spec/peer.md, "Rows"): rows of one tile, each with the hashes that one write brought. */
import { HASH_BYTES } from "../feed/index.ts";
import { TILE_WIDTH } from "../limits.ts";
import { hashStartOf } from "./rows.ts";
import type { Row } from "./types.ts";

/** The hashes of one tile, each row at its place, as far as they go without a gap. */
export function tileIn(rows: readonly Row[], index: number): Uint8Array {
  const tile = new Uint8Array(HASH_BYTES * TILE_WIDTH);
  let end = 0;
  for (const { key, value } of rows) {
    const at = HASH_BYTES * (hashStartOf(key) - index * TILE_WIDTH);
    if (at > end || at + value.length > tile.length) break;
    tile.set(value, at);
    end = Math.max(end, at + value.length);
  }
  return tile.subarray(0, end);
}
