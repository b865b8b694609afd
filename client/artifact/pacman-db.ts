/** A repository's database, as pacman keeps it in `sync/`: a tar archive with a folder a package, and in each a `desc`. */
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  fromHex,
  fromUtf8,
  MAX_CONTROL_FILE_BYTES,
  MAX_LIST_STANZAS,
  MAX_PACKAGES_LIST_BYTES,
  ProtocolError,
} from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";
import { decompress } from "./unpack.ts";
import { unreadable } from "./read.ts";
import type { Packing } from "./packing.ts";

/** What a repository says of one package's file. */
export interface SyncedPackage {
  readonly name: string;
  /** With epoch. */
  readonly version: string;
  readonly arch: string;
  readonly filename: string;
  /** Hex. */
  readonly sha256: string;
}

/** How a database is packed, by its first octets; repositories choose. */
const MAGIC: readonly (readonly [Packing, readonly number[]])[] = [
  ["gz", [0x1f, 0x8b]],
  ["zst", [0x28, 0xb5, 0x2f, 0xfd]],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
];

/** Gives every package of a database to `take`. Throws `input/bad-list` with the member that is wrong, `input/too-big`, `input/missing`. */
export async function readPacmanDb(path: string, take: (listed: SyncedPackage) => void): Promise<void> {
  const { extract } = await import("tar-stream");
  const tar = extract();
  let members = 0;
  tar.on("entry", (header, stream, next) => {
    const fail = (error: ClientError): void => tar.destroy(error);
    const { name, size, type } = header;
    stream.on("error", ignore);
    if (size === undefined || !Number.isSafeInteger(size))
      return fail(bad(path, "a tar header in it is broken"));
    if (++members > 4 * MAX_LIST_STANZAS) return fail(tooBig(path, `${MAX_LIST_STANZAS} packages`));
    if (type !== "file" || !name.endsWith("/desc")) {
      stream.on("end", next);
      stream.resume();
      return;
    }
    if (size > MAX_CONTROL_FILE_BYTES)
      return fail(bad(path, `${name} has more than ${MAX_CONTROL_FILE_BYTES} octets`));
    const chunks: Uint8Array[] = [];
    stream.on("data", (chunk) => {
      if (chunk instanceof Uint8Array) chunks.push(chunk);
    });
    stream.on("end", () => {
      try {
        take(readDesc(Uint8Array.from(Buffer.concat(chunks)), `${path}: ${name}`));
        next();
      } catch (error) {
        tar.destroy(error instanceof Error ? error : new Error(String(error)));
      }
    });
  });
  tar.on("error", ignore);
  try {
    await pipeline(Readable.from(unpack(path)), tar);
  } catch (error) {
    if (error instanceof ClientError) throw error;
    if (error instanceof Error && "syscall" in error) throw unreadable(path, error);
    throw bad(path, "it cannot be unpacked: fetch it again (pacman -Sy)", error);
  }
}

/** The pipeline has told of the first error. */
function ignore(): void {}

async function* unpack(path: string): AsyncGenerator<Uint8Array, void, void> {
  let total = 0;
  const parts = octetsOf(path);
  const { value: first } = await parts.next();
  if (first === undefined) throw bad(path, "it is empty");
  const packing = MAGIC.find(([, magic]) => magic.every((octet, at) => first[at] === octet))?.[0] ?? "none";
  for await (const part of decompress(rejoined(first, parts), packing)) {
    total += part.length;
    if (total > MAX_PACKAGES_LIST_BYTES) throw tooBig(path, `${MAX_PACKAGES_LIST_BYTES} octets`);
    yield part;
  }
}

async function* octetsOf(path: string): AsyncGenerator<Uint8Array, void, void> {
  for await (const part of createReadStream(path)) if (part instanceof Uint8Array) yield part;
}

async function* rejoined(
  first: Uint8Array,
  rest: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, void> {
  yield first;
  yield* rest;
}

/** `%NAME%`, its lines, an empty line; each name once. */
function readDesc(bytes: Uint8Array, where: string): SyncedPackage {
  const fields = new Map<string, string>();
  try {
    for (const block of fromUtf8(bytes).split("\n\n")) {
      const [name = "", value = ""] = block.replace(/^\n+/, "").split("\n");
      if (name === "") continue;
      if (fields.has(name)) throw bad(where, `${name} occurs twice`);
      fields.set(name, value);
    }
    const field = (name: string): string => {
      const value = fields.get(`%${name}%`) ?? "";
      if (value === "") throw bad(where, `it has no %${name}%`);
      return value;
    };
    const sha256 = field("SHA256SUM");
    fromHex(sha256, 32);
    return {
      name: field("NAME"),
      version: field("VERSION"),
      arch: field("ARCH"),
      filename: field("FILENAME"),
      sha256,
    };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw bad(where, `${error.message} (${error.code})`, error);
  }
}

function bad(where: string, why: string, cause?: unknown): ClientError {
  return new ClientError("input/bad-list", `${where}: ${why}`, { cause });
}

function tooBig(path: string, most: string): ClientError {
  return new ClientError("input/too-big", `${path}: more than the ${most} that are read of a database`);
}
