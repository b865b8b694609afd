import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { ClientError } from "../errors.ts";

const CHUNK_BYTES = 1024 * 1024;

/** A file's SHA-256 and size, read once through one descriptor. Throws `input/missing` or `input/unreadable`. */
export async function hashFile(
  path: string,
): Promise<{ readonly sha256: Uint8Array; readonly size: number }> {
  const hash = createHash("sha256");
  let size = 0;
  try {
    await using file = await open(path, "r");
    const chunk = new Uint8Array(CHUNK_BYTES);
    for (;;) {
      const { bytesRead } = await file.read(chunk, 0, CHUNK_BYTES, null);
      if (bytesRead === 0) break;
      hash.update(chunk.subarray(0, bytesRead));
      size += bytesRead;
    }
  } catch (error) {
    throw unreadable(path, error);
  }
  return { sha256: new Uint8Array(hash.digest()), size };
}

/** Turns an error of the file system into one that says what to do. */
export function unreadable(path: string, error: unknown): ClientError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ENOENT" || code === "ENOTDIR") {
    return new ClientError("input/missing", `${path}: no such file`, { cause: error });
  }
  const why = code === "EISDIR" ? "it is a folder" : code === "EACCES" ? "permission denied" : String(error);
  return new ClientError("input/unreadable", `${path}: cannot be read: ${why}`, { cause: error });
}
