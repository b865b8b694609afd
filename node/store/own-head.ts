import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { OwnHeadFile } from "../edges.ts";
import { NodeError } from "../errors.ts";
import { readIfThere, replaceFile, syncFolder } from "../private-file.ts";

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
    await replaceFile(begun, new TextEncoder().encode(`${keyHex}\n`));
    await syncFolder(folder);
  };
  const read = (): Promise<Uint8Array | "none" | "lost"> =>
    orFail(path, async () => {
      const content = await readIfThere(path);
      if (content === null) return (await readIfThere(begun)) === null ? "none" : "lost";
      if (content.length === 0) return "lost";
      await remember();
      return content;
    });
  return {
    read,
    swap: (old: Uint8Array | null, next: Uint8Array): Promise<boolean> =>
      orFail(path, async () => {
        if (!same(await readIfThere(path), old)) return false;
        await mkdir(home, { recursive: true, mode: 0o700 });
        await replaceFile(path, next);
        await remember();
        return true;
      }),
  };
}

async function orFail<T>(path: string, use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (cause) {
    const why = cause instanceof NodeError ? cause.message : `cannot write ${path}: ${String(cause)}`;
    throw new NodeError("own-head/failed", why, { cause });
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
