/** Whether a folder of static files (C2SP tlog-tiles) is a feed under a head: every file is read, in an order that needs little memory. */
import { concat, counted, equalBytes } from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import { TILE_WIDTH } from "../limits.ts";
import { readBundle } from "./entries.ts";
import type { SignedHead } from "./head.ts";
import { HASH_BYTES, leafHash } from "./merkle.ts";
import { appendLeaves, emptyRange, rangeRoot } from "./range.ts";
import type { CompactRange } from "./range.ts";
import { newTileHashes, readTile } from "./tile-hashes.ts";
import { entriesPath, tilePath, tileWidth } from "./tile.ts";

/** Asks for files by their paths below the feed's folder; is given the octets of each, or null where it is not there. */
type Asking<Answer> = Generator<string, Answer, Uint8Array | null>;

/**
 * Checks all files of a feed under `head` but the checkpoint: entries against the hashes in their tile, tiles against those above, all
 * of them against the head, and against each of `earlier`, other heads of it that are not larger. It yields the path of each file that it needs, whose octets are passed to `next`; of a file that is not full
 * and not there, the full one does. That all of them are the feed's is known at the end; what is wrong is mostly seen before. Throws
 * `tile/missing`, `tile/mismatch`, `tile/bad-width`, `bundle/…`, `tree/root-mismatch`.
 */
export function* checkFeed(head: SignedHead, earlier: readonly SignedHead[] = []): Asking<void> {
  let range = emptyRange;
  /** Hashes of each level's tile that is not full yet. */
  const open: Uint8Array[][] = [];
  for (let index = 0; index * TILE_WIDTH < head.size; index++) {
    const entries = yield* readEntries(index, tileWidth(0, index, head.size));
    const leaves = entries.map(leafHash);
    const { range: next, levels } = newTileHashes(range, leaves);
    checkEarlier(range, leaves, earlier);
    range = next;
    for (const { level, start, hashes } of levels) {
      const tile = (open[level] ??= []);
      tile.push(hashes);
      const end = start + hashes.length / HASH_BYTES;
      if (end % TILE_WIDTH > 0) continue;
      yield* checkTile(level, end / TILE_WIDTH - 1, concat(...tile));
      open[level] = [];
    }
  }
  for (const [level, tile] of open.entries()) {
    if (tile.length > 0)
      yield* checkTile(level, Math.floor(head.size / TILE_WIDTH ** (level + 1)), concat(...tile));
  }
  if (equalBytes(rangeRoot(range), head.root)) return;
  throw new ProtocolError(
    "tree/root-mismatch",
    `${counted(head.size, "entry makes", "entries make")} another tree than the head of ${head.origin} says`,
  );
}

/** Whether heads whose size is reached with these leaves are of the same history: whoever signed another one has signed two. */
function checkEarlier(
  range: CompactRange,
  leaves: readonly Uint8Array[],
  earlier: readonly SignedHead[],
): void {
  for (const { origin, size, root } of earlier) {
    const count = size - range.size;
    if (count <= 0 || count > leaves.length) continue;
    if (equalBytes(rangeRoot(appendLeaves(range, leaves.slice(0, count))), root)) continue;
    throw new ProtocolError(
      "tree/root-mismatch",
      `the key of ${origin} has signed another head of ${counted(size, "entry")}, which stands in timed, cosigned or cosigned-past: two histories`,
    );
  }
}

function* readEntries(index: number, count: number): Asking<readonly Uint8Array[]> {
  const octets = yield entriesPath(index, count);
  if (octets !== null) return readBundle(octets, count);
  return readBundle(yield* full(entriesPath(index, count), entriesPath(index))).slice(0, count);
}

/** Whether a tile holds these hashes, which what stands below it makes. */
function* checkTile(level: number, index: number, hashes: Uint8Array): Asking<void> {
  const width = hashes.length / HASH_BYTES;
  const path = tilePath(level, index, width);
  const octets = yield path;
  if (octets !== null) readTile(octets, width);
  const held = octets ?? (yield* full(path, tilePath(level, index))).subarray(0, hashes.length);
  if (equalBytes(held, hashes)) return;
  const below = level === 0 ? entriesPath(index, width) : `the tiles of level ${level - 1}`;
  throw new ProtocolError("tile/mismatch", `${path} does not hold the hashes of ${below}`);
}

/** The file that a feed grew into after its head was signed. */
function* full(path: string, fullPath: string): Asking<Uint8Array> {
  const octets = path === fullPath ? null : yield fullPath;
  if (octets === null) throw new ProtocolError("tile/missing", `${path} is not there`);
  return octets;
}
