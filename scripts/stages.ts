/** The stages of the gate: programs that end with 0 where all is well. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

export interface Stage {
  readonly name: string;
  /** A script, from the top of the repository, and its arguments. */
  readonly command: readonly [string, ...string[]];
}

const TOP = join(import.meta.dirname, "..");

export const TYPES: Stage = { name: "types", command: ["node_modules/typescript/bin/tsc", "--noEmit"] };
/** The dashboard runs in a browser: other libraries, and JSX. */
export const PAGE_TYPES: Stage = {
  name: "types of the dashboard",
  command: ["node_modules/typescript/bin/tsc", "--noEmit", "-p", "node/dashboard"],
};
export const LINT: Stage = { name: "lint", command: ["node_modules/oxlint/bin/oxlint", "--format=unix"] };
export const TIDY: Stage = { name: "tidy", command: ["scripts/tidy.ts"] };
export const FORMAT: Stage = {
  name: "format",
  command: ["node_modules/prettier/bin/prettier.cjs", "--check", "--cache", "--log-level=warn", "."],
};
export const UNUSED: Stage = {
  name: "unused code",
  command: ["node_modules/knip/bin/knip.js", "--no-progress"],
};
export const GENERATED: Stage = { name: "generated code", command: ["scripts/proto.ts", "--check"] };
export const VECTORS: Stage = { name: "vectors", command: ["scripts/vectors.ts", "--check"] };

/** Runs stages one after another, all of them, with what the failing ones print. Resolves to how many failed. */
export function runStages(stages: readonly Stage[]): number {
  let failed = 0;
  for (const { name, command } of stages) {
    const begun = performance.now();
    const result = spawnSync(process.execPath, command, { cwd: TOP, encoding: "utf8" });
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    const isGood = result.status === 0;
    if (!isGood) {
      failed++;
      process.stdout.write(`${result.stdout}${result.stderr}`);
    }
    console.log(`${isGood ? "ok    " : "FAILED"} ${name}, ${seconds} s`);
  }
  return failed;
}
