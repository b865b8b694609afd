import { randomBytes } from "node:crypto";
import { link, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { ClientError } from "./errors.ts";

export interface WriteOptions {
  /** Permission bits; 0o644 by default. */
  readonly mode?: number;
  /** False: a file that is there already is left alone and `output/exists` thrown. */
  readonly replace: boolean;
}

/**
 * Writes a file whole or not at all: temporary file beside it, fsync, then rename (or link, where nothing may be
 * replaced), then fsync of the folder. Throws `output/cannot-write` or `output/exists`.
 */
export async function writeWhole(
  path: string,
  bytes: Uint8Array | string,
  options: WriteOptions,
): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    {
      await using file = await open(temporary, "wx", options.mode ?? 0o644);
      await file.writeFile(bytes);
      await file.sync();
    }
    if (options.replace) await rename(temporary, path);
    else await link(temporary, path);
    await using folder = await open(dirname(path), "r");
    await folder.sync();
  } catch (error) {
    throw cannotWrite(path, error);
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

function cannotWrite(path: string, error: unknown): ClientError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "EEXIST") {
    return new ClientError("output/exists", `${path} is there already; move it away first`, { cause: error });
  }
  const why = new Map([
    ["ENOSPC", "the disk is full"],
    ["EACCES", "permission denied"],
    ["EROFS", "the file system is read-only"],
    ["ENOENT", "the folder does not exist"],
  ]).get(code);
  return new ClientError("output/cannot-write", `${path}: cannot be written: ${why ?? String(error)}`, {
    cause: error,
  });
}
