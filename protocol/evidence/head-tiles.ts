/** Hash tiles of the tree that one head stands for, each held against the head's root before it is used. */
import { equalBytes } from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import {
  fullTileRoot,
  HASH_BYTES,
  partialWidth,
  rangeAt,
  rangeRoot,
  readTile,
  readerOf,
  tileWidth,
} from "../feed/index.ts";
import type { ReadHash, TileId } from "../feed/index.ts";
import { MAX_TILE_LEVEL, TILE_WIDTH } from "../limits.ts";
import type { TreeHead } from "./fork.ts";

/** The tiles of a tree, learnt from the top down: no source needs to be trusted. */
export class HeadTiles {
  readonly head: TreeHead;
  /** Level of the highest tile. */
  readonly top: number;
  readonly #tiles = new Map<string, { readonly tile: TileId; readonly octets: Uint8Array }>();

  constructor(head: TreeHead) {
    this.head = head;
    let top = 0;
    while (top < MAX_TILE_LEVEL && tileWidth(top + 1, 0, head.size) > 0) top++;
    this.top = top;
  }

  /** Reads subtrees out of the tiles that are here. */
  get read(): ReadHash {
    const known = [...this.#tiles.values()];
    return readerOf(
      known.map(({ tile }) => tile),
      known.map(({ octets }) => octets),
    );
  }

  /** The partial tiles, one a level at most: together they make the root, so that they come first. */
  edge(): readonly TileId[] {
    const tiles: TileId[] = [];
    for (let level = 0; level <= this.top; level++) {
      const width = partialWidth(level, this.head.size);
      // Behind the full ones.
      const index = Math.floor(this.head.size / TILE_WIDTH ** (level + 1));
      if (width > 0) tiles.push({ level, index, width });
    }
    return tiles;
  }

  /** What is to be fetched to have this tile: itself, or nothing if it is here or the tree has no such tile. */
  missing(level: number, index: number): readonly TileId[] {
    const width = tileWidth(level, index, this.head.size);
    return width === 0 || this.#tiles.has(nameOf(level, index)) ? [] : [{ level, index, width }];
  }

  /** Hashes of a tile that is here; none where the tree has no such tile. */
  hashes(level: number, index: number): readonly Uint8Array[] {
    const known = this.#tiles.get(nameOf(level, index));
    return known === undefined ? [] : readTile(known.octets);
  }

  /** Takes the tiles of `edge`, or those that `missing` named; false, and none of them, where they are not this tree's. */
  take(tiles: readonly TileId[], octets: readonly Uint8Array[]): boolean {
    if (tiles.some(({ width }, i) => octets[i]?.length !== width * HASH_BYTES)) return false;
    const isEdge = this.#tiles.size === 0;
    if (isEdge ? !this.#makeRoot(tiles, octets) : !tiles.every((tile, i) => this.#fits(tile, octets[i])))
      return false;
    for (const [i, tile] of tiles.entries()) {
      const bytes = octets[i];
      if (bytes !== undefined) this.#tiles.set(nameOf(tile.level, tile.index), { tile, octets: bytes });
    }
    return true;
  }

  #makeRoot(tiles: readonly TileId[], octets: readonly Uint8Array[]): boolean {
    try {
      return equalBytes(rangeRoot(rangeAt(this.head.size, readerOf(tiles, octets))), this.head.root);
    } catch (error) {
      if (error instanceof ProtocolError) return false;
      throw error;
    }
  }

  /** A full tile hashes to one hash of the level above. */
  #fits({ level, index }: TileId, octets: Uint8Array | undefined): boolean {
    const above = this.hashes(level + 1, Math.floor(index / TILE_WIDTH))[index % TILE_WIDTH];
    return above !== undefined && octets !== undefined && equalBytes(fullTileRoot(octets), above);
  }
}

function nameOf(level: number, index: number): string {
  return `${level}/${index}`;
}
