import { readdir, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { DISK_RESERVE_SHARE, FOLLOWED_DISK_SHARE } from "../protocol/index.ts";

/**
 * Octets that followed feeds may take: what they are given, and no more than the disk of the data folder has for them when the node starts. What
 * the store holds already counts as free.
 */
export async function followedRoom(dataDir: string | null, given: number): Promise<number> {
  if (dataDir === null) return given;
  const { bavail, blocks, bsize } = await statfs(dataDir);
  const reserve = (blocks * bsize) / DISK_RESERVE_SHARE;
  const free = bavail * bsize + (await octetsUnder(join(dataDir, "store"))) - reserve;
  return Math.max(0, Math.min(given, Math.floor(free / FOLLOWED_DISK_SHARE)));
}

/** How the disk of a data folder stands. */
export interface DiskView {
  /** Octets of the store's files. */
  readonly store: number;
  /** Octets that can still be written, and files that can be made; null where the file system does not count files. */
  readonly free: number;
  readonly files: number | null;
}

export async function diskOf(dataDir: string): Promise<DiskView> {
  const { bavail, bsize, files, ffree } = await statfs(dataDir);
  const store = await octetsUnder(join(dataDir, "store"));
  return { store, free: bavail * bsize, files: files === 0 ? null : ffree };
}

/** Of the files of a folder; the database removes some of them at any time. */
async function octetsUnder(folder: string): Promise<number> {
  const names = await readdir(folder);
  const sizes = names.map(async (name) => (await stat(join(folder, name)).catch(() => null))?.size ?? 0);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
