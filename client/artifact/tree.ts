/** A folder of files, on the disk or in a zip file, as far as its normal form looks into it. */
import { closeSync, openSync, readdirSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";
import type { FormOptions } from "../../protocol/index.ts";
import { readAt } from "./ar.ts";
import { unsignFile } from "./unsign.ts";
import type { Unsigned } from "./unsign.ts";

export interface TreeItem {
  readonly name: string;
  readonly kind: "file" | "link" | "folder" | "other";
}

/** Paths are from its top, names between slashes; "" is the top itself. */
export interface Tree {
  /** As users call it. */
  readonly name: string;
  /** What is in a folder. */
  readonly list: (path: string) => readonly TreeItem[];
  /** Of a file: how many octets it has, and whether somebody may execute it. */
  readonly look: (path: string) => { readonly size: number; readonly isProgram: boolean };
  /** All octets of a file. */
  readonly octets: (path: string) => Promise<Uint8Array>;
  /** Where a link leads, as it is written. */
  readonly leads: (path: string) => Promise<Uint8Array>;
  /** The normal form of a file. */
  readonly unsign: (path: string, options: FormOptions) => Promise<Unsigned>;
}

/** A folder on the disk. Links are not followed. Its calls throw errors of the file system. */
export function folderTree(top: string): Tree {
  const at = (path: string): string => join(top, path);
  return {
    name: top,
    list: (path) =>
      readdirSync(at(path), { withFileTypes: true }).map((entry) => ({
        name: entry.name,
        kind: entry.isSymbolicLink()
          ? "link"
          : entry.isDirectory()
            ? "folder"
            : entry.isFile()
              ? "file"
              : "other",
      })),
    look: (path) => {
      const { size, mode } = statSync(at(path));
      return { size, isProgram: (mode & 0o111) !== 0 };
    },
    octets: async (path) => {
      const file = openSync(at(path), "r");
      try {
        return readAt(file, 0, statSync(at(path)).size);
      } finally {
        closeSync(file);
      }
    },
    leads: async (path) => new Uint8Array(readlinkSync(at(path), "buffer")),
    unsign: async (path, options) => unsignFile(at(path), options),
  };
}
