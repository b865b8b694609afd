/** Without anything else of ours: a thread that hashes is started for it. */
import { createHash } from "node:crypto";
import { readSync } from "node:fs";

const CHUNK_BYTES = 1024 * 1024;

/** The SHA-256 of an open file that nobody has read from yet, without a pause. Throws errors of the file system. */
export function hashOpen(file: number): Uint8Array {
  const hashing = new Hashing(file);
  while (hashing.step());
  return hashing.end().sha256;
}

/** Reads a file, and takes its SHA-256. Throws errors of the file system. */
export class Hashing {
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
