import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { MAX_CONTROL_BYTES, MAX_CONTROL_FILE_BYTES, MAX_CONTROL_MEMBERS } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";
import type { Packing } from "./packing.ts";

/** Stops a pipeline on purpose, once what was looked for is there. */
class Found extends Error {}

/**
 * The file `name` (or `./name`) out of a packed tar archive, as octets; null when it is not there. Unpacks no further
 * than needed, never more than MAX_CONTROL_BYTES, so that a small file cannot fill the memory.
 */
export async function readTarFile(
  packed: AsyncIterable<Uint8Array>,
  packing: Packing,
  name: string,
  path: string,
): Promise<Uint8Array | null> {
  const { extract } = await import("tar-stream");
  let found: Uint8Array | null = null;
  let members = 0;
  const tar = extract();
  tar.on("entry", (header, stream, next) => {
    members++;
    if (members > MAX_CONTROL_MEMBERS) return tar.destroy(new Found());
    if (header.type !== "file" || (header.name !== name && header.name !== `./${name}`)) {
      stream.on("end", next);
      stream.resume();
      return;
    }
    if ((header.size ?? 0) > MAX_CONTROL_FILE_BYTES) {
      return tar.destroy(bad(path, `its ${name} has more than ${MAX_CONTROL_FILE_BYTES} octets`));
    }
    const chunks: Uint8Array[] = [];
    stream.on("data", (chunk) => {
      if (chunk instanceof Uint8Array) chunks.push(chunk);
    });
    stream.on("end", () => {
      found = Uint8Array.from(Buffer.concat(chunks));
      tar.destroy(new Found());
    });
  });
  try {
    await pipeline(Readable.from(unpack(packed, packing, path)), tar);
  } catch (error) {
    if (error instanceof ClientError) throw error;
    if (!(error instanceof Found)) throw bad(path, "its control data cannot be unpacked", error);
  }
  return found;
}

async function* unpack(
  packed: AsyncIterable<Uint8Array>,
  packing: Packing,
  path: string,
): AsyncGenerator<Uint8Array> {
  let total = 0;
  for await (const chunk of decompress(packed, packing)) {
    total += chunk.length;
    if (total > MAX_CONTROL_BYTES)
      throw bad(path, `its control data unpacks to more than ${MAX_CONTROL_BYTES} octets`);
    yield chunk;
  }
}

async function* decompress(packed: AsyncIterable<Uint8Array>, packing: Packing): AsyncGenerator<Uint8Array> {
  if (packing === "none") {
    yield* packed;
  } else if (packing === "xz") {
    const { default: xz } = await import("xz-decompress");
    yield* new xz.XzReadableStream(ReadableStream.from(packed));
  } else {
    const source = Readable.from(packed);
    const unpacker = packing === "gz" ? createGunzip() : createZstdDecompress();
    source.on("error", (error) => unpacker.destroy(error));
    yield* source.pipe(unpacker);
  }
}

function bad(path: string, why: string, cause?: unknown): ClientError {
  return new ClientError("artifact/bad-package", `${path}: ${why}; fetch the file again`, { cause });
}
