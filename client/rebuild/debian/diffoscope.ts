import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { promisify } from "node:util";
import { untranslated } from "../../output-of.ts";

const LIMIT_MS = 300_000;
const MAX_REPORT_BYTES = 16 * 1024 * 1024;
/** Its exit status where the files differ. */
const DIFFER = 1;

/** diffoscope's report in a file; null where it is not installed, or gives none within five minutes. */
export async function diffoscope(archive: string, ours: string, report: string): Promise<string | null> {
  await rm(report, { force: true });
  const args = ["--text", report, "--max-text-report-size", String(MAX_REPORT_BYTES), archive, ours];
  try {
    await promisify(execFile)("diffoscope", args, { timeout: LIMIT_MS, env: untranslated() });
    return null;
  } catch (error) {
    const status = error instanceof Error && "code" in error ? error.code : null;
    return status === DIFFER && existsSync(report) ? report : null;
  }
}
