/** Feeds as folders of static files. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { entriesPath, tilePath, tilesFor, tileWidth } from "../../../protocol/index.ts";
import { filesOf } from "../../client/source/feed-server.ts";
import type { MemoryFeed } from "../../sim/memory-feed.ts";

/** Paths of all files of a feed with so many entries, the checkpoint last. */
export function pathsOf(size: number): readonly string[] {
  const bundles = Array.from({ length: Math.ceil(size / 256) }, (_, i) =>
    entriesPath(i, tileWidth(0, i, size)),
  );
  const tiles = [...tilesFor(size)].map(({ level, index, width }) => tilePath(level, index, width));
  return [...bundles, ...tiles, "checkpoint"];
}

/** Writes a feed into a folder. */
export async function writeFeed(folder: string, feed: MemoryFeed): Promise<void> {
  const files = filesOf(feed);
  for (const path of pathsOf(feed.entries.length)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), files(path) ?? "");
  }
}
