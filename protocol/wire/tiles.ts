/** Questions and answers of the stream `tiles`: what feeds hold, by feed and range. */
import { equalBytes, octetsIn } from "../bytes/index.ts";
import {
  DOMAIN_NAME_BYTES,
  KNOWN_NAME_BYTES,
  MAX_ANSWER_ITEMS,
  MAX_ENTRIES_WANTED,
  MAX_FEED_SIZE,
  MAX_HEADS_KNOWN,
  MAX_STREAM_BYTES,
  MAX_TARGET_FILE_BYTES,
  MAX_TILE_LEVEL,
  MAX_TILES_WANTED,
  TILE_WIDTH,
} from "../limits.ts";
import { endOfBlobs, joinBlobs } from "./blobs.ts";
import {
  badField,
  checkCode,
  checkCount,
  checkIndex,
  checkLength,
  checkNumber,
  checkOneOf,
  checkOrigin,
  decodeExact,
  encodeWithin,
  tooBig,
  within,
} from "./frame.ts";
import { TilesAnswerMessage, TilesRequestMessage } from "./messages.ts";

/** A hash tile of C2SP tlog-tiles: `width` hashes, 256 for a full one. */
export interface TileWanted {
  readonly level: number;
  readonly index: number;
  readonly width: number;
}

const NONE = new Uint8Array(0);
/** Which paths there are is for the domain's clients to know. */
const DOMAIN_PATH = /^[0-9a-z][0-9a-z._/-]{0,254}$/;

export type TilesRequest =
  /**
   * Evidence of forks, then checkpoints of all feeds held, in the order of their origins, those after `after` ("" = from the start), without
   * what the asker says that it has: `known` is a row of names of KNOWN_NAME_BYTES octets (`protocol/peer/told.ts`).
   */
  | { readonly kind: "heads"; readonly after: string; readonly known?: Uint8Array }
  /** Entries `from` … `from + count - 1`, one a blob, as many as fit. */
  | { readonly kind: "entries"; readonly origin: string; readonly from: number; readonly count: number }
  /** Hash tiles, one a blob, in the order asked; an empty blob for one that is not held. */
  | { readonly kind: "tiles"; readonly origin: string; readonly tiles: readonly TileWanted[] }
  /** The root of the first `from` entries, then the hashes of an RFC 6962 consistency proof from there to `to`. */
  | { readonly kind: "consistency"; readonly origin: string; readonly from: number; readonly to: number }
  /** Evidence by its id, or all evidence against a feed. */
  | { readonly kind: "evidence"; readonly origin: string }
  | { readonly kind: "evidence"; readonly id: Uint8Array }
  /** One document or file of a trust domain by its path there, octets `from` on, in one blob; the domain by its fingerprint's first octets. */
  | { readonly kind: "domain"; readonly domain: Uint8Array; readonly path: string; readonly from: number };

export interface TilesAnswer {
  readonly blobs: readonly Uint8Array[];
  /**
   * Entries: the index after the last one given. Heads: 1 if there are more after the last origin given. Domain: where it goes on, 0 at its
   * end. Else 0.
   */
  readonly next: number;
  /** Why there is nothing (more), or "". */
  readonly code: string;
  /** Heads: one octet for each name in `known`, 1 where it would have been told, else 0; absent where none was named. */
  readonly same?: Uint8Array;
}

/** Throws `wire/…`. */
export function readTilesRequest(bytes: Uint8Array): TilesRequest {
  const message = decodeExact(TilesRequestMessage, bytes, MAX_STREAM_BYTES, {
    tiles: { tiles: MAX_TILES_WANTED },
  });
  const { heads, entries, tiles, consistency, evidence, domain } = message;
  checkOneOf({
    heads: heads !== undefined,
    entries: entries !== undefined,
    tiles: tiles !== undefined,
    consistency: consistency !== undefined,
    evidence: evidence !== undefined,
    domain: domain !== undefined,
  });
  if (heads !== undefined) {
    const { after, known } = heads;
    return checked({ kind: "heads", after, ...(known.length === 0 ? {} : { known }) });
  }
  if (entries !== undefined) return checked({ kind: "entries", ...entries });
  if (tiles !== undefined) return checked({ kind: "tiles", ...tiles });
  if (consistency !== undefined) return checked({ kind: "consistency", ...consistency });
  if (domain !== undefined) return checked({ kind: "domain", ...domain });
  const { origin, id } = evidence ?? { origin: "", id: new Uint8Array(0) };
  checkOneOf({ origin: origin !== "", id: id.length > 0 });
  return checked(origin === "" ? { kind: "evidence", id } : { kind: "evidence", origin });
}

export function writeTilesRequest(request: TilesRequest): Uint8Array {
  checked(request);
  return encodeWithin(TilesRequestMessage, tilesMessage(request), MAX_STREAM_BYTES);
}

/** A member that is there and empty, as `heads` from the start is, is written as an empty message. */
function tilesMessage(request: TilesRequest): TilesRequestMessage {
  switch (request.kind) {
    case "heads":
      return { heads: { after: request.after, known: request.known ?? NONE } };
    case "entries":
      return { entries: { origin: request.origin, from: request.from, count: request.count } };
    case "tiles":
      return { tiles: { origin: request.origin, tiles: request.tiles.map((tile) => ({ ...tile })) } };
    case "consistency":
      return { consistency: { origin: request.origin, from: request.from, to: request.to } };
    case "evidence":
      return "id" in request
        ? { evidence: { origin: "", id: request.id } }
        : { evidence: { origin: request.origin, id: new Uint8Array(0) } };
    case "domain":
      return { domain: { domain: request.domain, path: request.path, from: request.from } };
  }
}

function checked(request: TilesRequest): TilesRequest {
  switch (request.kind) {
    case "heads":
      if (request.after !== "") checkOrigin(request.after, "after");
      checkNames(request.known ?? NONE);
      break;
    case "entries":
      checkOrigin(request.origin, "origin");
      checkIndex(request.from, "from");
      checkNumber(request.count, "count", 1, MAX_ENTRIES_WANTED);
      break;
    case "tiles":
      checkOrigin(request.origin, "origin");
      checkTiles(request.tiles);
      break;
    case "consistency":
      checkOrigin(request.origin, "origin");
      checkNumber(request.from, "from", 1, MAX_FEED_SIZE);
      checkNumber(request.to, "to", request.from + 1, MAX_FEED_SIZE);
      break;
    case "evidence":
      if ("id" in request) checkLength(request.id, "id");
      else checkOrigin(request.origin, "origin");
      break;
    case "domain":
      checkLength(request.domain, "domain", DOMAIN_NAME_BYTES);
      if (!DOMAIN_PATH.test(request.path)) throw badField("path", "is no path in a domain");
      checkNumber(request.from, "from", 0, MAX_TARGET_FILE_BYTES);
      break;
  }
  return Object.freeze(request);
}

function checkNames(known: Uint8Array): void {
  const count = known.length / KNOWN_NAME_BYTES;
  if (!Number.isInteger(count) || count > MAX_HEADS_KNOWN) {
    throw badField("known", `is no row of at most ${MAX_HEADS_KNOWN} names of ${KNOWN_NAME_BYTES} octets`);
  }
}

function checkTiles(tiles: readonly TileWanted[]): void {
  if (tiles.length === 0) throw badField("tiles", "names none");
  checkCount(tiles, "tiles", MAX_TILES_WANTED);
  for (const { level, index, width } of tiles) {
    checkNumber(level, "level", 0, MAX_TILE_LEVEL);
    checkIndex(index, "index");
    checkNumber(width, "width", 1, TILE_WIDTH);
  }
}

/** An answer with at most so many blobs: of entries those that were asked for. Throws `wire/…`. */
export function readTilesAnswer(bytes: Uint8Array, most: number = MAX_ANSWER_ITEMS): TilesAnswer {
  const limits = { blobs: MAX_ANSWER_ITEMS };
  const { same, ...rest } = decodeExact(TilesAnswerMessage, bytes, MAX_STREAM_BYTES, limits, isWritten);
  const answer = same.length === 0 ? rest : { ...rest, same };
  checkAnswer(answer);
  checkCount(answer.blobs, "blobs", most);
  return Object.freeze(answer);
}

export function writeTilesAnswer(answer: TilesAnswer): Uint8Array {
  checkAnswer(answer);
  const { blobs, same = NONE } = answer;
  const rest = TilesAnswerMessage.encode({ ...answer, blobs: [], same });
  return within(joinBlobs(blobs, rest), MAX_STREAM_BYTES);
}

/** The parts of an answer whose blobs are written already, some in each of `runs` (`joinBlobs`): what entries have in the store goes out as it is. */
export function writeEntriesAnswer(runs: readonly Uint8Array[], next: number): readonly Uint8Array[] {
  const parts = [...runs, writeTilesAnswer({ blobs: [], next, code: "" })];
  const octets = octetsIn(parts);
  if (octets > MAX_STREAM_BYTES) throw tooBig(octets, MAX_STREAM_BYTES);
  return parts;
}

/** Whether `bytes` are how the message is written. */
function isWritten(message: TilesAnswerMessage, bytes: Uint8Array): boolean {
  const end = endOfBlobs(bytes, message.blobs);
  return (
    end !== null && equalBytes(TilesAnswerMessage.encode({ ...message, blobs: [] }), bytes.subarray(end))
  );
}

function checkAnswer({ blobs, next, code, same = NONE }: TilesAnswer): void {
  checkCount(blobs, "blobs", MAX_ANSWER_ITEMS);
  checkIndex(next, "next");
  checkCode(code);
  if (same.length > MAX_HEADS_KNOWN || same.some((octet) => octet > 1)) {
    throw badField("same", `is not 0 or 1 for each of at most ${MAX_HEADS_KNOWN} names`);
  }
}
