/** A node's static files of one feed, from memory: as they should be, or as a liar would serve them. */
import {
  entriesPath,
  originHash,
  parseEntriesPath,
  parseTilePath,
  tileWidth,
  toHex,
  writeBundle,
} from "../../../protocol/index.ts";
import { serveHttp } from "../../servers.ts";
import type { MemoryFeed } from "../../sim/memory-feed.ts";

const TILE_WIDTH = 256;

/** The file of a path below the feed's folder; null where there is none. */
export type Files = (path: string) => Uint8Array | null;

/** C2SP tlog-tiles of a feed in memory. */
export function filesOf(feed: MemoryFeed): Files {
  const size = feed.entries.length;
  return (path) => {
    if (path === "checkpoint") return feed.note();
    if (["timed", "cosigned", "cosigned-past"].includes(path)) return null;
    if (path.startsWith("tile/entries/")) {
      const { index, count } = parseEntriesPath(path);
      if (entriesPath(index, count) !== path || tileWidth(0, index, size) < count) return null;
      return writeBundle(feed.entries.slice(index * TILE_WIDTH, index * TILE_WIDTH + count));
    }
    const tile = parseTilePath(path);
    if (tileWidth(tile.level, tile.index, size) < tile.width) return null;
    return feed.answer({ kind: "tiles", origin: feed.origin, tiles: [tile] })[0] ?? null;
  };
}

/** Serves the files of a feed, and answers for the rest as a node does; the address, and the paths asked for so far. */
export async function serveFeed(
  feed: MemoryFeed,
  files: Files = filesOf(feed),
  feeds: readonly object[] = [viewOf(feed, files)],
): Promise<{ readonly url: string; readonly asked: string[] }> {
  const folder = `/feeds/${toHex(originHash(feed.origin))}/`;
  const asked: string[] = [];
  const status = {
    samebits: 1,
    network: feed.network,
    peer: "p",
    own: { origin: feed.origin, state: "open", size: 1 },
    uptime_ms: 1,
    peers: 0,
    feeds: 1,
    entries: 1,
    complete: 1,
    wanted: 1,
    sync: { feeds: 0, missing: 0, rate: 0, left_s: 0 },
    audit: { audited: 0, left: 0, left_s: 0 },
    claims: 1,
    records: 0,
    findings: 0,
  };
  const address = await serveHttp(({ url = "" }, response) => {
    if (url === "/v1/feeds") return void response.end(JSON.stringify({ samebits: 1, feeds }));
    if (url === "/v1/status") return void response.end(JSON.stringify(status));
    const path = url.startsWith(folder) ? url.slice(folder.length) : null;
    const octets = path === null ? null : files(path);
    asked.push(path ?? url);
    if (octets === null)
      return void response.writeHead(404).end('{"code":"http/no-such-tile","detail":"none"}');
    response.end(octets);
  });
  return { url: address, asked };
}

/** What a node says of a feed that it holds in full. */
export function viewOf(feed: MemoryFeed, files: Files = filesOf(feed)): object {
  const size = feed.entries.length;
  const checkpoint = new TextDecoder().decode(files("checkpoint") ?? new Uint8Array());
  return {
    origin: feed.origin,
    checkpoint,
    size,
    held: size,
    indexed: size,
    timed: null,
    cosigned: [],
    state: "open",
    class: "own",
  };
}
