import { constants } from "node:fs";
import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { NodeError } from "../errors.ts";
import type { MirrorFiles } from "./files.ts";

/** Somebody else filled the stick: a pipe in the place of a file is not waited for. */
const READ = constants.O_RDONLY | constants.O_NONBLOCK;
const GONE: ReadonlySet<string> = new Set(["ENOENT", "ENOTDIR"]);

/** A feed's folder on this machine: an export, a USB stick, a mounted share. */
export function directoryMirror(name: string, folder: string): MirrorFiles {
  return {
    async read(path, maxBytes): Promise<Uint8Array | null> {
      const where = join(folder, path);
      let file: FileHandle | null = null;
      try {
        file = await open(where, READ);
        return await readUpTo(file, maxBytes, where);
      } catch (error) {
        if (error instanceof NodeError) throw error;
        const code = error instanceof Error && "code" in error ? String(error.code) : "";
        if (GONE.has(code)) return null;
        throw new NodeError("mesh/unreachable", `mirror ${name}: ${String(error)}`, { cause: error });
      } finally {
        await file?.close();
      }
    },
  };
}

async function readUpTo(file: FileHandle, maxBytes: number, where: string): Promise<Uint8Array> {
  const stat = await file.stat();
  const { size } = stat;
  if (!stat.isFile()) throw new NodeError("mesh/unreachable", `${where} is no file`);
  if (size > maxBytes)
    throw new NodeError("mesh/too-big", `${where}: ${size} octets where ${maxBytes} are the most`);
  const bytes = new Uint8Array(size);
  let length = 0;
  while (length < size) {
    const { bytesRead } = await file.read(bytes, length, size - length, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return bytes.subarray(0, length);
}
