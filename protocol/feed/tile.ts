/** Names and sizes of the static files of a feed: C2SP tlog-tiles (c2sp.org/tlog-tiles). */
import { fromDecimal, quote, reading } from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import { MAX_FEED_SIZE, MAX_TILE_LEVEL, MAX_TILE_PATH_CHARS, TILE_WIDTH } from "../limits.ts";
import { assertSize } from "./merkle.ts";

/** The path of a feed's head, relative to the feed's folder. */
export const CHECKPOINT_PATH = "checkpoint";
/** Where the newest one with the feed's own time line stands (RULES R10), for checkpoints that have none yet. */
export const TIMED_PATH = "timed";
/** Where the heads stand that witnesses have cosigned, which may be smaller ones (cosigned-file.ts). */
export const COSIGNED_PATH = "cosigned";
/** Where those stand that they had cosigned before, one beside the other in the same form: how long ago what was there. */
export const PAST_PATH = "cosigned-past";

/** `width` hashes of level `level` (roots of subtrees of 256^level leaves), beginning with hash 256 · index. 1 ≤ width ≤ 256. */
export interface TileId {
  readonly level: number;
  readonly index: number;
  readonly width: number;
}

/** `count` entries, beginning with entry 256 · index. 1 ≤ count ≤ 256. */
export interface BundleId {
  readonly index: number;
  readonly count: number;
}

/** `tile/<level>/<index>[.p/<width>]`: the path of a hash tile, relative to the feed's folder. */
export function tilePath(level: number, index: number, width: number = TILE_WIDTH): string {
  if (!Number.isSafeInteger(level) || level < 0 || level > MAX_TILE_LEVEL) {
    throw new ProtocolError("tile/bad-path", `${level} is no level of tiles (0 to ${MAX_TILE_LEVEL})`);
  }
  return `tile/${level}/${indexPath(index, width)}`;
}

/** `tile/entries/<index>[.p/<count>]`: the path of a bundle of entries. */
export function entriesPath(index: number, count: number = TILE_WIDTH): string {
  return `tile/entries/${indexPath(index, count)}`;
}

/** Reads a path of a hash tile, exactly as `tilePath` writes it. Throws `tile/bad-path`. */
export function parseTilePath(path: string): TileId {
  const { kind, index, width } = parsePath(path);
  const level = reading(
    "tile/bad-path",
    () => quote(path),
    () => fromDecimal(kind, MAX_TILE_LEVEL),
  );
  if (tilePath(level, index, width) !== path) throw badPath(path);
  return Object.freeze({ level, index, width });
}

/** Reads a path of a bundle, exactly as `entriesPath` writes it. Throws `tile/bad-path`. */
export function parseEntriesPath(path: string): BundleId {
  const { kind, index, width } = parsePath(path);
  if (kind !== "entries" || entriesPath(index, width) !== path) throw badPath(path);
  return Object.freeze({ index, count: width });
}

/** Hashes in the last, partial tile of a level in a tree of `size` leaves; 0 = there is none: ⌊size / 256^level⌋ mod 256. */
export function partialWidth(level: number, size: number): number {
  return hashesAt(level, size) % TILE_WIDTH;
}

/** Hashes in the tile at (level, index) of a tree of `size` leaves: 256, fewer at the right edge, 0 beyond it. */
export function tileWidth(level: number, index: number, size: number): number {
  return Math.max(0, Math.min(TILE_WIDTH, hashesAt(level, size) - index * TILE_WIDTH));
}

/** All tiles of a tree of `size` leaves, lowest level first; those alone that are new or wider than at size `from`. */
export function* tilesFor(size: number, from: number = 0): Generator<TileId, void, undefined> {
  assertSize(from);
  for (let level = 0; hashesAt(level, size) > 0; level++) {
    const hashes = hashesAt(level, size);
    const before = hashesAt(level, from);
    if (before >= hashes) continue;
    for (let index = Math.floor(before / TILE_WIDTH); index * TILE_WIDTH < hashes; index++) {
      yield Object.freeze({ level, index, width: tileWidth(level, index, size) });
    }
  }
}

/** Hashes of level `level` that a tree of `size` leaves has: its complete subtrees of 256^level leaves. */
function hashesAt(level: number, size: number): number {
  assertSize(size);
  return Math.floor(size / TILE_WIDTH ** level);
}

/** 1234067 → `x001/x234/067`, and `.p/<width>` where the tile is not full. */
function indexPath(index: number, width: number): string {
  if (!Number.isSafeInteger(index) || index < 0 || index > MAX_FEED_SIZE) {
    throw new ProtocolError("tile/bad-path", `${index} is no number of a tile (0 to ${MAX_FEED_SIZE})`);
  }
  if (!Number.isSafeInteger(width) || width < 1 || width > TILE_WIDTH) {
    throw new ProtocolError("tile/bad-path", `${width} is no width of a tile (1 to ${TILE_WIDTH})`);
  }
  let path = threeDigits(index);
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    path = `x${threeDigits(rest)}/${path}`;
  }
  return width === TILE_WIDTH ? path : `${path}.p/${width}`;
}

function threeDigits(number: number): string {
  return String(number % 1000).padStart(3, "0");
}

/** Takes a path apart; the caller writes it anew and compares, so what is lax here does not matter. */
function parsePath(path: string): { readonly kind: string; readonly index: number; readonly width: number } {
  if (path.length > MAX_TILE_PATH_CHARS) throw badPath(path);
  const [whole = "", partial] = path.split(".p/", 2);
  const [tile, kind = "", ...groups] = whole.split("/");
  if (tile !== "tile" || groups.length === 0) throw badPath(path);
  let index = 0;
  for (const group of groups)
    index = index * 1000 + threeDigitsOf(group.startsWith("x") ? group.slice(1) : group, path);
  const width =
    partial === undefined
      ? TILE_WIDTH
      : reading(
          "tile/bad-path",
          () => quote(path),
          () => fromDecimal(partial, TILE_WIDTH),
        );
  return { kind, index, width };
}

function threeDigitsOf(group: string, path: string): number {
  const value = Number(`1${group}`) - 1000;
  if (group.length !== 3 || !Number.isSafeInteger(value) || value < 0 || value > 999) throw badPath(path);
  return value;
}

function badPath(path: string): ProtocolError {
  return new ProtocolError(
    "tile/bad-path",
    `${quote(path)} is not the path of a tile, such as tile/0/x001/x234/067 or tile/entries/273.p/112`,
  );
}
