/** What a benchmark hands back, and the little statistics that it needs. */

/** One measured figure (CONTRACT, "In the checkout"). */
export interface Figure {
  readonly name: string;
  /** What was measured, in a sentence for people. */
  readonly what: string;
  readonly unit: string;
  /** The value that is held against the target. */
  readonly value: number;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly runs: number;
  /** The figure that was measured beside it, in turn with it, and how many times that this one is; null for absolute ones. */
  readonly ratioTo: string | null;
  readonly ratio: number | null;
  /** The bound that the project set itself, or null for a figure that only explains another. */
  readonly target: Target | null;
  /** What a reader has to know to judge the value. */
  readonly note: string;
}

export interface Target {
  /** Of `value`, or of `ratio`. */
  readonly of: "value" | "ratio";
  readonly atMost?: number;
  readonly atLeast?: number;
}

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly runs: number;
}

/** A benchmark: some figures that are measured together. */
export interface Benchmark {
  readonly name: string;
  run(say: (line: string) => void): Promise<readonly Figure[]>;
}

/** The value below which the share `p` (0 … 1) of the samples lies; NaN without samples. */
export function percentile(samples: readonly number[], p: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(p * sorted.length - 1e-9) - (p > 0 ? 1 : 0))] ?? NaN;
}

export function spreadOf(samples: readonly number[]): Spread {
  return {
    median: percentile(samples, 0.5),
    min: Math.min(...samples),
    max: Math.max(...samples),
    runs: samples.length,
  };
}

/** A figure without anything beside it. */
export function absolute(
  name: string,
  unit: string,
  value: number,
  samples: readonly number[],
  rest: Pick<Figure, "what" | "target" | "note">,
): Figure {
  return { name, unit, value, ...spreadOf(samples), ratioTo: null, ratio: null, ...rest };
}

/** A figure with another that was measured in turn with it: sample by sample, so that the machine's drift goes out. */
export function ratioOf(
  name: string,
  unit: string,
  samples: readonly number[],
  beside: readonly number[],
  rest: Pick<Figure, "what" | "target" | "note"> & { readonly ratioTo: string },
): Figure {
  const ratios = spreadOf(samples.map((sample, i) => sample / (beside[i] ?? NaN)));
  const spread = spreadOf(samples);
  const range = `ratio ${ratios.min.toFixed(2)} … ${ratios.max.toFixed(2)}`;
  const note = rest.note === "" ? range : `${range}; ${rest.note}`;
  return { name, unit, value: spread.median, ...spread, ratio: ratios.median, ...rest, note };
}

/** Whether the figure keeps its target; null where it has none. */
export function isMet({ target, value, ratio }: Figure): boolean | null {
  if (target === null) return null;
  const held = target.of === "ratio" ? (ratio ?? NaN) : value;
  return held <= (target.atMost ?? Infinity) && held >= (target.atLeast ?? -Infinity);
}
