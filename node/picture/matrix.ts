/** Pages of targets with what each builder says of them: read from the index when somebody asks. */
import {
  fromHex,
  MAX_MATRIX_CHECKS,
  MAX_MATRIX_LOOKED_AT,
  nameRange,
  parseTarget,
  readNameRow,
  rowAt,
  targetOfName,
  toHex,
} from "../../protocol/index.ts";
import type { Range, Row } from "../../protocol/index.ts";
import { cellsOf, hintsOf } from "./cells.ts";
import type { Cell, Hint } from "./cells.ts";
import { standingOf, stepsOf } from "./count.ts";
import { isDisagreement } from "./look.ts";
import type { Listed } from "./look.ts";
import type { Rows, Signatures } from "./signatures.ts";
import type { Speakers } from "./speakers.ts";
import type { Agreement, StepCount } from "./types.ts";

export interface MatrixQuery {
  readonly show: "all" | "disagree" | "single";
  /** Beginning of a package's name. */
  readonly prefix: string;
  /** Behind this key of a row of names. */
  readonly after: Uint8Array | null;
  readonly limit: number;
}

/** What a builder says of a target in a step, and in how many entries. */
export interface MatrixCell {
  readonly builder: string;
  readonly sha256: string | null;
  readonly kind: Cell["kind"];
  readonly step: string;
  readonly count: number;
  readonly retracted: boolean;
  /** It is one of those whom the node counts. */
  readonly counted: boolean;
}

export interface MatrixTarget {
  readonly purl: string;
  readonly file: string;
  readonly key: string;
  readonly agreement: Agreement | null;
  readonly majority: string | null;
  /** Those with a vote, the largest first. */
  readonly steps: readonly StepCount[];
  readonly cells: readonly MatrixCell[];
}

export interface MatrixPage {
  readonly targets: readonly MatrixTarget[];
  /** Where the next page begins; null = that was all. */
  readonly next: Uint8Array | null;
}

/** What pages are made of. */
export interface MatrixEdges {
  readonly rows: Rows;
  readonly signatures: Signatures;
  readonly speakers: Speakers;
  /** What the last look has listed; null = nothing of that kind. */
  readonly listed: Listed | null;
}

/** Names that may be shown, and how far they go. */
interface Candidates {
  readonly rows: readonly Row[];
  /** There are more behind the last one. */
  readonly more: boolean;
}

const AT_ONCE = 16;

export async function matrixPage(edges: MatrixEdges, query: MatrixQuery): Promise<MatrixPage> {
  const { rows, more } = await candidates(edges, query);
  const targets: MatrixTarget[] = [];
  const budget = { checks: MAX_MATRIX_CHECKS };
  for (let at = 0; at < rows.length; at += AT_ONCE) {
    const some = rows.slice(at, at + AT_ONCE);
    const hints = await Promise.all(some.map((row) => hintsOf(edges.rows, targetOfName(row))));
    await checkNew(edges, hints.flat(), budget);
    for (const [i, row] of some.entries()) {
      const target = await matrixTarget(edges, row, hints[i] ?? []);
      if (!isWanted(query.show, target.agreement)) continue;
      targets.push(target);
      const isLast = at + i === rows.length - 1;
      if (targets.length === query.limit) return { targets, next: isLast && !more ? null : row.key };
    }
  }
  return { targets, next: more ? (rows.at(-1)?.key ?? null) : null };
}

function isWanted(show: MatrixQuery["show"], agreement: Agreement | null): boolean {
  if (show === "all") return true;
  return show === "single" ? agreement === "single" : isDisagreement(agreement);
}

/** Of the last look's list as far as that is whole; else all names, of which those that do not fit are passed over. */
async function candidates(
  { rows, listed }: MatrixEdges,
  { show, prefix, after, limit }: MatrixQuery,
): Promise<Candidates> {
  const all = nameRange(prefix);
  const range: Range = after === null ? all : { ...all, from: rowAt(after).to };
  const from = toHex(range.from);
  if (show === "all" || listed === null || (listed.to !== null && from > listed.to)) {
    const page = await rows.read({ ...range, limit: show === "all" ? limit : MAX_MATRIX_LOOKED_AT });
    return page;
  }
  const to = toHex(range.to);
  const begin = lowerBound(listed.names, from);
  const end = Math.min(lowerBound(listed.names, to), begin + limit);
  const names = listed.names.slice(begin, end);
  const found = await Promise.all(names.map((name) => rows.read(rowAt(fromHex(name)))));
  const isCut = listed.to !== null && listed.to < to;
  return {
    rows: found.flatMap((page) => page.rows),
    more: isCut || end < lowerBound(listed.names, to),
  };
}

/** The first of sorted names that is not before `wanted`. */
function lowerBound(names: readonly string[], wanted: string): number {
  let [low, high] = [0, names.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((names[middle] ?? "") < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What came in since the last look, as far as there is time for it. */
async function checkNew(
  { signatures }: MatrixEdges,
  hints: readonly Hint[],
  budget: { checks: number },
): Promise<void> {
  const feeds = new Map<number, boolean>();
  for (const { no } of hints) if (!feeds.has(no)) feeds.set(no, await signatures.meet(no));
  const open = hints.filter((hint) => feeds.get(hint.no) === true && signatures.book.signerOf(hint) === null);
  const some = open.slice(0, budget.checks);
  budget.checks -= some.length;
  if (some.length > 0) await signatures.checkAll(some);
}

async function matrixTarget(
  { signatures, speakers }: MatrixEdges,
  row: Row,
  hints: readonly Hint[],
): Promise<MatrixTarget> {
  const { purl, file } = readNameRow(row);
  const cells = await cellsOf(signatures, hints, speakers.buildersOf);
  const { agreement, majority } = standingOf(cells, speakers.of);
  const groups = Map.groupBy(cells, ({ builder, sha256, kind, step, retracted }) =>
    [builder, sha256, kind, step, retracted].join(" "),
  );
  const shown: MatrixCell[] = [];
  const names = new Map<string, string>();
  for (const [first, ...others] of groups.values()) {
    if (first === undefined) continue;
    const { builder, sha256, kind, retracted } = first;
    const step = await signatures.stepOf(first.step, first);
    const counted = speakers.of(builder) !== null;
    names.set(first.step, step);
    shown.push({ builder, sha256, kind, step, count: 1 + others.length, retracted, counted });
  }
  const steps = stepsOf(cells, speakers.of).map((one) => ({ ...one, step: names.get(one.step) ?? one.step }));
  return { purl, file, key: parseTarget(purl, file).keyHex, agreement, majority, steps, cells: shown };
}
