import { spawn } from "node:child_process";
import { rm, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after } from "node:test";
import { newFolder } from "../node/folder.ts";

/** A file system of a few MB in memory, which only this test sees. */
export interface SmallDisk {
  readonly folder: string;
  /** Leaves only so many octets free. */
  fill(free: number): Promise<void>;
  /** Gives all back that `fill` took. */
  empty(): Promise<void>;
}

/**
 * Mounts it in a mount namespace of a process that does nothing else, and reaches it through that process's root: there
 * is nothing to unmount, and no right to mount is needed. Null where the system does not allow that.
 */
export async function smallDisk(
  octets: number | `${number}M,nr_inodes=${number}`,
): Promise<SmallDisk | null> {
  const place = await newFolder();
  const script = `mount -t tmpfs -o size=${octets} tmpfs "$0" && echo mounted && exec sleep 1000`;
  const holder = spawn("unshare", ["-Urm", "sh", "-c", script, place], { stdio: ["pipe", "pipe", "ignore"] });
  after(() => holder.kill());
  // Not by `once`, which takes an error for its own: where there is no `unshare` the test is to be skipped.
  const mounted = await new Promise<boolean>((resolve) => {
    holder.stdout.once("data", () => resolve(true));
    holder.once("exit", () => resolve(false));
    holder.once("error", () => resolve(false));
  });
  if (!mounted) return null;
  const folder = join(`/proc/${holder.pid}/root`, place);
  const ballast = join(folder, "ballast");
  return {
    folder,
    async fill(free) {
      await rm(ballast, { force: true });
      const { bavail, bsize } = await statfs(folder);
      await writeFile(ballast, new Uint8Array(Math.max(0, bavail * bsize - free)));
    },
    empty: () => rm(ballast, { force: true }),
  };
}
