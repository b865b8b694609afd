/**
 * Running tests: a process a file for `npm run check`; for `npm test` and `npm run quick` few for those that start no peer and no command, as
 * starting one costs more than what most of them test.
 */
import { spawn } from "node:child_process";
import { globSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { BUILT } from "../test/built.ts";

/** A test that hangs is ended after this time; none takes a tenth of it. */
const HANG_MS = 600_000;
/** Of the unit tests: each costs a second to start, and the last ones to end should not be a half. */
const PARTS = 4;
/** Files at a time, beside unit tests. What the suite is measured on has two cores, which three files leave idle for a third of the time: many tests wait for peers. */
const LANES = 3;
/** The longest come first, so that none of them runs alone in the end. */
const FIRST = [
  "test/e2e/recover",
  "test/docs/pages",
  "test/docs/verify-by-hand",
  "test/interop/",
  "test/e2e/",
  "test/kill/",
  "test/sim/",
  "test/scripts/",
  "test/node/",
];
const ALL = "test/**/*.test.ts";
/** Inside node_modules/, so that what is built finds the packages that stay outside of it. */
const CACHE = join(import.meta.dirname, "../node_modules/.cache");

/** All that start no peer and no command, stay in their folder, and wait for nothing. */
export const UNIT_TESTS: readonly string[] = [
  "test/protocol/**/*.test.ts",
  "test/client/!(attest|cli|git|layout)/**/*.test.ts",
  "test/scripts/tidy/*.test.ts",
];

/**
 * Runs the whole suite; `apart`: a process for each file, else few for the unit tests, which takes two minutes less. The command and the peer that
 * tests start are built once, and what Node compiles is kept for the processes after it, both in a folder that goes with the run. Resolves to
 * the exit status.
 */
export async function runSuite(apart: boolean): Promise<number> {
  await mkdir(CACHE, { recursive: true });
  const folder = await mkdtemp(join(CACHE, "suite-"));
  try {
    const { buildWhole } = await import("./build/whole.ts"); // who runs one file needs no bundler
    await buildWhole(join(folder, "built"));
    process.env[BUILT] = join(folder, "built");
    process.env["NODE_COMPILE_CACHE"] = join(folder, "compiled");
    if (apart) return await runTests([ALL]);
    // Unit tests take what the others leave of the processors while they wait, and end long before them.
    return Math.max(...(await Promise.all([runUnits(UNIT_TESTS, 1), runTests([ALL], UNIT_TESTS)])));
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/**
 * Runs test files (globs) but those left out, LANES at a time, with what they print and the runner's summary on our stdout; skipped tests are
 * listed with their reasons. Resolves to the exit status.
 */
export async function runTests(globs: readonly string[], leftOut: readonly string[] = []): Promise<number> {
  const without = new Set(globSync([...leftOut]));
  const all = globSync([...globs]).filter((file) => !without.has(file));
  const files = all.toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  if (files.length === 0) {
    console.error(`no test file is ${globs.join(" ")}`);
    return 1;
  }
  const events = run({ files, concurrency: LANES, timeout: HANG_MS });
  let isGood = false;
  events.on("test:summary", ({ file, success }) => {
    if (file === undefined) isGood = success;
  });
  await pipeline(events.compose(new spec()), process.stdout, { end: false });
  return isGood ? 0 : 1;
}

function rank(file: string): number {
  const at = FIRST.findIndex((beginning) => file.startsWith(beginning));
  return at === -1 ? FIRST.length : at;
}

/**
 * Runs test files (globs) in few processes (`units.ts`), `lanes` at a time, with what each prints and a summary of its own on our stdout when
 * it ends. Resolves to 0 if all pass.
 */
export async function runUnits(globs: readonly string[], lanes: number): Promise<number> {
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
  await Promise.all(Array.from({ length: lanes }, runNext));
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
