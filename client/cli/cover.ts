/** Many files judged part by part: one question each, and no more in memory than one part's answers. */
import { MAX_JUDGED_AT_ONCE } from "../../protocol/index.ts";
import { uptimeMs } from "../uptime.ts";
import type { Examined } from "../verify/index.ts";
import type { Coverage } from "./coverage.ts";
import type { Judging } from "./judging.ts";
import { noteCircumstances } from "./circumstances.ts";
import type { Printer } from "./print.ts";
import { printJson } from "./verify.ts";

/** Judges the files and counts them; with JSON, prints each verdict as it is known. */
export async function cover(
  files: readonly Examined[],
  judging: Judging,
  coverage: Coverage,
  printer: Printer,
): Promise<void> {
  const { policies, now } = judging;
  for (let from = 0; from < files.length; from += MAX_JUDGED_AT_ONCE) {
    const started = uptimeMs();
    const part = files.slice(from, from + MAX_JUDGED_AT_ONCE);
    const outcome = await judging.judge(
      part,
      (source) => `asking ${source} about ${files.length} files: ${from} are judged …`,
    );
    coverage.add(outcome);
    const elapsedMs = Math.round(uptimeMs() - started);
    if (printer.json) printJson({ config: judging.config, policies, outcome, now, elapsedMs }, printer);
  }
}

/** What a reader should know of how the verdicts came about. */
export function noteCoverage({ config, policies }: Judging, coverage: Coverage, printer: Printer): void {
  noteCircumstances({ config, policies, outcome: coverage.told() }, printer);
}
