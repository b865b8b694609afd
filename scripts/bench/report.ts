/** Figures for people, for programs, and for BENCHMARKS.md. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Figure, Target } from "./figure.ts";
import { isMet } from "./figure.ts";

const FILE = join(import.meta.dirname, "../../BENCHMARKS.md");
const BEGIN = "<!-- figures: written by `npm run bench -- --write` -->";
const END = "<!-- end of figures -->";

/** One object a figure (`protocol/spec/figure.schema.json`); what was never reached is null. */
export function asJson(figure: Figure): string {
  const { ratioTo, target, ...rest } = figure;
  const bounds =
    target === null
      ? null
      : { of: target.of, at_most: target.atMost ?? null, at_least: target.atLeast ?? null };
  return JSON.stringify({ samebits: 1, ...rest, ratio_to: ratioTo, target: bounds, met: isMet(figure) });
}

export function asLine(figure: Figure): string {
  const { name, unit, value, min, max, runs, ratio, ratioTo, target } = figure;
  const beside = ratio === null ? "" : `, ${short(ratio)} × ${ratioTo}`;
  const held = target === null ? "" : `  ${isMet(figure) === true ? "ok" : "MISSED"}, ${words(target, unit)}`;
  return `${name.padEnd(14)} ${short(value)} ${unit} (${short(min)} … ${short(max)}, ${runs} runs)${beside}${held}`;
}

/** Puts the figures into BENCHMARKS.md, between its marks. */
export function record(figures: readonly Figure[], machine: string, date: string): void {
  const text = readFileSync(FILE, "utf8");
  const [head = ""] = text.split(BEGIN);
  const [, tail = ""] = text.split(END);
  const rows = figures.map((figure) => {
    const { name, what, unit, value, min, max, runs, ratio, ratioTo, target, note } = figure;
    const beside = ratio === null ? "" : `${short(ratio)} × ${ratioTo}`;
    const met = isMet(figure) === true ? "yes" : "**no**";
    const cells = [
      `\`${name}\`: ${what}`,
      `${short(value)} ${unit}`,
      `${short(min)} … ${short(max)}, ${runs}`,
      beside,
      target === null ? "" : `${words(target, unit)}: ${met}`,
      note,
    ];
    return `| ${cells.join(" | ")} |`;
  });
  const table = [
    "| figure | value | min … max, runs | beside it | target | remark |",
    "|---|---|---|---|---|---|",
    ...rows,
  ];
  writeFileSync(FILE, `${head}${BEGIN}\n\n${date}, ${machine}\n\n${table.join("\n")}\n\n${END}${tail}`);
}

function words({ of, atMost, atLeast }: Target, unit: string): string {
  const what = of === "ratio" ? "×" : unit;
  return atMost === undefined ? `at least ${atLeast ?? 0} ${what}` : `at most ${atMost} ${what}`;
}

function short(value: number): string {
  if (!Number.isFinite(value)) return "never";
  return value >= 100 ? Math.round(value).toString() : value.toPrecision(3);
}
