import { mkdir, open, readFile, rename } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import type { OwnHeadFile } from "../edges.ts";
import { NodeError } from "../errors.ts";

/**
 * The own-head file of the feed with this key: `own-head/<hex of the key>`, beside the database so that losing the one
 * does not lose the other. `<hex>.begun` is made after the first write and before that write counts, and never goes
 * away: it tells a file that was lost from one that never was.
 */
export function ownHeadFile(folder: string, keyHex: string): OwnHeadFile {
  const home = join(folder, "own-head");
  const path = join(home, keyHex);
  const begun = `${path}.begun`;

  const remember = async (): Promise<void> => {
    if ((await readIfThere(begun)) !== null) return;
    await writeDurably(begun, new TextEncoder().encode(`${keyHex}\n`));
    await syncFolder(home);
    await syncFolder(folder);
  };
  return {
    async read(): Promise<Uint8Array | "none" | "lost"> {
      const content = await readIfThere(path);
      if (content === null) return (await readIfThere(begun)) === null ? "none" : "lost";
      if (content.length === 0) return "lost";
      await orFail(path, remember);
      return content;
    },
    async swap(old: Uint8Array | null, next: Uint8Array): Promise<boolean> {
      if (!same(await readIfThere(path), old)) return false;
      await orFail(path, async () => {
        await mkdir(home, { recursive: true, mode: 0o700 });
        await writeDurably(`${path}.new`, next);
        await rename(`${path}.new`, path);
        await syncFolder(home);
        await remember();
      });
      return true;
    },
  };
}

async function orFail(path: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (cause) {
    throw new NodeError("own-head/failed", `cannot write ${path}: ${String(cause)}`, { cause });
  }
}

/** An own-head file that lives as long as the process: for light peers, which publish nothing. */
export function memoryOwnHead(): OwnHeadFile {
  let content: Uint8Array | null = null;
  return {
    async read(): Promise<Uint8Array | "none" | "lost"> {
      return content ?? "none";
    },
    async swap(old: Uint8Array | null, next: Uint8Array): Promise<boolean> {
      if (!same(content, old)) return false;
      content = next.slice();
      return true;
    },
  };
}

function same(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === null || b === null ? a === b : Buffer.compare(a, b) === 0;
}

async function readIfThere(path: string): Promise<Uint8Array | null> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return null;
    throw new NodeError("own-head/failed", `cannot read ${path}: ${String(cause)}`, { cause });
  }
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  await withHandle(await open(path, "w", 0o600), async (handle) => {
    await handle.writeFile(bytes);
    await handle.sync();
  });
}

/** Makes the names in a folder durable; a system that cannot open folders (Windows) keeps them by itself. */
async function syncFolder(path: string): Promise<void> {
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
