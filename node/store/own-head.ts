import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { OwnHeadFile } from "../edges.ts";
import { NodeError } from "../errors.ts";
import { placeOf, readIfThere, replaceFile, replaceFileAt, syncFolder } from "../private-file.ts";
import type { Place } from "../private-file.ts";

/** The last line of the file: where it was written. Of fixed width, so that it is found from the end. */
const PLACE = /^place (\d{20}) (\d{20})\n$/;
const PLACE_BYTES: number = "place \n".length + 2 * 20 + 1;

/**
 * The own-head file of the feed with this key: `own-head/<hex of the key>`, beside the database so that losing the one
 * does not lose the other. `<hex>.begun` is made after the first write and before that write counts, and never goes
 * away: it tells a file that was lost from one that never was. Its last line says where on the disk it was written: a copy lies elsewhere.
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
      const { head } = parted(content);
      if (head.length === 0) return "lost";
      await remember();
      return head;
    });
  return {
    read,
    moved: (): Promise<boolean> =>
      orFail(path, async () => {
        const content = await readIfThere(path);
        if (content === null) return false;
        const [written, lies] = [parted(content).place, await placeOf(path)];
        return written?.inode !== lies?.inode || written?.made !== lies?.made;
      }),
    swap: (old: Uint8Array | null, next: Uint8Array): Promise<boolean> =>
      orFail(path, async () => {
        const content = await readIfThere(path);
        if (!same(content === null ? null : parted(content).head, old)) return false;
        await mkdir(home, { recursive: true, mode: 0o700 });
        await replaceFileAt(path, (place) => withPlace(next, place));
        await remember();
        return true;
      }),
  };
}

function withPlace(head: Uint8Array, { inode, made }: Place): Uint8Array {
  const line = `place ${digits(inode)} ${digits(made)}\n`;
  return Buffer.concat([head, new TextEncoder().encode(line)]);
}

/** A file of another making has no such line: then nobody knows where it was written. */
function parted(content: Uint8Array): { readonly head: Uint8Array; readonly place: Place | null } {
  const end = Math.max(0, content.length - PLACE_BYTES);
  const [, inode, made] = PLACE.exec(Buffer.from(content.subarray(end)).toString("latin1")) ?? [];
  if (inode === undefined || made === undefined) return { head: content, place: null };
  return { head: content.slice(0, end), place: { inode: BigInt(inode), made: BigInt(made) } };
}

function digits(value: bigint): string {
  return String(value).padStart(20, "0");
}

async function orFail<T>(path: string, use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (cause) {
    const why = cause instanceof NodeError ? cause.message : `cannot read or write ${path}: ${String(cause)}`;
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
    async moved(): Promise<boolean> {
      return false;
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
