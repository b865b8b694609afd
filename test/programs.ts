import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Those of the programs that PATH does not find. */
export function missingOf(programs: readonly string[]): readonly string[] {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return programs.filter((program) => !folders.some((folder) => existsSync(join(folder, program))));
}

/** Why a test that needs them is skipped; false where all are here. */
export function lacks(...programs: readonly string[]): string | false {
  const missing = missingOf(programs);
  return missing.length === 0 ? false : `not installed: ${missing.join(", ")}`;
}
