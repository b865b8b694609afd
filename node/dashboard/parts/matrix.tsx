/** Builders against files: a row a file, a column a builder, only the rows in sight drawn. Arrow keys move from cell to cell. */
import type { VNode } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { BuilderNames } from "../builder-names.ts";
import { cellIn, decidingStep } from "../matrix.ts";
import type { Columns, MatrixRow, Step } from "../matrix.ts";
import { many, packageName, short } from "../words.ts";
import { cellWords, Mark } from "./mark.tsx";
import type { Wanted } from "./statement.tsx";
import { VirtualList } from "./virtual-list.tsx";

const CELL = 29;
const ROW = 58;
const NAME_LINES = 48;
/** As in style.css: narrower, the cells stand below the name. */
const NARROW = "(width <= 720px)";

export interface MatrixProps {
  readonly rows: readonly MatrixRow[];
  readonly columns: Columns;
  readonly names: BuilderNames;
  readonly label: string;
  readonly onCell: (wanted: Wanted) => void;
  readonly onEnd?: () => void;
}

interface Place {
  readonly row: number;
  readonly column: number;
}

export function Matrix({ rows, columns, names, label, onCell, onEnd }: MatrixProps): VNode {
  const [place, setPlace] = useState<Place>({ row: 0, column: 0 });
  const wantsFocus = useRef(false);
  const box = useRef<HTMLDivElement>(null);
  const rowHeight = useRowHeight(columns.keys.length, box);
  useLayoutEffect(() => {
    if (!wantsFocus.current) return;
    wantsFocus.current = false;
    box.current?.querySelector<HTMLElement>('.cell[tabindex="0"]')?.focus({ preventScroll: true });
  }, [place]);
  const move = (event: KeyboardEvent): void => {
    const next = moved(place, event.key, rows.length, columns.keys.length);
    if (next === null) return;
    event.preventDefault();
    wantsFocus.current = true;
    setPlace(next);
  };
  const heads = useMemo(() => columns.keys.map((key) => names.of(key)), [columns, names]);
  return (
    <div class="matrix" ref={box} onKeyDown={move}>
      <div class="head" aria-hidden="true">
        <span class="soft small">File, and the result that most have</span>
        <span class="names">
          {heads.map((name, at) => (
            <span key={columns.keys[at]} title={name} class={at === columns.counted ? "first-apart" : ""}>
              {name}
            </span>
          ))}
        </span>
      </div>
      <VirtualList
        items={rows}
        rowHeight={rowHeight}
        label={label}
        role="grid"
        columns={columns.keys.length + 1}
        shown={place.row}
        row={(row, at) => (
          <Row
            row={row}
            columns={columns}
            heads={heads}
            active={at === place.row ? place.column : null}
            onCell={(column, builder) => {
              setPlace({ row: at, column });
              onCell({ key: row.key, file: row.file, builder });
            }}
          />
        )}
        {...(onEnd === undefined ? {} : { onEnd })}
      />
    </div>
  );
}

function moved({ row, column }: Place, key: string, rows: number, columns: number): Place | null {
  const steps: Readonly<Record<string, readonly [number, number]>> = {
    ArrowUp: [-1, 0],
    ArrowDown: [1, 0],
    ArrowLeft: [0, -1],
    ArrowRight: [0, 1],
    PageUp: [-10, 0],
    PageDown: [10, 0],
    Home: [0, -columns],
    End: [0, columns],
  };
  const step = steps[key];
  if (step === undefined) return null;
  const within = (value: number, count: number): number => Math.max(0, Math.min(count - 1, value));
  return { row: within(row + step[0], rows), column: within(column + step[1], columns) };
}

/** On a narrow page the cells stand below the name, in as many lines as they take. */
function useRowHeight(columns: number, box: { readonly current: HTMLElement | null }): number {
  const [height, setHeight] = useState(ROW);
  useEffect(() => {
    const media = matchMedia(NARROW);
    const measure = (): void => {
      const width = box.current?.clientWidth ?? 0;
      const aLine = Math.max(1, Math.floor((width - 20) / CELL));
      setHeight(media.matches ? NAME_LINES + CELL * Math.ceil(columns / aLine) + 12 : ROW);
    };
    measure();
    const observer = new ResizeObserver(measure);
    if (box.current !== null) observer.observe(box.current);
    return () => observer.disconnect();
  }, [columns]);
  return height;
}

interface RowProps {
  readonly row: MatrixRow;
  readonly columns: Columns;
  readonly heads: readonly string[];
  /** The column that the keyboard is at; null = in another row. */
  readonly active: number | null;
  readonly onCell: (column: number, builder: string) => void;
}

function Row({ row, columns, heads, active, onCell }: RowProps): VNode {
  return (
    <div class="matrix-row" role="presentation">
      <div class="file-name" role="rowheader">
        <b title={row.file}>{row.file}</b>
        <span title={row.purl}>
          {packageName(row.purl)} · {resultWords(row)}
        </span>
      </div>
      <div class="cells" role="presentation">
        {columns.keys.map((builder, at) => {
          const cell = cellIn(row, builder);
          return (
            <span
              key={builder}
              role="gridcell"
              aria-colindex={at + 2}
              class={at === columns.counted ? "first-apart" : ""}
            >
              <button
                type="button"
                class="cell"
                tabIndex={active === at ? 0 : -1}
                aria-label={`${heads[at]}: ${cellWords(cell)}`}
                title={`${heads[at]}: ${cellWords(cell)}`}
                onClick={() => onCell(at, builder)}
              >
                <Mark state={cell.state} letter={cell.letter} />
              </button>
            </span>
          );
        })}
      </div>
    </div>
  );
}

/** The results of a row in a few words: those of the step that makes it what it is. */
function resultWords(row: MatrixRow): string {
  const step = decidingStep(row);
  if (step === null) return "nobody who is counted got a file";
  return row.steps.length === 1 ? stepWords(step) : `${step.step}: ${stepWords(step)}`;
}

/** The results of a step in a few words. */
export function stepWords({ results, majority, agreement, voters }: Step): string {
  if (majority === null) return `${many(results.length, "result")}, none has most`;
  if (agreement === "single") return `${short(majority)} by one builder alone`;
  const most = results.find(({ sha256 }) => sha256 === majority)?.voters ?? 0;
  return `${short(majority)} by ${most} of ${voters}`;
}
