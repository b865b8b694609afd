/** Which rows of a long list are in sight: only these are drawn. */

/** Rows drawn above and below what is in sight, so that a turn of the wheel shows no gap. */
const SPARE = 6;

export interface Sight {
  /** From this row up to but not `to`. */
  readonly from: number;
  readonly to: number;
}

export function sightOf(scrolled: number, height: number, rowHeight: number, count: number): Sight {
  const first = Math.floor(scrolled / rowHeight) - SPARE;
  const last = Math.ceil((scrolled + height) / rowHeight) + SPARE;
  const from = Math.min(Math.max(0, first), Math.max(0, count - 1));
  return { from, to: Math.max(from, Math.min(count, last)) };
}

/** Where to scroll so that a row is in sight, as little as possible. */
export function scrollTo(row: number, scrolled: number, height: number, rowHeight: number): number {
  const top = row * rowHeight;
  if (top < scrolled) return top;
  return top + rowHeight > scrolled + height ? top + rowHeight - height : scrolled;
}
