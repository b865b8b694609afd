import { posix } from "node:path";
import { Readable } from "node:stream";
import { MAX_CONTROL_BYTES, MAX_CONTROL_FILE_BYTES, MAX_CONTROL_MEMBERS } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";
import type { Packing } from "./packing.ts";
import { BrokenTar } from "./tar-header.ts";
import { readTar } from "./tar.ts";
import type { Visit } from "./tar.ts";

/** Stops a pipeline on purpose, once what was looked for is there. */
class Found extends Error {}

type Packed = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** A file out of an archive, as those who install the package would find it: a second one is refused, since they take the last. */
export interface Wanted {
  readonly name: string;
  /** `unpacked`: into a folder, where `./NAME` is it as well, and a link could lead to it. `compared`: octet for octet; other writings are refused. */
  readonly by: "unpacked" | "compared";
  /**
   * A member behind which they look no further: once it and NAME were there, in either order, what follows the names that begin with a
   * dot is not unpacked. null: all is looked at.
   */
  readonly until: string | null;
}

/**
 * The file of that name out of a packed tar archive, as octets; null when it is not there. Looks at no more than MAX_CONTROL_MEMBERS
 * and MAX_CONTROL_BYTES, so that a small file cannot fill the memory. Throws `artifact/bad-package`.
 */
export async function readTarFile(
  packed: Packed,
  packing: Packing,
  wanted: Wanted,
  path: string,
): Promise<Uint8Array | null> {
  let found: Uint8Array | null = null;
  let members = 0;
  let isLast = false;
  const visit: Visit = ({ name, size, isFile, isLink }) => {
    if (isLast && found !== null && !/^\.[^/]+$/.test(name)) throw new Found();
    if (++members > MAX_CONTROL_MEMBERS)
      throw bad(path, `what it says of itself does not end within ${MAX_CONTROL_MEMBERS} files`);
    if (isLink && wanted.by === "unpacked") throw bad(path, "its control data have a link");
    if (name === wanted.until) isLast = true;
    if (posix.normalize(`/${name}`) !== `/${wanted.name}`) return null;
    if (name !== wanted.name && wanted.by === "compared")
      throw bad(path, `it holds ${wanted.name} by another name`);
    if (found !== null) throw bad(path, `it holds ${wanted.name} twice`);
    if (!isFile) throw bad(path, `its ${wanted.name} is no file`);
    if (size > MAX_CONTROL_FILE_BYTES)
      throw bad(path, `its ${wanted.name} has more than ${MAX_CONTROL_FILE_BYTES} octets`);
    return (bytes) => {
      found = bytes;
    };
  };
  try {
    await readTar(unpack(packed, packing, path), visit);
  } catch (error) {
    if (error instanceof ClientError) throw error;
    if (error instanceof BrokenTar) throw bad(path, "a tar header in it is broken");
    if (!(error instanceof Found)) throw bad(path, "its control data cannot be unpacked", error);
  }
  return found;
}

async function* unpack(packed: Packed, packing: Packing, path: string): AsyncGenerator<Uint8Array> {
  let total = 0;
  for await (const chunk of decompress(packed, packing)) {
    total += chunk.length;
    if (total > MAX_CONTROL_BYTES)
      throw bad(path, `its control data unpacks to more than ${MAX_CONTROL_BYTES} octets`);
    yield chunk;
  }
}

/** The same octets unpacked, without end if they are made so: whoever reads them counts. */
export async function* decompress(packed: Packed, packing: Packing): AsyncGenerator<Uint8Array> {
  if (packing === "none") {
    yield* packed;
  } else if (packing === "xz") {
    const { unpackXz } = await import("./xz.ts");
    yield* unpackXz(packed);
  } else {
    const { createGunzip, createZstdDecompress } = await import("node:zlib");
    const source = Readable.from(packed);
    const unpacker = packing === "gz" ? createGunzip() : createZstdDecompress();
    source.on("error", (error) => unpacker.destroy(error));
    // The pipeline is told by what is read of it.
    unpacker.on("error", () => {});
    yield* source.pipe(unpacker);
  }
}

function bad(path: string, why: string, cause?: unknown): ClientError {
  return new ClientError("artifact/bad-package", `${path}: ${why}; fetch the file again`, { cause });
}
