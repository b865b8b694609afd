import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { unreadable } from "./read.ts";

const CHUNK_BYTES = 1024 * 1024;

/**
 * A file's SHA-256 and size, read once through one descriptor. Throws `input/missing` or `input/unreadable`. Synchronous reads: the
 * threads that the others need take longer to start than a small file to hash; between the chunks of a large one, others get their turn.
 */
export async function hashFile(
  path: string,
): Promise<{ readonly sha256: Uint8Array; readonly size: number }> {
  let file: number | null = null;
  try {
    file = openSync(path, "r");
    const hashing = new Hashing(file);
    while (hashing.step()) await new Promise((resolve) => setImmediate(resolve));
    return hashing.end();
  } catch (error) {
    throw unreadable(path, error);
  } finally {
    if (file !== null) closeSync(file);
  }
}

/** The SHA-256 of an open file that nobody has read from yet, without a pause. Throws errors of the file system. */
export function hashOpen(file: number): Uint8Array {
  const hashing = new Hashing(file);
  while (hashing.step());
  return hashing.end().sha256;
}

class Hashing {
  readonly #file: number;
  readonly #hash = createHash("sha256");
  readonly #chunk = new Uint8Array(CHUNK_BYTES);
  #size = 0;

  constructor(file: number) {
    this.#file = file;
  }

  /** Takes the next octets; false where that was all. */
  step(): boolean {
    const bytesRead = readSync(this.#file, this.#chunk, 0, CHUNK_BYTES, null);
    this.#hash.update(this.#chunk.subarray(0, bytesRead));
    this.#size += bytesRead;
    return bytesRead > 0;
  }

  end(): { readonly sha256: Uint8Array; readonly size: number } {
    return { sha256: new Uint8Array(this.#hash.digest()), size: this.#size };
  }
}
