/** From index rows to the entries that they point to. */
import type { Attestation } from "../attestation/index.ts";
import { equalBytes } from "../bytes/index.ts";
import type { Leaf } from "./checker.ts";
import type { Context } from "./context.ts";
import { readEntries } from "./entries.ts";
import type { EntryPlace } from "./entries.ts";
import { readable } from "./readable.ts";
import { placeOfRow } from "./rows.ts";
import type { Row } from "./types.ts";

/** The entries behind `t`, `d` or `z` rows, each once, parsed; rows of feeds that are gone point to nothing. */
export function readLeaves(
  ctx: Context,
  rows: readonly Row[],
  done: (leaves: readonly Leaf[]) => void,
  failed: (code: string) => void,
): void {
  const places = distinctPlaces(rows);
  readEntries(
    ctx.turn,
    places,
    (found) => {
      const leaves = places.flatMap(({ no, index }, i): Leaf[] => {
        const feed = ctx.feeds.byNo(no);
        const entry = found[i] ?? null;
        const attestation = entry === null ? null : parsedEntry(ctx, no, index, entry);
        return feed === null || attestation === null ? [] : [{ feed, index, attestation }];
      });
      done(leaves);
    },
    failed,
  );
}

/** The attestation of an entry, or null for junk; parsed a moment ago as a rule. */
export function parsedEntry(ctx: Context, no: number, index: number, entry: Uint8Array): Attestation | null {
  const recent = ctx.recent.get(`${no}/${index}`);
  return recent !== undefined && equalBytes(recent.bytes, entry) ? recent : readable(entry);
}

function distinctPlaces(rows: readonly Row[]): readonly EntryPlace[] {
  const places = new Map<string, EntryPlace>();
  for (const { key } of rows) {
    const place = placeOfRow(key);
    places.set(`${place.no}/${place.index}`, place);
  }
  return [...places.values()];
}
