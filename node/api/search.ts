/** `GET /v1/targets?q=`: targets whose package's name begins so, then those whose file's name does. */
import type { Context } from "hono";
import {
  compareBytes,
  MAX_NAMES_LOOKED_AT,
  MAX_ROWS_READ,
  MAX_SEARCH_CHARS,
  MAX_TARGETS_SHOWN,
  nameRange,
  parseTarget,
  readNameRow,
  rowAt,
  toHex,
} from "../../protocol/index.ts";
import type { Range, Row } from "../../protocol/index.ts";
import type { ApiNode } from "./api-node.ts";
import { BadQuery, cursorOf, textOf } from "./paging.ts";
import type { JsonRecord } from "./views.ts";

/** A cursor says in which of the two it stands. */
const [BY_NAME, BY_FILE] = ["n", "f"] as const;

interface Found {
  readonly rows: readonly Row[];
  /** The last row that was looked at, where there are more; null = that was all. */
  readonly last: Uint8Array | null;
}

/** One page, and the cursor of the next: null where all names were looked through. Throws BadQuery. */
export async function searchTargets(node: ApiNode, context: Context): Promise<JsonRecord> {
  const prefix = textOf(context, "q", MAX_SEARCH_CHARS) ?? "";
  const { kind, after } = placeOf(context.req.query("after"));
  const rows: Row[] = [];
  if (kind === BY_NAME) {
    const named = await read(node, behind(nameRange(prefix), after), MAX_TARGETS_SHOWN);
    rows.push(...named.rows);
    if (named.last !== null) return page(rows, BY_NAME + toHex(named.last));
  }
  // Every file's target was named above.
  if (prefix === "") return page(rows, null);
  const from = kind === BY_FILE ? after : null;
  const filed = await byFile(node, prefix, from, MAX_TARGETS_SHOWN - rows.length);
  rows.push(...filed.rows);
  return page(rows, filed.last === null ? null : BY_FILE + toHex(filed.last));
}

function page(rows: readonly Row[], next: string | null): JsonRecord {
  const targets = rows.map((row) => {
    const { purl, file } = readNameRow(row);
    return { purl, file, key: parseTarget(purl, file).keyHex };
  });
  return { samebits: 1, targets, more: next !== null, next };
}

function placeOf(cursor: string | undefined): { readonly kind: string; readonly after: Uint8Array | null } {
  if (cursor === undefined) return { kind: BY_NAME, after: null };
  const kind = cursor.slice(0, 1);
  if (kind !== BY_NAME && kind !== BY_FILE)
    throw new BadQuery("after: give back what was handed out as `next`, for the same question");
  // Of files also the place before the first.
  return { kind, after: kind === BY_FILE && cursor.length === 1 ? null : cursorOf(cursor.slice(1)) };
}

function behind(range: Range, after: Uint8Array | null): Range {
  return after === null ? range : { ...range, from: rowAt(after).to };
}

async function read(node: ApiNode, range: Range, limit: number): Promise<Found> {
  const { rows, more } = await node.read({ ...range, limit });
  return { rows, last: more ? (rows.at(-1)?.key ?? null) : null };
}

/** There is no index of files' names: MAX_NAMES_LOOKED_AT rows are looked through, and those left out whose package was found by its name. */
async function byFile(
  node: ApiNode,
  prefix: string,
  after: Uint8Array | null,
  limit: number,
): Promise<Found> {
  const named = nameRange(prefix);
  const wanted = prefix.toLowerCase();
  const rows: Row[] = [];
  let range = behind(nameRange("", MAX_ROWS_READ), after);
  if (limit === 0) return { rows, last: new Uint8Array(0) };
  for (let looked = 0; ;) {
    const found = await read(node, range, MAX_ROWS_READ);
    for (const row of found.rows) {
      const isNamed = compareBytes(row.key, named.from) >= 0 && compareBytes(row.key, named.to) < 0;
      if (isNamed || !readNameRow(row).file.toLowerCase().startsWith(wanted)) continue;
      rows.push(row);
      if (rows.length === limit) return { rows, last: row.key };
    }
    looked += found.rows.length;
    if (found.last === null || looked >= MAX_NAMES_LOOKED_AT) return { rows, last: found.last };
    range = behind(range, found.last);
  }
}
