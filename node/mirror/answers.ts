import {
  ANSWER_FILL_BYTES,
  CHECKPOINT_PATH,
  COSIGNED_PATH,
  earlierAt,
  entriesPath,
  equalBytes,
  HASH_BYTES,
  KnownNames,
  MAX_CHECKPOINT_BYTES,
  MAX_COSIGNED_BYTES,
  MAX_FEED_FILE_BYTES,
  MAX_NOTE_BYTES,
  nameOfNote,
  parseCheckpoint,
  ProtocolError,
  readBundle,
  readCosigned,
  readerOf,
  readTilesRequest,
  separate,
  tilePath,
  tilesForEarlier,
  tileWidth,
  TILE_WIDTH,
  TIMED_PATH,
  toHex,
  writeTilesAnswer,
} from "../../protocol/index.ts";
import type { Checkpoint, TileId, TilesAnswer, TilesRequest } from "../../protocol/index.ts";
import { NodeError } from "../errors.ts";
import type { MirrorFiles } from "./files.ts";

/** Entries of the bundle that was read last: pages of one answer are asked for one after the other. */
interface Bundle {
  readonly path: string;
  readonly entries: readonly Uint8Array[];
}

/** Answers questions of the stream `tiles` as a peer does that holds one feed, out of the feed's folder of static files. */
export class MirrorAnswers {
  readonly #files: MirrorFiles;
  #checkpoint: Checkpoint | null = null;
  #bundle: Bundle | null = null;

  constructor(files: MirrorFiles) {
    this.#files = files;
  }

  /** Throws `wire/…` for what is no question, and what reading throws. */
  async answer(question: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    return writeTilesAnswer(await this.#answer(readTilesRequest(question), signal));
  }

  async #answer(request: TilesRequest, signal: AbortSignal): Promise<TilesAnswer> {
    if (request.kind === "heads") return this.#heads(request.after, new KnownNames(request.known), signal);
    if (request.kind === "evidence") return answer([]);
    if (request.kind === "domain") return { ...answer([]), code: "peer/not-held" };
    const size = await this.#sizeOf(request.origin, signal);
    if (size === 0) return { ...answer([]), code: "peer/unknown-feed" };
    switch (request.kind) {
      case "entries":
        return this.#entries(request, size, signal);
      case "tiles":
        return answer(await Promise.all(request.tiles.map((tile) => this.#tile(tile, size, signal))));
      case "consistency":
        return this.#consistency(request, size, signal);
    }
  }

  /** The newest head, what each witness says of it, and the newest whose time is known: whoever asks checks them. */
  async #heads(after: string, known: KnownNames, signal: AbortSignal): Promise<TilesAnswer> {
    const note = await this.#files.read(CHECKPOINT_PATH, MAX_NOTE_BYTES, signal);
    if (note === null) return answer([]);
    this.#checkpoint = parseCheckpoint(note);
    if (this.#checkpoint.origin <= after) return answer([]);
    const timed = await this.#files.read(TIMED_PATH, MAX_CHECKPOINT_BYTES, signal);
    const isOther = timed !== null && !equalBytes(timed, note);
    // Of many lines one may be longer than any that a peer reads.
    const told = separate(this.#checkpoint).filter((one, i) => i === 0 || one.length <= MAX_CHECKPOINT_BYTES);
    const clock = isOther && parseCheckpoint(timed).origin === this.#checkpoint.origin ? [timed] : [];
    const notes = [...told, ...(await this.#cosigned(this.#checkpoint, signal)), ...clock];
    // What witnesses say of the newest head stands in two files.
    const each = new Map(notes.map((one) => [toHex(nameOfNote(one)), one])).values();
    return { ...answer([...each].filter((one) => known.isNews(nameOfNote(one)))), ...known.answered };
  }

  /** What witnesses have cosigned of the feed so far: a hint beside its head. A file that can't be had takes nothing from that. */
  async #cosigned({ origin, size }: Checkpoint, signal: AbortSignal): Promise<readonly Uint8Array[]> {
    try {
      const octets = await this.#files.read(COSIGNED_PATH, MAX_COSIGNED_BYTES, signal);
      return (octets === null ? [] : readCosigned(octets))
        .filter(({ checkpoint }) => checkpoint.origin === origin && checkpoint.size <= size)
        .map(({ checkpoint }) => checkpoint.note);
    } catch (error) {
      if (error instanceof ProtocolError || error instanceof NodeError) return [];
      throw error;
    }
  }

  /** How many entries of the feed are here; 0 if it is another feed's mirror. */
  async #sizeOf(origin: string, signal: AbortSignal): Promise<number> {
    if (this.#checkpoint === null) await this.#heads("", new KnownNames(), signal);
    return this.#checkpoint?.origin === origin ? this.#checkpoint.size : 0;
  }

  async #entries(
    { from, count }: { readonly from: number; readonly count: number },
    size: number,
    signal: AbortSignal,
  ): Promise<TilesAnswer> {
    const blobs: Uint8Array[] = [];
    let octets = 0;
    for (let next = from; next < Math.min(from + count, size);) {
      const bundle = await this.#bundleAt(Math.floor(next / TILE_WIDTH), size, signal);
      const entries = bundle?.slice(next % TILE_WIDTH) ?? [];
      for (const entry of entries.slice(0, from + count - next)) {
        octets += entry.length;
        if (octets > ANSWER_FILL_BYTES && blobs.length > 0) return { blobs, next, code: "" };
        blobs.push(entry);
        next++;
      }
      if (entries.length === 0) break;
    }
    return blobs.length === 0
      ? { blobs, next: 0, code: "peer/not-held" }
      : { blobs, next: from + blobs.length, code: "" };
  }

  async #bundleAt(index: number, size: number, signal: AbortSignal): Promise<readonly Uint8Array[] | null> {
    const count = tileWidth(0, index, size);
    for (const path of new Set([entriesPath(index, count), entriesPath(index)])) {
      if (this.#bundle?.path === path) return this.#bundle.entries;
      const octets = await this.#files.read(path, MAX_FEED_FILE_BYTES, signal);
      if (octets === null) continue;
      const entries = readBundle(octets);
      this.#bundle = { path, entries };
      return entries;
    }
    return null;
  }

  /** A tile to the width that is wanted; empty where it is not held so far. */
  async #tile({ level, index, width }: TileId, size: number, signal: AbortSignal): Promise<Uint8Array> {
    const held = tileWidth(level, index, size);
    if (held < width) return new Uint8Array(0);
    for (const path of new Set([tilePath(level, index, held), tilePath(level, index)])) {
      const octets = await this.#files.read(path, TILE_WIDTH * HASH_BYTES, signal);
      if (octets !== null && octets.length >= width * HASH_BYTES)
        return octets.subarray(0, width * HASH_BYTES);
    }
    return new Uint8Array(0);
  }

  async #consistency(
    { from, to }: { readonly from: number; readonly to: number },
    size: number,
    signal: AbortSignal,
  ): Promise<TilesAnswer> {
    if (to > size) return { ...answer([]), code: "peer/not-held" };
    const tiles = tilesForEarlier(from, to);
    const octets: Uint8Array[] = [];
    for (const tile of tiles) octets.push(await this.#tile(tile, size, signal));
    const { root, proof } = earlierAt(from, to, readerOf(tiles, octets));
    return answer([root, ...proof]);
  }
}

function answer(blobs: readonly Uint8Array[]): TilesAnswer {
  return { blobs, next: 0, code: "" };
}
