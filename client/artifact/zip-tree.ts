/** A zip file as a folder, of which one file at a time is unpacked. */
import { closeSync, ftruncateSync, fstatSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createInflateRaw, crc32 } from "node:zlib";
import { ProtocolError, readZipTree, runReads } from "../../protocol/index.ts";
import type { TreeEntry } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";
import { cannotWrite, systemCode } from "../folder.ts";
import { readAt } from "./ar.ts";
import { parseFile, unreadable } from "./read.ts";
import type { Tree, TreeItem } from "./tree.ts";
import { unsignOpen } from "./unsign.ts";

const CHUNK_BYTES = 64 * 1024;
/** Finder and ditto put there what of a file's attributes no zip file has a place for. */
const ATTRIBUTES = "__MACOSX";
const APPLICATION = /\.app$/;

/**
 * Lets `use` look into a zip file. Of one in which all is in one folder `….app` that is the tree. `complain` is told of files that only a Mac
 * unpacks, which are left out. Throws `input/…`, what `readZipTree` does, and `normal-form/malformed` for what does not unpack to what
 * is said.
 */
export async function withZipTree<T>(
  path: string,
  complain: (problem: string) => void,
  use: (tree: Tree) => Promise<T>,
): Promise<T> {
  let zip: number | null = null;
  let folder: string | null = null;
  try {
    zip = openZip(path);
    const open = zip;
    const { size } = fstatSync(zip);
    const entries = parseFile(path, () =>
      runReads(readZipTree(size), ({ offset, length }) => readAt(open, offset, length)),
    );
    folder = newFolder();
    const room = openSync(join(folder, "file"), "w+", 0o600);
    try {
      return await use(new ZipTree(path, new Packed(path, zip, room), inside(entries, complain)));
    } finally {
      closeSync(room);
    }
  } finally {
    if (zip !== null) closeSync(zip);
    if (folder !== null) rmSync(folder, { recursive: true, force: true });
  }
}

function openZip(path: string): number {
  try {
    const file = openSync(path, "r");
    const [one, two, three, four] = readAt(file, 0, 4);
    if (one === 0x50 && two === 0x4b && three === 3 && four === 4) return file;
    closeSync(file);
  } catch (error) {
    throw unreadable(path, error);
  }
  throw new ClientError("input/unreadable", `${path}: neither a folder nor a zip file with something in it`);
}

function newFolder(): string {
  try {
    return mkdtempSync(join(tmpdir(), "samebits-unsign-"));
  } catch (error) {
    throw cannotWrite(tmpdir(), error);
  }
}

/** By their paths in the tree. */
function inside(
  entries: readonly TreeEntry[],
  complain: (problem: string) => void,
): ReadonlyMap<string, TreeEntry> {
  const own = entries.filter(({ path }) => topOf(path) !== ATTRIBUTES);
  if (own.length < entries.length)
    complain(`${ATTRIBUTES}: attributes of ${entries.length - own.length} files, which only a Mac unpacks`);
  const tops = new Set(own.map(({ path }) => topOf(path)));
  const [top = ""] = tops;
  const isApplication =
    tops.size === 1 &&
    APPLICATION.test(top) &&
    own.every(({ path, kind }) => path !== top || kind === "folder");
  if (!isApplication) return new Map(own.map((entry) => [entry.path, entry]));
  const below = own.filter(({ path }) => path !== top);
  return new Map(below.map((entry) => [entry.path.slice(top.length + 1), entry]));
}

function topOf(path: string): string {
  const slash = path.indexOf("/");
  return slash === -1 ? path : path.slice(0, slash);
}

class ZipTree implements Tree {
  readonly name: string;
  readonly #packed: Packed;
  readonly #entries: ReadonlyMap<string, TreeEntry>;
  readonly #folders = new Map<string, Map<string, TreeItem>>([["", new Map()]]);

  constructor(name: string, packed: Packed, entries: ReadonlyMap<string, TreeEntry>) {
    this.name = name;
    this.#packed = packed;
    this.#entries = entries;
    for (const [path, { kind }] of entries) this.#add(path, kind);
  }

  /** With the folders that it is in: they need not stand in the zip file by themselves. */
  #add(path: string, kind: TreeItem["kind"]): void {
    const slash = path.lastIndexOf("/");
    const [above, name] = [path.slice(0, Math.max(0, slash)), path.slice(slash + 1)];
    if (kind === "folder" && !this.#folders.has(path)) this.#folders.set(path, new Map());
    if (!this.#folders.has(above)) this.#add(above, "folder");
    this.#folders.get(above)?.set(name, { name, kind });
  }

  list(path: string): readonly TreeItem[] {
    return [...(this.#folders.get(path)?.values() ?? [])];
  }

  look(path: string): { readonly size: number; readonly isProgram: boolean } {
    return this.#at(path);
  }

  async octets(path: string): Promise<Uint8Array> {
    const room = await this.#packed.unpack(this.#at(path));
    return readAt(room, 0, this.#at(path).size);
  }

  leads(path: string): Promise<Uint8Array> {
    return this.octets(path);
  }

  async unsign(path: string, options: Parameters<Tree["unsign"]>[1]): ReturnType<Tree["unsign"]> {
    const room = await this.#packed.unpack(this.#at(path));
    return unsignOpen(room, `${this.name}: ${path}`, options);
  }

  #at(path: string): TreeEntry {
    const entry = this.#entries.get(path);
    if (entry === undefined) throw new Error(`${path} was never listed`);
    return entry;
  }
}

/** Unpacks files of a zip file, each in the place of the one before. */
class Packed {
  readonly #path: string;
  readonly #zip: number;
  readonly #room: number;

  constructor(path: string, zip: number, room: number) {
    this.#path = path;
    this.#zip = zip;
    this.#room = room;
  }

  /** The file that has its octets, until the next is unpacked. */
  async unpack(entry: TreeEntry): Promise<number> {
    const { path, size, packed, crc, isDeflated } = entry;
    let [length, sum] = [0, 0];
    const take = (chunk: Uint8Array): void => {
      if (length + chunk.length > size) throw this.#bad(entry, `unpacks to more than ${size} octets`);
      this.#write(chunk, length);
      length += chunk.length;
      sum = crc32(chunk, sum);
    };
    this.#empty();
    if (isDeflated) {
      const used = await this.#inflate(entry, take);
      if (used !== packed) throw this.#bad(entry, `has ${packed - used} octets behind its packed data`);
    } else for (const chunk of this.#chunks(entry)) take(chunk);
    if (length !== size || sum !== crc)
      throw this.#bad(entry, `(${path}) is not as long as the directory says, or has another CRC`);
    return this.#room;
  }

  /** Answers with how many packed octets it took. */
  async #inflate(entry: TreeEntry, take: (chunk: Uint8Array) => void): Promise<number> {
    const inflate = createInflateRaw({ chunkSize: CHUNK_BYTES });
    try {
      await pipeline(
        Readable.from(this.#chunks(entry)),
        inflate,
        async (unpacked: AsyncIterable<Uint8Array>) => {
          for await (const chunk of unpacked) take(chunk);
        },
      );
    } catch (error) {
      if (!systemCode(error).startsWith("Z_")) throw error;
      throw this.#bad(entry, "does not unpack");
    }
    return inflate.bytesWritten;
  }

  *#chunks({ dataAt, packed }: TreeEntry): Generator<Uint8Array> {
    for (let done = 0; done < packed;) {
      const chunk = readAt(this.#zip, dataAt + done, Math.min(CHUNK_BYTES, packed - done));
      if (chunk.length === 0)
        throw new ClientError(
          "input/unreadable",
          `${this.#path}: it became shorter while it was read; try again`,
        );
      done += chunk.length;
      yield chunk;
    }
  }

  #empty(): void {
    ftruncateSync(this.#room);
  }

  #write(chunk: Uint8Array, at: number): void {
    try {
      for (let done = 0; done < chunk.length;)
        done += writeSync(this.#room, chunk, done, chunk.length - done, at + done);
    } catch (error) {
      throw cannotWrite(tmpdir(), error);
    }
  }

  #bad({ dataAt, path }: TreeEntry, problem: string): ProtocolError {
    return new ProtocolError("normal-form/malformed", `${this.#path}: octet ${dataAt}: ${path} ${problem}`);
  }
}
