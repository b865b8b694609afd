/** Starting Node's test runner: a process a file for `npm test` and `npm run check`, two in all for `npm run quick`. */
import { spawn } from "node:child_process";
import { globSync } from "node:fs";
import { join } from "node:path";

/** A test that hangs is ended after this time; none takes a tenth of it. */
const HANG_MS = 600_000;

/**
 * Runs test files (globs as of `node --test`), two at a time, with what they print and the runner's summary on our
 * stdout; skipped tests are listed with their reasons. Resolves to the runner's exit status.
 */
export async function runTests(globs: readonly string[]): Promise<number> {
  const flags = ["--test", "--test-concurrency=2", "--test-reporter=spec", `--test-timeout=${HANG_MS}`];
  const child = spawn(process.execPath, [...flags, ...globs], { stdio: "inherit" });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.on("error", reject);
  child.on("exit", (code) => resolve(code ?? 70));
  return promise;
}

/**
 * Runs test files (globs) in two processes (`units.ts`), each with what it prints and a summary of its own on our stdout, one after the
 * other. Resolves to 0 if all pass.
 */
export async function runUnits(globs: readonly string[]): Promise<number> {
  const files = globSync([...globs]).toSorted();
  const runs = [0, 1].map((half) => runHalf(files.filter((_, i) => i % 2 === half)));
  let status = 0;
  for (const run of runs) {
    const ended = await run;
    process.stdout.write(ended.output);
    status = Math.max(status, ended.status);
  }
  return status;
}

interface Half {
  readonly output: Buffer;
  readonly status: number;
}

function runHalf(files: readonly string[]): Promise<Half> {
  const script = join(import.meta.dirname, "units.ts");
  const child = spawn(process.execPath, ["--test-reporter=spec", script, ...files], {
    stdio: ["ignore", "pipe", "inherit"],
    timeout: HANG_MS,
  });
  const parts: Buffer[] = [];
  child.stdout.on("data", (part: Buffer) => parts.push(part));
  const { promise, resolve, reject } = Promise.withResolvers<Half>();
  child.on("error", reject);
  child.on("close", (code) => resolve({ output: Buffer.concat(parts), status: code ?? 70 }));
  return promise;
}
