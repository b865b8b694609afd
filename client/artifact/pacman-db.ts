/** A repository's database, as pacman keeps it in `sync/`: a tar archive with a folder a package, and in each a `desc`. */
import { createReadStream } from "node:fs";
import {
  fromHex,
  fromUtf8,
  MAX_CONTROL_FILE_BYTES,
  MAX_LIST_STANZAS,
  MAX_PACKAGES_LIST_BYTES,
  ProtocolError,
} from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";
import type { Packing } from "./packing.ts";
import { unreadable } from "./read.ts";
import { BrokenTar } from "./tar-header.ts";
import { readTar } from "./tar.ts";
import type { Visit } from "./tar.ts";
import { decompress } from "./unpack.ts";

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
  let members = 0;
  const visit: Visit = ({ name, size, isFile }) => {
    if (++members > 4 * MAX_LIST_STANZAS) throw tooBig(path, `${MAX_LIST_STANZAS} packages`);
    if (!isFile || !name.endsWith("/desc")) return null;
    if (size > MAX_CONTROL_FILE_BYTES)
      throw bad(path, `${name} has more than ${MAX_CONTROL_FILE_BYTES} octets`);
    return (bytes) => take(readDesc(bytes, `${path}: ${name}`));
  };
  try {
    await readTar(unpack(path), visit);
  } catch (error) {
    if (error instanceof ClientError) throw error;
    if (error instanceof BrokenTar) throw bad(path, "a tar header in it is broken");
    if (error instanceof Error && "syscall" in error) throw unreadable(path, error);
    throw bad(path, "it cannot be unpacked: fetch it again (pacman -Sy)", error);
  }
}

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
