import { randomBytes } from "node:crypto";
import { link, open, rename, rm } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { ProtocolError } from "../protocol/index.ts";
import { ClientError } from "./errors.ts";
import { cannotWrite, systemCode } from "./folder.ts";

/** Takes the next piece of a file; it may be overwritten when its promise is kept. Throws `output/cannot-write`. */
export type Put = (piece: Uint8Array | string) => Promise<void>;

export interface WriteOptions {
  /** Permission bits; 0o644 by default. */
  readonly mode?: number;
  /** The bits are as they are said, whatever the umask: others' programs read it. */
  readonly isModeExact?: boolean;
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
  await writeWith(path, options, (put) => put(bytes));
}

/** The same of a file that is written piece by piece: `write` is given it empty, and what it throws is thrown, with nothing left. */
export async function writeWith(
  path: string,
  options: WriteOptions,
  write: (put: Put) => Promise<void>,
): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    const { mode = 0o644 } = options;
    await closing(await open(temporary, "wx", mode), async (file) => {
      if (options.isModeExact === true) await file.chmod(mode);
      await write(putting(path, file));
      await file.sync();
    });
    if (options.replace) await rename(temporary, path);
    else await link(temporary, path);
    await closing(await open(dirname(path), "r"), (folder) => folder.sync());
  } catch (error) {
    // What `write` itself finds fault with, or a bug: not the file system's doing.
    const isOurs = error instanceof ClientError || error instanceof ProtocolError;
    if (isOurs || systemCode(error) === "") throw error;
    if (systemCode(error) === "EEXIST") {
      throw new ClientError("output/exists", `${path} is there already; move it away first`, {
        cause: error,
      });
    }
    throw cannotWrite(path, error);
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

/** Puts pieces into an open file: what goes wrong there is told as such, whoever hands them on. */
export function putting(path: string, file: FileHandle): Put {
  return async (piece) => {
    try {
      await file.writeFile(piece);
    } catch (error) {
      throw cannotWrite(path, error);
    }
  };
}

/** Runs `use`, then closes the file, however it ended. */
async function closing(file: FileHandle, use: (file: FileHandle) => Promise<void>): Promise<void> {
  try {
    await use(file);
  } finally {
    await file.close();
  }
}
