/** Builders against files: which result most have, and who has another. */
import type { MatrixTarget } from "./picture.ts";

/** `same`: what most got. `other`: something else. `told`: it says only that it did not get the file. `failed`: no file. `back`: it took back what it said. `none`: it said nothing. */
export type CellState = "same" | "other" | "told" | "failed" | "back" | "none";

/** One digest and who got it. */
export interface Result {
  readonly sha256: string;
  /** A, B, C… by how many got it. */
  readonly letter: string;
  readonly builders: readonly string[];
}

export interface Cell {
  readonly state: CellState;
  /** Of the result that it got; empty where it got none. */
  readonly letter: string;
  readonly sha256: string | null;
}

/** `single`: one builder alone, or none. `same`: all. `majority`: most. `split`: no result has most. `different`: each another. */
export type RowState = "same" | "majority" | "split" | "different" | "single";

export interface MatrixRow {
  readonly purl: string;
  readonly file: string;
  readonly key: string;
  /** The result that most have first. */
  readonly results: readonly Result[];
  /** What more than half of those who got a file got; null where no result has so many. */
  readonly majority: string | null;
  readonly state: RowState;
  readonly cells: ReadonlyMap<string, Cell>;
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const NOTHING: Cell = Object.freeze({ state: "none", letter: "", sha256: null });

export function rowOf({ purl, file, key, cells }: MatrixTarget): MatrixRow {
  const results = resultsOf(cells);
  const voters = new Set(results.flatMap(({ builders }) => builders)).size;
  const [first] = results;
  const majority = first !== undefined && 2 * first.builders.length > voters ? first.sha256 : null;
  const state = stateOf(results, voters, majority);
  const byBuilder = new Map<string, Cell>();
  for (const said of cells) {
    const known = byBuilder.get(said.builder);
    const cell = cellOf(said, results, majority);
    if (known === undefined || rank(cell) < rank(known)) byBuilder.set(said.builder, cell);
  }
  return { purl, file, key, results, majority, state, cells: byBuilder };
}

/** What a builder has in a row. */
export function cellIn(row: MatrixRow, builder: string): Cell {
  return row.cells.get(builder) ?? NOTHING;
}

/** Builders in the order of their columns: those who said most first. */
export function columnsOf(rows: readonly MatrixRow[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { cells } of rows) for (const key of cells.keys()) counts.set(key, (counts.get(key) ?? 0) + 1);
  return [...counts].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([key]) => key);
}

function resultsOf(cells: MatrixTarget["cells"]): readonly Result[] {
  const found = new Map<string, Set<string>>();
  for (const { builder, sha256, kind, isRetracted } of cells) {
    if (sha256 === null || kind !== "positive" || isRetracted) continue;
    found.set(sha256, (found.get(sha256) ?? new Set()).add(builder));
  }
  return [...found]
    .toSorted(([a, m], [b, n]) => n.size - m.size || (a < b ? -1 : 1))
    .map(([sha256, builders], at) => ({ sha256, letter: LETTERS[at] ?? "…", builders: [...builders] }));
}

function stateOf(results: readonly Result[], voters: number, majority: string | null): RowState {
  if (voters < 2 && results.length < 2) return "single";
  if (results.length === 1) return "same";
  if (majority !== null) return "majority";
  return results.length >= voters ? "different" : "split";
}

function cellOf(
  { kind, sha256, isRetracted }: MatrixTarget["cells"][number],
  results: readonly Result[],
  majority: string | null,
): Cell {
  if (isRetracted) return { state: "back", letter: "", sha256 };
  if (kind === "failed") return { state: "failed", letter: "", sha256 };
  if (kind !== "positive" || sha256 === null)
    return { state: kind === "differs" ? "told" : "none", letter: "", sha256 };
  const letter = results.find((result) => result.sha256 === sha256)?.letter ?? "";
  const isSame = sha256 === majority || (majority === null && results.length === 1);
  return { state: isSame ? "same" : "other", letter, sha256 };
}

/** Of several things that a builder said of a file, the one that matters most is shown. */
function rank({ state }: Cell): number {
  return ["other", "told", "same", "failed", "back", "none"].indexOf(state);
}
