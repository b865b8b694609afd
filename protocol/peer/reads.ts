import { rowAt } from "./rows.ts";
import type { Turn } from "./turn.ts";
import type { Range, Row } from "./types.ts";

/** Reads all ranges side by side; rows come in the order of the ranges. One failed read fails all. */
export function readAll(
  turn: Turn,
  ranges: readonly Range[],
  done: (rows: readonly (readonly Row[])[]) => void,
  failed: (code: string) => void,
): void {
  const results: (readonly Row[])[] = ranges.map(() => []);
  let left = ranges.length;
  let over = false;
  if (left === 0) {
    done(results);
    return;
  }
  for (const [i, range] of ranges.entries()) {
    readWhole(
      turn,
      range,
      (rows) => {
        results[i] = rows;
        if (--left === 0 && !over) done(results);
      },
      (code) => {
        if (!over) failed(code);
        over = true;
      },
    );
  }
}

/** Reads a range to its end or its limit, page by page. */
export function readWhole(
  turn: Turn,
  range: Range,
  done: (rows: readonly Row[]) => void,
  failed: (code: string) => void,
): void {
  const all: Row[] = [];
  readPages(
    turn,
    range,
    (rows) => void all.push(...rows),
    () => done(all),
    failed,
  );
}

/** Reads a range to its end or its limit; `page` is given the rows of each page as they come. */
export function readPages(
  turn: Turn,
  range: Range,
  page: (rows: readonly Row[]) => void,
  done: () => void,
  failed: (code: string) => void,
): void {
  const next = (rest: Range): void =>
    turn.read(
      rest,
      (rows, more) => {
        page(rows);
        const last = rows.at(-1);
        if (!more || last === undefined || rows.length >= rest.limit) {
          done();
          return;
        }
        const limit = rest.limit - rows.length;
        // Read backwards, `to` is left out anyway.
        if (rest.reverse === true) next({ ...rest, to: last.key, limit });
        else next({ ...rest, from: after(last.key), limit });
      },
      failed,
    );
  next(range);
}

/** The value of one row, or null. */
export function readOne(
  turn: Turn,
  key: Uint8Array,
  done: (value: Uint8Array | null) => void,
  failed: (code: string) => void,
): void {
  turn.read(rowAt(key), (rows) => done(rows[0]?.value ?? null), failed);
}

/** The smallest key that is larger. */
function after(key: Uint8Array): Uint8Array {
  return rowAt(key).to;
}
