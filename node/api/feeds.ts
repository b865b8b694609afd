import type { Context, Hono } from "hono";
import {
  CHECKPOINT_PATH,
  COSIGNED_PATH,
  equalBytes,
  isOfKey,
  MAX_PAST_BYTES,
  MAX_TOLD_PAST,
  originHash,
  parseCheckpoint,
  parseCosigned,
  parseEntriesPath,
  parseTilePath,
  PAST_PATH,
  pastOfFeed,
  readPast,
  rowAt,
  tileWidth,
  TILE_WIDTH,
  TIMED_PATH,
  withSignatureLine,
  writeCosigned,
} from "../../protocol/index.ts";
import type { HeadView, Row, StatusResult } from "../../protocol/index.ts";
import type { ApiNode } from "./api-node.ts";
import { askTiles } from "./ask-tiles.ts";
import { PAGE_BYTES, pagesFrom, readPage } from "./bundle-pages.ts";
import { nameOfFeed } from "./feed-names.ts";
import { problem } from "./problem.ts";
import { Room } from "./room.ts";

const IMMUTABLE = "public, max-age=31536000, immutable";
const MUTABLE = "public, max-age=5";

/** `GET /feeds/<hex SHA-256 of the origin line>/…`: each feed held here in the layout of C2SP tlog-tiles. */
export function addFeedRoutes(app: Hono, node: ApiNode): void {
  const room = new Room();
  app.get(`/feeds/:hash/${CHECKPOINT_PATH}`, async (context) => {
    const status = await node.status();
    const feed = feedIn(status, context.req.param("hash"));
    if (feed === null) return noSuchFeed(context);
    return note(context, withWitnesses(checkpointOf(feed), cosignedOf(status, feed)));
  });
  app.get(`/feeds/:hash/${TIMED_PATH}`, async (context) => {
    const feed = feedIn(await node.status(), context.req.param("hash"));
    if (feed === null) return noSuchFeed(context);
    const timed = timedOf(feed);
    return timed === null ? noSuchTile(context) : note(context, timed);
  });
  app.get(`/feeds/:hash/${COSIGNED_PATH}`, async (context) => {
    const status = await node.status();
    const feed = feedIn(status, context.req.param("hash"));
    if (feed === null) return noSuchFeed(context);
    const file = writeCosigned(cosignedOf(status, feed));
    return file === null ? noSuchTile(context) : note(context, file);
  });
  app.get(`/feeds/:hash/${PAST_PATH}`, async (context) => {
    const feed = feedIn(await node.status(), context.req.param("hash"));
    if (feed === null) return noSuchFeed(context);
    await room.take(context, MAX_PAST_BYTES);
    const file = writeCosigned(await pastOf(node, feed), MAX_TOLD_PAST);
    return file === null ? noSuchTile(context) : note(context, file);
  });
  app.get("/feeds/:hash/tile/*", async (context) => {
    const feed = feedIn(await node.status(), context.req.param("hash"));
    if (feed === null) return noSuchFeed(context);
    const path = context.req.path.slice(`/feeds/${context.req.param("hash")}/`.length);
    if (path.startsWith("tile/entries/")) return entriesAnswer(context, node, feed, { path, room });
    const bytes = await readHashes(node, feed, path);
    return bytes === null ? noSuchTile(context) : tile(context, bytes.slice());
  });
}

function feedIn({ feeds }: StatusResult, hash: string): HeadView | null {
  // A head is shown only with all that stands below it (c2sp.org/tlog-tiles).
  return feeds.find((feed) => feed.held >= feed.size && nameOfFeed(feed.origin) === hash) ?? null;
}

/** The head; with its time line, where that is of the very same head. */
function checkpointOf(feed: HeadView): Uint8Array {
  const timed = timedOf(feed);
  if (timed === null) return feed.checkpoint;
  const [head, other] = [parseCheckpoint(feed.checkpoint), parseCheckpoint(timed)];
  return head.size === other.size && equalBytes(head.root, other.root) ? timed : feed.checkpoint;
}

/** What witnesses have cosigned of what is shown of a feed, each its newest: this node's own is newer than what it told of. */
function cosignedOf({ witness }: StatusResult, { origin, cosigned, size }: HeadView): readonly Uint8Array[] {
  const own = witness?.cosigned.get(origin);
  const mine = own === undefined ? null : parseCosigned(own);
  const isMineShown = mine !== null && mine.checkpoint.size <= size;
  const told = cosigned
    .map(parseCosigned)
    .filter(({ checkpoint, line }) => checkpoint.size <= size && !(isMineShown && isOfKey(line, mine.line)));
  return [...told, ...(isMineShown ? [mine] : [])].map(({ checkpoint }) => checkpoint.note);
}

/** The checkpoint, with the lines of the witnesses that cosigned the very same head. */
function withWitnesses(checkpoint: Uint8Array, cosigned: readonly Uint8Array[]): Uint8Array {
  const { body } = parseCheckpoint(checkpoint);
  return cosigned
    .map(parseCheckpoint)
    .filter((other) => equalBytes(other.body, body))
    .flatMap(({ signatures }) => signatures.at(-1) ?? [])
    .reduce(withSignatureLine, checkpoint);
}

/** The newest head whose time is known; null where it is none of what is shown here. */
function timedOf({ timed, size }: HeadView): Uint8Array | null {
  return timed !== null && parseCheckpoint(timed).size <= size ? timed : null;
}

/** What witnesses had cosigned before, of what is shown of a feed. */
async function pastOf(node: ApiNode, { origin, size }: HeadView): Promise<readonly Uint8Array[]> {
  const notes: Uint8Array[] = [];
  let left = MAX_TOLD_PAST;
  let range = pastOfFeed(originHash(origin), left);
  for (;;) {
    const { rows, more } = await node.read(range);
    notes.push(...rows.flatMap((row) => noteWithin(row, size)));
    const last = rows.at(-1);
    left -= rows.length;
    if (!more || last === undefined || left <= 0) return notes;
    range = { ...range, from: rowAt(last.key).to, limit: left };
  }
}

/** Only of what is shown of a feed. */
function noteWithin(row: Row, size: number): readonly Uint8Array[] {
  const head = readPast(row);
  return head !== null && head.size <= size ? [head.note] : [];
}

async function entriesAnswer(
  context: Context,
  node: ApiNode,
  feed: HeadView,
  { path, room }: { readonly path: string; readonly room: Room },
): Promise<Response> {
  const { index, count } = parseEntriesPath(path);
  if (tileWidth(0, index, feed.held) < count) return noSuchTile(context);
  const place = await room.take(context, PAGE_BYTES);
  const first = await readPage(node, { origin: feed.origin, from: index * TILE_WIDTH, count });
  if (first === null) return noSuchTile(context);
  // Nobody would read the pages that follow, and so nobody would end them.
  if (first.left.count === 0 || context.req.method === "HEAD") return tile(context, first.octets.slice());
  return tile(context, ReadableStream.from(pagesFrom(node, first, place)));
}

async function readHashes(node: ApiNode, feed: HeadView, path: string): Promise<Uint8Array | null> {
  const { level, index, width } = parseTilePath(path);
  if (tileWidth(level, index, feed.held) < width) return null;
  const [tile] = await askTiles(node, {
    kind: "tiles",
    origin: feed.origin,
    tiles: [{ level, index, width }],
  });
  return tile === undefined || tile.length === 0 ? null : tile;
}

function tile(context: Context, octets: Uint8Array<ArrayBuffer> | ReadableStream): Response {
  return context.body(octets, 200, {
    "content-type": "application/octet-stream",
    "cache-control": IMMUTABLE,
  });
}

function note(context: Context, octets: Uint8Array): Response {
  return context.body(octets.slice(), 200, {
    "content-type": "text/plain; charset=utf-8",
    "cache-control": MUTABLE,
  });
}

function noSuchTile(context: Context): Response {
  return problem(
    context,
    404,
    "http/no-such-tile",
    "the feed's checkpoint needs no such file (c2sp.org/tlog-tiles)",
  );
}

function noSuchFeed(context: Context): Response {
  return problem(context, 404, "http/no-such-feed", "this node holds no feed whose origin has that SHA-256");
}
