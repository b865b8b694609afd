/** A feed of any size as static files (C2SP tlog-tiles), as `feed export` leaves it: made without a node, portion by portion. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  CHECKPOINT_PATH,
  emptyRange,
  entriesPath,
  HASH_BYTES,
  headBody,
  leafHash,
  newTileHashes,
  origin,
  rangeRoot,
  signDomain,
  signedCheckpoint,
  TILE_WIDTH,
  tilePath,
  writeBundle,
} from "../../protocol/index.ts";
import type { TestBuilder } from "../../test/e2e/claims.ts";

/** Writes the feed of `by` whose entry `i` is `entryAt(i)` into `folder`. */
export async function writeStaticFeed(
  folder: string,
  network: string,
  by: TestBuilder,
  count: number,
  entryAt: (i: number) => Uint8Array,
): Promise<void> {
  const levels: Uint8Array[][] = [];
  let range = emptyRange;
  for (let from = 0; from < count; from += TILE_WIDTH) {
    const entries = Array.from({ length: Math.min(TILE_WIDTH, count - from) }, (_, i) => entryAt(from + i));
    const growth = newTileHashes(range, entries.map(leafHash));
    range = growth.range;
    for (const { level, hashes } of growth.levels) (levels[level] ??= []).push(hashes);
    await put(folder, entriesPath(from / TILE_WIDTH, entries.length), writeBundle(entries));
  }
  for (const [level, hashes] of levels.entries()) {
    const all = Buffer.concat(hashes);
    for (let at = 0; at < all.length; at += TILE_WIDTH * HASH_BYTES) {
      const tile = all.subarray(at, at + TILE_WIDTH * HASH_BYTES);
      await put(folder, tilePath(level, at / TILE_WIDTH / HASH_BYTES, tile.length / HASH_BYTES), tile);
    }
  }
  const name = origin(network, by.raw);
  const root = rangeRoot(range);
  const signature = signDomain(by.seed, headBody({ origin: name, size: count, root }));
  await put(folder, CHECKPOINT_PATH, signedCheckpoint(name, count, root, signature));
}

async function put(folder: string, path: string, octets: Uint8Array): Promise<void> {
  const to = join(folder, path);
  await mkdir(dirname(to), { recursive: true });
  await writeFile(to, octets);
}
