/** Files of the data folder that only its user reads: keys, own heads, the token. Each is whole, or not there. */
import type { BigIntStats } from "node:fs";
import { open, readFile, rename, rm, stat } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import { NodeError } from "./errors.ts";

/** The file's content; null if there is none. Rejects with `data/unusable`. */
export async function readIfThere(path: string): Promise<Uint8Array | null> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return null;
    throw new NodeError(
      "data/unusable",
      `cannot read ${path}: ${String(cause)}; mend its permissions, or choose another --data`,
      { cause },
    );
  }
}

/** Where a file lies on its disk: a copy lies elsewhere, whatever its name and octets. */
export interface Place {
  readonly inode: bigint;
  /** ns since 1970 when the file was made; 0 on file systems that don't know. */
  readonly made: bigint;
}

/** Null if there is no such file. */
export async function placeOf(path: string): Promise<Place | null> {
  try {
    return placeIn(await stat(path, { bigint: true }));
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return null;
    throw cause;
  }
}

function placeIn({ ino, birthtimeNs }: BigIntStats): Place {
  return { inode: ino, made: birthtimeNs };
}

/**
 * Puts the octets into a file whose folder is there. Resolved: they survive a crash of the machine. Rejected with
 * `data/unusable`: the file holds what it held before, or the octets.
 */
export async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  await replaceFileAt(path, () => bytes);
}

/** As `replaceFile`; the octets may name the place where they will lie. */
export async function replaceFileAt(path: string, bytes: (place: Place) => Uint8Array): Promise<void> {
  const fresh = `${path}.new`;
  try {
    await withHandle(await open(fresh, "w", 0o600), async (handle) => {
      await handle.writeFile(bytes(placeIn(await handle.stat({ bigint: true }))));
      await handle.sync();
    });
    await rename(fresh, path);
    await syncFolder(dirname(path));
  } catch (cause) {
    throw new NodeError(
      "data/unusable",
      `cannot write ${path}: ${String(cause)}; see to the disk and the permissions, or choose another --data`,
      { cause },
    );
  }
}

/** Whether so many octets can be written in the folder now. */
export async function hasRoom(folder: string, octets: number): Promise<boolean> {
  const path = join(folder, "room.new");
  try {
    await withHandle(await open(path, "w", 0o600), async (handle) => {
      await handle.writeFile(new Uint8Array(octets));
      await handle.sync();
    });
    return true;
  } catch {
    return false;
  } finally {
    await rm(path, { force: true }).catch(() => {});
  }
}

/** Makes the names in a folder durable; a system that cannot open folders (Windows) keeps them by itself. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  await withHandle(await open(path, "r"), (handle) => handle.sync());
}

async function withHandle(handle: FileHandle, use: (handle: FileHandle) => Promise<void>): Promise<void> {
  try {
    await use(handle);
  } finally {
    await handle.close();
  }
}
