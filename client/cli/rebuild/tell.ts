import { counted, formatTime } from "../../../protocol/index.ts";
import type { Tally } from "../../rebuild/index.ts";
import type { Printer } from "../print.ts";
import { plain } from "../show/index.ts";

/** Tells of one job of a list: what became of it, why, and when it is tried again (ms since 1970; null = never). */
export function tellJob(
  job: string,
  state: "done" | "failed" | "waits",
  why: string | null,
  next: number | null,
  printer: Printer,
): void {
  const again = next === null ? null : formatTime(next);
  if (printer.json) return printer.object({ samebits: 1, event: "job", job, state, why, next: again });
  const rest = why === null ? "" : `: ${plain(why)}; again from ${minute(again)}`;
  printer.data(`${state.padEnd(6)}  ${plain(job)}${rest}`);
}

/** Tells of one way through a list. */
export function tellTally(
  { done, failed, known, waiting, next, interrupted }: Tally,
  printer: Printer,
): void {
  const again = next === null ? null : formatTime(next);
  if (printer.json) {
    printer.object({ samebits: 1, event: "round", done, failed, known, waiting, next: again, interrupted });
    return;
  }
  const parts = [
    `${done} done`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(known > 0 ? [`${known} done before`] : []),
    ...(waiting > 0 ? [`${waiting} wait after failures`] : []),
    ...(again === null ? [] : [`next try ${minute(again)}`]),
  ];
  printer.note(`samebits: ${counted(done + failed + known + waiting, "package")}: ${parts.join(", ")}`);
}

function minute(time: string | null): string {
  return `${(time ?? "").slice(0, 16).replace("T", " ")} UTC`;
}
