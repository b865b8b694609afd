/** A bundle of entries, read and written page by page: whoever reads it slowly, or not at all, costs a page and not 16 MB. */
import { ANSWER_FILL_BYTES, MAX_ENTRY_BYTES, writeBundle } from "../../protocol/index.ts";
import { NodeError } from "../errors.ts";
import type { ApiNode } from "./api-node.ts";
import { askTiles } from "./ask-tiles.ts";
import type { Place } from "./room.ts";

/** Octets of a page at most: the engine's answer, or the one entry that is longer than what one is filled with. */
export const PAGE_BYTES: number = ANSWER_FILL_BYTES + MAX_ENTRY_BYTES;

/** Entries of a feed, by number. */
export interface Span {
  readonly origin: string;
  readonly from: number;
  readonly count: number;
}

/** The beginning of a bundle, as it is written, and what is left of it. */
export interface Page {
  readonly octets: Uint8Array;
  readonly left: Span;
}

/** As many entries as an answer of the engine has; null where there are none. */
export async function readPage(node: Pick<ApiNode, "ask">, span: Span): Promise<Page | null> {
  const { origin, from, count } = span;
  const entries = (await askTiles(node, { kind: "entries", origin, from, count })).slice(0, count);
  if (entries.length === 0) return null;
  const left = { origin, from: from + entries.length, count: count - entries.length };
  return { octets: writeBundle(entries), left };
}

/** The pages of a bundle, each read when the one before was taken; one that does not come breaks the answer off. */
export async function* pagesFrom(
  node: Pick<ApiNode, "ask">,
  page: Page,
  place: Place,
): AsyncGenerator<Uint8Array> {
  let { octets, left } = page;
  try {
    for (;;) {
      yield octets;
      if (left.count === 0) return;
      place.read();
      const next = await readPage(node, left);
      if (next === null) throw new NodeError("store/failed", "entries that were held are not");
      ({ octets, left } = next);
    }
  } catch (error) {
    if (!place.cut()) throw error;
  }
}
