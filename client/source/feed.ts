import {
  appendLeaves,
  CHECKPOINT_PATH,
  emptyRange,
  entriesPath,
  equalBytes,
  inclusionProof,
  leafHash,
  originHash,
  parseOrigin,
  ProtocolError,
  rangeRoot,
  readBundle,
  readerOf,
  readTile,
  TILE_WIDTH,
  tilePath,
  tilesForInclusion,
  tileWidth,
  toHex,
  verifyCheckpoint,
  verifyEntryUnder,
} from "../../protocol/index.ts";
import type { SignedHead, TileId, VerifiedEntry } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";
import type { NodeApi } from "./api.ts";

/** An entry that is in the feed under its head, and the inclusion proof that shows it. */
export interface ProvenLeaf {
  readonly verified: VerifiedEntry;
  /** The hash next to the leaf first. */
  readonly path: readonly Uint8Array[];
}

/** Tiles kept: those of one proof are at most two a level, and neighbours share nearly all of them. */
const MAX_TILES_KEPT = 64;

/** A feed's static files (C2SP tlog-tiles) at a node, under the head that it has now. What the files hold is not checked. */
export interface FeedFiles {
  readonly head: SignedHead;
  /** The octets of a file by its path below the feed's folder; null where there is none. Throws `api/…`. */
  file(path: string): Promise<Uint8Array | null>;
}

/**
 * Opens a feed's files at a node. Throws `source/none` where it holds none, `api/bad-answer` where what it says is not what the feed
 * signed, and `checkpoint/bad-origin`.
 */
export async function openFiles(api: NodeApi, origin: string): Promise<FeedFiles> {
  const { network } = parseOrigin(origin);
  const folder = `/feeds/${toHex(originHash(origin))}`;
  const note = await api.file(`${folder}/${CHECKPOINT_PATH}`);
  if (note === null)
    throw new ClientError(
      "source/none",
      `the node at ${api.name} does not hold ${origin} up to a head of its own yet`,
    );
  const head = believed(api, () => verifyCheckpoint(note, network));
  if (head.origin !== origin) throw lie(api, `a head of ${head.origin} was given for ${origin}`);
  return { head, file: (path) => api.file(`${folder}/${path}`) };
}

/** Opens a feed at a node to read it with proofs. Throws as `openFiles`. */
export async function openFeed(api: NodeApi, origin: string): Promise<FeedReader> {
  return new FeedReader(api, await openFiles(api, origin));
}

/** A feed under one head. Nothing is handed on that the head's signature does not cover. */
export class FeedReader {
  readonly head: SignedHead;
  readonly #api: NodeApi;
  readonly #files: FeedFiles;
  readonly #tiles = new Map<string, Uint8Array>();

  constructor(api: NodeApi, files: FeedFiles) {
    this.#api = api;
    this.#files = files;
    this.head = files.head;
  }

  /** Entries from `from` up to but not `to`, each with its proof. Throws `api/bad-answer` for the first that does not verify. */
  async *leaves(from: number, to: number): AsyncGenerator<ProvenLeaf> {
    for (let bundle = Math.floor(from / TILE_WIDTH); bundle * TILE_WIDTH < to; bundle++) {
      const width = tileWidth(0, bundle, this.head.size);
      const octets = await this.#file(entriesPath(bundle, width));
      const entries = believed(this.#api, () => readBundle(octets, width));
      for (const [at, entry] of entries.entries()) {
        const index = bundle * TILE_WIDTH + at;
        if (index >= from && index < to) yield await this.#prove(index, entry);
      }
    }
  }

  /** The first index at which exactly these octets stand; null where they stand nowhere below the head. */
  async find(entry: Uint8Array): Promise<number | null> {
    const { size, root } = this.head;
    const wanted = leafHash(entry);
    let range = emptyRange;
    for (let tile = 0; tile * TILE_WIDTH < size; tile++) {
      const width = tileWidth(0, tile, size);
      const octets = await this.#file(tilePath(0, tile, width));
      const hashes = believed(this.#api, () => readTile(octets, width));
      const at = hashes.findIndex((hash) => equalBytes(hash, wanted));
      // Whether it is really there, its proof says.
      if (at >= 0) return tile * TILE_WIDTH + at;
      range = appendLeaves(range, hashes);
    }
    if (!equalBytes(rangeRoot(range), root))
      throw lie(this.#api, "its hashes do not lead to the root of the head");
    return null;
  }

  async #prove(index: number, entry: Uint8Array): Promise<ProvenLeaf> {
    const { size } = this.head;
    const tiles = tilesForInclusion(index, size);
    const octets: Uint8Array[] = [];
    for (const tile of tiles) octets.push(await this.#tile(tile));
    return believed(this.#api, () => {
      const path = inclusionProof(index, size, readerOf(tiles, octets));
      return { verified: verifyEntryUnder(this.head, entry, index, path), path };
    });
  }

  async #tile(tile: TileId): Promise<Uint8Array> {
    const name = nameOf(tile);
    const known = this.#tiles.get(name);
    if (known !== undefined) return known;
    const octets = await this.#file(tilePath(tile.level, tile.index, tile.width));
    for (const [oldest] of this.#tiles) if (this.#tiles.size >= MAX_TILES_KEPT) this.#tiles.delete(oldest);
    this.#tiles.set(name, octets);
    return octets;
  }

  async #file(path: string): Promise<Uint8Array> {
    const octets = await this.#files.file(path);
    if (octets !== null) return octets;
    throw lie(this.#api, `it has a head of ${this.head.size} entries and no ${path}`);
  }
}

function nameOf({ level, index }: TileId): string {
  return `${level}/${index}`;
}

/** Reads what the node gave; what does not hold is the node's fault. */
function believed<T>(api: NodeApi, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw lie(api, `${error.message} (${error.code})`, error);
  }
}

function lie(api: NodeApi, why: string, cause?: Error): ClientError {
  return new ClientError(
    "api/bad-answer",
    `the node at ${api.name} does not hand out what the feed signed: ${why}`,
    {
      cause,
    },
  );
}
