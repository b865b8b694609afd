/** From index rows to the entries that they point to. */
import type { Leaf } from "./checker.ts";
import type { Context } from "./context.ts";
import { readable } from "./readable.ts";
import { readAll } from "./reads.ts";
import { entryKey, placeOfRow } from "./rows.ts";
import type { Row } from "./types.ts";

/** Where an entry stands. */
interface Place {
  readonly no: number;
  readonly index: number;
}

/** The entries behind `t`, `d` or `z` rows, each once, parsed; rows of feeds that are gone point to nothing. */
export function readLeaves(
  ctx: Context,
  rows: readonly Row[],
  done: (leaves: readonly Leaf[]) => void,
  failed: (code: string) => void,
): void {
  const places = distinctPlaces(rows);
  const ranges = places.map(({ no, index }) => {
    return { from: entryKey(no, index), to: entryKey(no, index + 1), limit: 1 };
  });
  readAll(
    ctx.turn,
    ranges,
    (found) => {
      const leaves = places.flatMap(({ no, index }, i): Leaf[] => {
        const feed = ctx.feeds.byNo(no);
        const entry = found[i]?.[0]?.value;
        const attestation = entry === undefined ? null : readable(entry);
        return feed === null || attestation === null ? [] : [{ feed, index, attestation }];
      });
      done(leaves);
    },
    failed,
  );
}

function distinctPlaces(rows: readonly Row[]): readonly Place[] {
  const places = new Map<string, Place>();
  for (const { key } of rows) {
    const place = placeOfRow(key);
    places.set(`${place.no}/${place.index}`, place);
  }
  return [...places.values()];
}
