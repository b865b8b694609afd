import {
  CHECKPOINT_PATH,
  COSIGNED_PATH,
  earlierAt,
  entriesPath,
  HASH_BYTES,
  MAX_COSIGNED_BYTES,
  MAX_FEED_FILE_BYTES,
  MAX_MIRRORED_BUNDLES,
  MAX_NOTE_BYTES,
  MAX_PAST_BYTES,
  MIRROR_FILE_MS,
  MIRROR_HEAD_MS,
  PAST_PATH,
  ProtocolError,
  readerOf,
  readTile,
  TILE_WIDTH,
  TIMED_PATH,
  tilePath,
  tilesForEarlier,
  tileWidth,
  verifyCheckpoint,
  verifyTimed,
} from "../../../protocol/index.ts";
import type { Earlier, SignedHead, TileId } from "../../../protocol/index.ts";
import { openBundle, Tree } from "./tree.ts";
import type { Turns } from "./turns.ts";

/** Files by their paths; null where one is not there. */
export interface Files {
  /** As the user wrote it. */
  readonly name: string;
  read(path: string, maxBytes: number, signal: AbortSignal): Promise<Uint8Array | null>;
}

/** The newest head of a folder, the newest whose time is known, and what reading the files of cosigned heads gave: octets that nobody has looked at. */
export interface FolderHead {
  readonly head: SignedHead;
  readonly timed: SignedHead | null;
  readonly cosigned: PromiseSettledResult<Uint8Array | null>;
  readonly past: PromiseSettledResult<Uint8Array | null>;
}

const NO_FILE = Promise.resolve(null);

/** A feed's folder of static files at a mirror. What it reads is held against the head, which is verified. */
export class Folder {
  /** For messages. */
  readonly name: string;
  readonly #files: Files;
  readonly #prefix: string;
  readonly #turns: Turns;

  /** `path`: of the folder below the mirror, or nothing. */
  constructor(files: Files, path: string, turns: Turns) {
    this.name = path === "" ? files.name : `${files.name.replace(/\/$/, "")}/${path}`;
    this.#files = files;
    this.#prefix = path === "" ? "" : `${path}/`;
    this.#turns = turns;
  }

  /** Null where no checkpoint is there; what was cosigned in the past is read only where it is wanted. Throws `note/…`, `checkpoint/…`, and what reading throws. */
  async head(network: string, wantsPast: boolean, deadline: AbortSignal): Promise<FolderHead | null> {
    // At once, these first: a folder that grows meanwhile shows a head that is no smaller than what was cosigned.
    const [past, cosigned, read] = await Promise.allSettled([
      wantsPast ? this.#read(PAST_PATH, MAX_PAST_BYTES, MIRROR_FILE_MS, deadline) : NO_FILE,
      this.#read(COSIGNED_PATH, MAX_COSIGNED_BYTES, MIRROR_HEAD_MS, deadline),
      this.#read(CHECKPOINT_PATH, MAX_NOTE_BYTES, MIRROR_HEAD_MS, deadline),
    ]);
    if (read.status === "rejected") throw read.reason;
    if (read.value === null) return null;
    const head = verifyCheckpoint(read.value, network);
    if (head.time !== null) return { head, timed: head, cosigned, past };
    const timed = await this.#read(TIMED_PATH, MAX_NOTE_BYTES, MIRROR_HEAD_MS, deadline);
    return { head, timed: timed === null ? null : verifyTimed(timed, head), cosigned, past };
  }

  /** The tree under a head. Throws `tile/…`, `bundle/…`, `tree/root-mismatch` where the files are not the feed's. */
  async tree(head: SignedHead, deadline: AbortSignal): Promise<Tree> {
    const full = Math.floor(head.size / TILE_WIDTH);
    if (full > MAX_MIRRORED_BUNDLES)
      throw new ProtocolError(
        "checkpoint/too-large",
        `a feed of ${head.size} entries; of mirrors ${MAX_MIRRORED_BUNDLES * TILE_WIDTH} are read: ask a node that holds it`,
      );
    const tiles = Array.from({ length: Math.ceil(full / TILE_WIDTH) }, (_, index) => ({
      level: 1,
      index,
      width: tileWidth(1, index, head.size),
    }));
    const [roots, tail] = await Promise.all([
      Promise.all(tiles.map((tile) => this.#hashes(tile, deadline))),
      this.#tail(head.size, deadline),
    ]);
    return new Tree(head, roots.flat(), tail === null ? null : openBundle(tail, head.size % TILE_WIDTH));
  }

  /** Octets of a full bundle. Throws `tile/missing`. */
  async bundle(number: number, deadline: AbortSignal): Promise<Uint8Array> {
    return this.#first([entriesPath(number)], MAX_FEED_FILE_BYTES, deadline);
  }

  /** What the tree under the head was at each of these smaller sizes. Each tile is read once. Throws `tile/…`, and what reading throws. */
  earlier(head: SignedHead, deadline: AbortSignal): (size: number) => Promise<Earlier> {
    const read = new Map<string, Promise<Uint8Array>>();
    const tileOnce = (tile: TileId): Promise<Uint8Array> => {
      const path = tilePath(tile.level, tile.index, tile.width);
      const octets = read.get(path) ?? this.#tile(tile, deadline);
      read.set(path, octets);
      return octets;
    };
    return async (size) => {
      const tiles = tilesForEarlier(size, head.size);
      const octets = await Promise.all(tiles.map(tileOnce));
      return earlierAt(size, head.size, readerOf(tiles, octets));
    };
  }

  async #tail(size: number, deadline: AbortSignal): Promise<Uint8Array | null> {
    const count = size % TILE_WIDTH;
    if (count === 0) return null;
    const number = Math.floor(size / TILE_WIDTH);
    return this.#first([entriesPath(number, count), entriesPath(number)], MAX_FEED_FILE_BYTES, deadline);
  }

  async #hashes(tile: TileId, deadline: AbortSignal): Promise<readonly Uint8Array[]> {
    return readTile(await this.#tile(tile, deadline), tile.width);
  }

  /** A tile to the width that is wanted: of one that has grown since, the first hashes. */
  async #tile({ level, index, width }: TileId, deadline: AbortSignal): Promise<Uint8Array> {
    const paths = [tilePath(level, index, width), tilePath(level, index)];
    const octets = await this.#first(paths, TILE_WIDTH * HASH_BYTES, deadline);
    return octets.subarray(0, width * HASH_BYTES);
  }

  /** The first of these files that is there. */
  async #first(paths: readonly string[], maxBytes: number, deadline: AbortSignal): Promise<Uint8Array> {
    for (const path of new Set(paths)) {
      const octets = await this.#read(path, maxBytes, MIRROR_FILE_MS, deadline);
      if (octets !== null) return octets;
    }
    throw new ProtocolError("tile/missing", `${paths[0] ?? ""} is not there`);
  }

  #read(path: string, maxBytes: number, ms: number, deadline: AbortSignal): Promise<Uint8Array | null> {
    return this.#turns.run(() =>
      within(ms, deadline, (signal) => this.#files.read(this.#prefix + path, maxBytes, signal)),
    );
  }
}

/**
 * Does something that is told to stop after so many ms, or when the deadline comes. With a timer of its own: that of `AbortSignal.timeout`
 * does not keep a process alive in which nothing else goes on.
 */
async function within<Value>(
  ms: number,
  deadline: AbortSignal,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  deadline.throwIfAborted();
  const abort = new AbortController();
  const stop = (): void => abort.abort(deadline.reason);
  const timer = setTimeout(() => abort.abort(new DOMException("no answer in time", "TimeoutError")), ms);
  deadline.addEventListener("abort", stop);
  try {
    return await work(abort.signal);
  } finally {
    clearTimeout(timer);
    deadline.removeEventListener("abort", stop);
  }
}
