import type { Context, Hono } from "hono";
import {
  CHECKPOINT_PATH,
  originHash,
  parseEntriesPath,
  parseTilePath,
  readTilesAnswer,
  tileWidth,
  TILE_WIDTH,
  toHex,
  writeBundle,
  writeTilesRequest,
} from "../../protocol/index.ts";
import type { HeadView, TilesRequest } from "../../protocol/index.ts";
import { problem } from "./problem.ts";
import type { ApiNode } from "./api-node.ts";

const IMMUTABLE = "public, max-age=31536000, immutable";
const MUTABLE = "public, max-age=5";

/** `GET /feeds/<hex SHA-256 of the origin line>/…`: each feed held here in the layout of C2SP tlog-tiles. */
export function addFeedRoutes(app: Hono, node: ApiNode): void {
  app.get(`/feeds/:hash/${CHECKPOINT_PATH}`, async (context) => {
    const feed = await findFeed(node, context.req.param("hash"));
    if (feed === null) return noSuchFeed(context);
    return context.body(feed.checkpoint.slice(), 200, {
      "content-type": "text/plain; charset=utf-8",
      "cache-control": MUTABLE,
    });
  });
  app.get("/feeds/:hash/tile/*", async (context) => {
    const feed = await findFeed(node, context.req.param("hash"));
    if (feed === null) return noSuchFeed(context);
    const path = context.req.path.slice(`/feeds/${context.req.param("hash")}/`.length);
    const bytes = path.startsWith("tile/entries/")
      ? await readEntries(node, feed, path)
      : await readHashes(node, feed, path);
    if (bytes === null) {
      return problem(
        context,
        404,
        "http/no-such-tile",
        "the feed's checkpoint needs no such tile (c2sp.org/tlog-tiles)",
      );
    }
    return context.body(bytes.slice(), 200, {
      "content-type": "application/octet-stream",
      "cache-control": IMMUTABLE,
    });
  });
}

async function findFeed(node: ApiNode, hash: string): Promise<HeadView | null> {
  const { feeds } = await node.status();
  // A head is shown only with all that stands below it (c2sp.org/tlog-tiles).
  return feeds.find((feed) => feed.held >= feed.size && toHex(originHash(feed.origin)) === hash) ?? null;
}

async function readEntries(node: ApiNode, feed: HeadView, path: string): Promise<Uint8Array | null> {
  const { index, count } = parseEntriesPath(path);
  if (tileWidth(0, index, feed.held) < count) return null;
  const entries: Uint8Array[] = [];
  const from = index * TILE_WIDTH;
  while (entries.length < count) {
    const blobs = await ask(node, {
      kind: "entries",
      origin: feed.origin,
      from: from + entries.length,
      count: count - entries.length,
    });
    if (blobs.length === 0) return null;
    entries.push(...blobs);
  }
  return writeBundle(entries.slice(0, count));
}

async function readHashes(node: ApiNode, feed: HeadView, path: string): Promise<Uint8Array | null> {
  const { level, index, width } = parseTilePath(path);
  if (tileWidth(level, index, feed.held) < width) return null;
  const [tile] = await ask(node, { kind: "tiles", origin: feed.origin, tiles: [{ level, index, width }] });
  return tile === undefined || tile.length === 0 ? null : tile;
}

async function ask(node: ApiNode, request: TilesRequest): Promise<readonly Uint8Array[]> {
  return readTilesAnswer(await node.ask("tiles", writeTilesRequest(request))).blobs;
}

function noSuchFeed(context: Context): Response {
  return problem(context, 404, "http/no-such-feed", "this node holds no feed whose origin has that SHA-256");
}
