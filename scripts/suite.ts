/** Starting Node's test runner, in one way for `npm test`, `npm run quick` and `npm run check`. */
import { spawn } from "node:child_process";

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
