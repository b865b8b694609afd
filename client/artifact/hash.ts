import { closeSync, openSync } from "node:fs";
import { Hashing } from "./hash-open.ts";
import { unreadable } from "./read.ts";

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
