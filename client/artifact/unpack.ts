import { posix } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { MAX_CONTROL_BYTES, MAX_CONTROL_FILE_BYTES, MAX_CONTROL_MEMBERS } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";
import type { Packing } from "./packing.ts";

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
  const { extract } = await import("tar-stream");
  const tar = extract();
  let found: Uint8Array | null = null;
  let members = 0;
  tar.on("entry", (header, stream, next) => {
    const fail = (why: string): void => tar.destroy(bad(path, why));
    const { size } = header;
    stream.on("error", ignore);
    // tar-stream waits for ever for the end of a member whose size is no number.
    if (size === undefined || !Number.isSafeInteger(size)) return fail("a tar header in it is broken");
    if (++members > MAX_CONTROL_MEMBERS) {
      if (wanted.which === "only") fail(`its control data have more than ${MAX_CONTROL_MEMBERS} files`);
      else tar.destroy(new Found());
      return;
    }
    if (posix.normalize(`/${header.name}`) !== `/${wanted.name}`) {
      stream.on("end", next);
      stream.resume();
      return;
    }
    if (found !== null) return fail(`it holds ${wanted.name} twice`);
    if (header.type !== "file") return fail(`its ${wanted.name} is no file`);
    if (size > MAX_CONTROL_FILE_BYTES)
      return fail(`its ${wanted.name} has more than ${MAX_CONTROL_FILE_BYTES} octets`);
    const chunks: Uint8Array[] = [];
    stream.on("data", (chunk) => {
      if (chunk instanceof Uint8Array) chunks.push(chunk);
    });
    stream.on("end", () => {
      found = Uint8Array.from(Buffer.concat(chunks));
      if (wanted.which === "first") tar.destroy(new Found());
      else next();
    });
  });
  tar.on("error", ignore);
  try {
    await pipeline(Readable.from(unpack(packed, packing, path)), tar);
  } catch (error) {
    if (error instanceof ClientError) throw error;
    if (!(error instanceof Found)) throw bad(path, "its control data cannot be unpacked", error);
  }
  return found;
}

/** The pipeline has told of the first error; what else a stream says that was stopped half-way would end the process. */
function ignore(): void {}

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
    unpacker.on("error", ignore);
    yield* source.pipe(unpacker);
  }
}

function bad(path: string, why: string, cause?: unknown): ClientError {
  return new ClientError("artifact/bad-package", `${path}: ${why}; fetch the file again`, { cause });
}
