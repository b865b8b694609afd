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

/** A file out of an archive, and how far to look for it. */
export interface Wanted {
  readonly name: string;
  /**
   * `first`: what comes after it is not unpacked. `only`: all is looked at, and a second one of that name is refused, since those who
   * install the package would take the other.
   */
  readonly which: "first" | "only";
}

/**
 * The file of that name (`control`, `./control` and other writings of it) out of a packed tar archive, as octets; null when it is not
 * there. Unpacks no more than MAX_CONTROL_BYTES, so that a small file cannot fill the memory. Throws `artifact/bad-package`.
 */
export async function readTarFile(
  packed: Packed,
  packing: Packing,
  wanted: Wanted,
  path: string,
): Promise<Uint8Array | null> {
  let found: Uint8Array | null = null;
  let members = 0;
  const visit: Visit = ({ name, size, isFile }) => {
    if (++members > MAX_CONTROL_MEMBERS) {
      if (wanted.which === "first") throw new Found();
      throw bad(path, `its control data have more than ${MAX_CONTROL_MEMBERS} files`);
    }
    if (posix.normalize(`/${name}`) !== `/${wanted.name}`) return null;
    if (found !== null) throw bad(path, `it holds ${wanted.name} twice`);
    if (!isFile) throw bad(path, `its ${wanted.name} is no file`);
    if (size > MAX_CONTROL_FILE_BYTES)
      throw bad(path, `its ${wanted.name} has more than ${MAX_CONTROL_FILE_BYTES} octets`);
    return (bytes) => {
      found = bytes;
      if (wanted.which === "first") throw new Found();
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
