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
  const hash = createHash("sha256");
  let size = 0;
  let file: number | null = null;
  try {
    file = openSync(path, "r");
    const chunk = new Uint8Array(CHUNK_BYTES);
    for (;;) {
      const bytesRead = readSync(file, chunk, 0, CHUNK_BYTES, null);
      if (bytesRead === 0) break;
      hash.update(chunk.subarray(0, bytesRead));
      size += bytesRead;
      if (bytesRead === CHUNK_BYTES) await new Promise((resolve) => setImmediate(resolve));
    }
  } catch (error) {
    throw unreadable(path, error);
  } finally {
    if (file !== null) closeSync(file);
  }
  return { sha256: new Uint8Array(hash.digest()), size };
}
