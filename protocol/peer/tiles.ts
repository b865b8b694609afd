/** Proofs out of the hashes in the store. */
import {
  earlierAt,
  HASH_BYTES,
  inclusionProof,
  rangeAt,
  readerOf,
  tilesForEarlier,
  tilesForInclusion,
  tilesForRange,
} from "../feed/index.ts";
import type { CompactRange, Earlier, ReadHash, TileId } from "../feed/index.ts";
import { MAX_CACHED_TILES, TILE_WIDTH } from "../limits.ts";
import type { Context } from "./context.ts";
import type { FeedState } from "./feed-state.ts";
import { tileIn } from "./hash-rows.ts";
import { readAll } from "./reads.ts";
import { hashRange } from "./rows.ts";

type Failed = (code: string) => void;

export class Tiles {
  readonly #ctx: Context;
  /** Full tiles, oldest first: they never change. */
  readonly #cache = new Map<string, Uint8Array>();

  constructor(ctx: Context) {
    this.#ctx = ctx;
  }

  /** Inclusion proofs of entries in the tree of `size` ≤ `feed.held` leaves, in the order asked. */
  inclusion(
    feed: FeedState,
    indexes: readonly number[],
    size: number,
    done: (paths: readonly (readonly Uint8Array[])[]) => void,
    failed: Failed,
  ): void {
    const tiles = indexes.flatMap((index) => tilesForInclusion(index, size));
    this.#load(
      feed,
      tiles,
      (read) => done(indexes.map((index) => inclusionProof(index, size, read))),
      failed,
    );
  }

  /** What the first `from` leaves look like from the tree of `to` leaves, 0 < from ≤ to ≤ `feed.held`. */
  earlier(feed: FeedState, from: number, to: number, done: (earlier: Earlier) => void, failed: Failed): void {
    this.#load(feed, tilesForEarlier(from, to), (read) => done(earlierAt(from, to, read)), failed);
  }

  /**
   * The compact range of the first `size` leaves, as the hashes in the store make it; reading it throws `tile/missing` where one is not
   * there.
   */
  frontier(feed: FeedState, size: number, done: (read: () => CompactRange) => void, failed: Failed): void {
    this.#load(feed, tilesForRange(size, size), (read) => done(() => rangeAt(size, read)), failed);
  }

  /** Tiles as octets, in the order asked; empty where one is not held to that width. */
  raw(
    feed: FeedState,
    tiles: readonly TileId[],
    done: (tiles: readonly Uint8Array[]) => void,
    failed: Failed,
  ): void {
    this.#tiles(
      feed,
      tiles,
      (octets) => {
        const whole = (octetsOf: Uint8Array, i: number): Uint8Array => {
          const length = HASH_BYTES * (tiles[i]?.width ?? 0);
          return octetsOf.length < length ? new Uint8Array(0) : octetsOf.subarray(0, length);
        };
        done(octets.map(whole));
      },
      failed,
    );
  }

  #load(feed: FeedState, wanted: readonly TileId[], done: (read: ReadHash) => void, failed: Failed): void {
    const tiles = [...new Map(wanted.map((tile) => [nameOf(feed, tile), tile])).values()];
    this.#tiles(feed, tiles, (octets) => done(readerOf(tiles, octets)), failed);
  }

  #tiles(
    feed: FeedState,
    tiles: readonly TileId[],
    done: (octets: readonly Uint8Array[]) => void,
    failed: Failed,
  ): void {
    const found = tiles.map((tile) => this.#cache.get(nameOf(feed, tile)) ?? null);
    const missing = tiles.filter((_, i) => found[i] === null);
    const ranges = missing.map(({ level, index, width }) => {
      const start = index * TILE_WIDTH;
      return hashRange(feed.no, level, start, start + width);
    });
    readAll(
      this.#ctx.turn,
      ranges,
      (rows) => {
        const read = rows.map((row, i) => tileIn(row, missing[i]?.index ?? 0));
        for (const [i, tile] of missing.entries()) this.#remember(nameOf(feed, tile), read[i]);
        let next = 0;
        done(found.map((tile) => tile ?? read[next++] ?? new Uint8Array(0)));
      },
      failed,
    );
  }

  #remember(name: string, tile: Uint8Array | undefined): void {
    if (tile?.length !== HASH_BYTES * TILE_WIDTH) return;
    if (this.#cache.size >= MAX_CACHED_TILES) {
      const [oldest] = this.#cache.keys();
      if (oldest !== undefined) this.#cache.delete(oldest);
    }
    this.#cache.set(name, tile);
  }
}

function nameOf(feed: FeedState, tile: { readonly level: number; readonly index: number }): string {
  return `${feed.no}/${tile.level}/${tile.index}`;
}
