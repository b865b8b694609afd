/** Builders against files: which result most have, and who has another. The node has counted; here it is only put in rows and columns. */
import type { Agreement, MatrixTarget, Said, StepCount } from "./picture.ts";

/**
 * `same`: what most got. `other`: something else. `told`: it says only that it did not get the file. `failed`: no file. `back`: it took back
 * what it said. `apart`: whatever it says, the node does not count it. `none`: it said nothing.
 */
export type CellState = "same" | "other" | "told" | "failed" | "back" | "apart" | "none";

/** One digest and who got it. */
export interface Result {
  readonly sha256: string;
  /** A, B, C… by how many got it. */
  readonly letter: string;
  /** How many independent builders got this alone. */
  readonly voters: number;
  /** Keys, those of one operator too, and those of whoever got something else besides. */
  readonly builders: readonly string[];
}

/** One step of a file. */
export interface Step extends Omit<StepCount, "results"> {
  /** The result that most have first. */
  readonly results: readonly Result[];
  /** Those of its voters who got several results. */
  readonly torn: number;
}

export interface Cell {
  readonly state: CellState;
  /** Of the result that it got; empty where it got none. */
  readonly letter: string;
  readonly sha256: string | null;
}

export interface MatrixRow {
  readonly purl: string;
  readonly file: string;
  readonly key: string;
  /** `single`: one builder alone. `same`: all. `majority`: most. `split`: no result has most. `different`: each another. Null: nobody who is counted. */
  readonly state: keyof Agreement | null;
  /** The largest first. */
  readonly steps: readonly Step[];
  readonly cells: ReadonlyMap<string, Cell>;
}

/** Whose keys the columns are of. */
export interface Columns {
  readonly keys: readonly string[];
  /** So many of them, the first, are counted. */
  readonly counted: number;
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const NOTHING: Cell = Object.freeze({ state: "none", letter: "", sha256: null });
/** Anybody can make keys: more of those who are not counted have no columns, and stand at each file alone. */
const APART_COLUMNS = 8;

export function rowOf({ purl, file, key, agreement, steps: counts, cells }: MatrixTarget): MatrixRow {
  const steps = counts.map((count) => stepOf(count, cells));
  const byName = new Map(steps.map((step) => [step.step, step]));
  const byBuilder = new Map<string, Cell>();
  for (const said of cells) {
    const known = byBuilder.get(said.builder);
    const cell = cellOf(said, byName.get(said.step));
    if (known === undefined || rank(cell) < rank(known)) byBuilder.set(said.builder, cell);
  }
  return { purl, file, key, state: agreement, steps, cells: byBuilder };
}

/** What a builder has in a row. */
export function cellIn(row: MatrixRow, builder: string): Cell {
  return row.cells.get(builder) ?? NOTHING;
}

/** The step that makes a row what it is: of the worst, the largest. */
export function decidingStep({ steps, state }: MatrixRow): Step | null {
  return steps.find(({ agreement }) => agreement === state) ?? steps[0] ?? null;
}

/** Builders in the order of their columns: those who said most first; behind all, some of those whom the node does not count. */
export function columnsOf(rows: readonly MatrixRow[]): Columns {
  const [counted, apart] = [new Map<string, number>(), new Map<string, number>()];
  for (const { cells } of rows)
    for (const [key, { state }] of cells) {
      const counts = state === "apart" ? apart : counted;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  const ordered = (counts: ReadonlyMap<string, number>): readonly string[] =>
    [...counts].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([key]) => key);
  const keys = [...ordered(counted), ...ordered(apart).slice(0, APART_COLUMNS)];
  return { keys, counted: counted.size };
}

function stepOf({ results, ...count }: StepCount, cells: readonly Said[]): Step {
  const votes = cells.filter((said) => said.step === count.step && isVote(said));
  return {
    ...count,
    results: results.map(({ sha256, voters }, at) => {
      const builders = votes.filter((said) => said.sha256 === sha256).map(({ builder }) => builder);
      return { sha256, letter: LETTERS[at] ?? "…", voters, builders: [...new Set(builders)] };
    }),
    torn: results.reduce((left, { voters }) => left - voters, count.voters),
  };
}

function isVote({ sha256, kind, isRetracted, isCounted }: Said): boolean {
  return sha256 !== null && kind === "positive" && !isRetracted && isCounted;
}

function cellOf(said: Said, step: Step | undefined): Cell {
  const { kind, sha256, isRetracted, isCounted } = said;
  if (!isCounted) return { state: "apart", letter: "", sha256 };
  if (isRetracted) return { state: "back", letter: "", sha256 };
  if (kind === "failed") return { state: "failed", letter: "", sha256 };
  if (!isVote(said)) return { state: kind === "differs" ? "told" : "none", letter: "", sha256 };
  const letter = step?.results.find((result) => result.sha256 === sha256)?.letter ?? "";
  return { state: sha256 === step?.majority ? "same" : "other", letter, sha256 };
}

/** Of several things that a builder said of a file, the one that matters most is shown. */
function rank({ state }: Cell): number {
  return ["other", "told", "same", "failed", "back", "apart", "none"].indexOf(state);
}
