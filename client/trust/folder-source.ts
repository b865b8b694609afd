import { existsSync } from "node:fs";
import { join } from "node:path";
import { documentPath, filePath, MAX_ROOT_BYTES, MAX_TARGETS_BYTES } from "../../protocol/index.ts";
import { readIfThere } from "../artifact/index.ts";
import type { TrustSource } from "../edges.ts";
import { isFolder, statOf } from "../folder.ts";

/** What a domain's owner serves stands in this folder of theirs. */
export const PUBLIC = "public";

/** A domain's folder on this machine: what a web server would serve, or its owner's, where that stands in `public/`. */
export function folderSource(folder: string): TrustSource {
  const inner = join(folder, PUBLIC);
  const base = existsSync(join(folder, documentPath({ root: 1 }))) || !existsSync(inner) ? folder : inner;
  const read = (path: string, maxBytes: number): Promise<Uint8Array | null> =>
    Promise.resolve(readIfThere(join(base, path), maxBytes));
  return {
    name: folder,
    root: (version) => read(documentPath({ root: version }), MAX_ROOT_BYTES),
    targets: (role) => read(documentPath({ role }), MAX_TARGETS_BYTES),
    file: ({ sha256, length }) => read(filePath(sha256), length),
    close: () => Promise.resolve(),
  };
}

/** Another text when newer documents of the domain were put there; empty for what is no folder. `root`: the last one that is known. */
export function folderMark(place: string, root: number): string {
  if (!isFolder(place)) return "";
  const paths = [documentPath({ root: root + 1 }), documentPath({ role: [] })];
  return [place, join(place, PUBLIC)]
    .flatMap((base) => paths.map((path) => statOf(join(base, path))?.mtimeMs ?? 0))
    .join(" ");
}
