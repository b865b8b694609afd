/** Starting Node's test runner: a process a file for `npm test` and `npm run check`, few for `npm run quick`. */
import { spawn } from "node:child_process";
import { globSync } from "node:fs";
import { join } from "node:path";

/** A test that hangs is ended after this time; none takes a tenth of it. */
const HANG_MS = 600_000;
/** Of the unit tests: each costs a second to start, and the last ones to end should not be a half. */
const PARTS = 4;

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
 * Runs test files (globs) in few processes (`units.ts`), two at a time, with what each prints and a summary of its own on our stdout when
 * it ends. Resolves to 0 if all pass.
 */
export async function runUnits(globs: readonly string[]): Promise<number> {
  const files = globSync([...globs]).toSorted();
  const parts = Array.from({ length: PARTS }, (_, part) => files.filter((_file, i) => i % PARTS === part));
  let status = 0;
  const runNext = async (): Promise<void> => {
    for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
      const ended = await runPart(part);
      process.stdout.write(ended.output);
      status = Math.max(status, ended.status);
    }
  };
  await Promise.all([runNext(), runNext()]);
  return status;
}

interface Ended {
  readonly output: Buffer;
  readonly status: number;
}

function runPart(files: readonly string[]): Promise<Ended> {
  const script = join(import.meta.dirname, "units.ts");
  const child = spawn(process.execPath, ["--test-reporter=spec", script, ...files], {
    stdio: ["ignore", "pipe", "inherit"],
    timeout: HANG_MS,
  });
  const output: Buffer[] = [];
  child.stdout.on("data", (some: Buffer) => output.push(some));
  const { promise, resolve, reject } = Promise.withResolvers<Ended>();
  child.on("error", reject);
  child.on("close", (code) => resolve({ output: Buffer.concat(output), status: code ?? 70 }));
  return promise;
}
