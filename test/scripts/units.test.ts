/** Test files in one process: none takes the others to another folder, and what can't be read ends it. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { newFolder } from "../node/folder.ts";

const UNITS = join(import.meta.dirname, "../../scripts/units.ts");
/** Begins as soon as it is loaded, while others are not. */
const LEAVES = `import { tmpdir } from "node:os";
import { before, test } from "node:test";
before(() => process.chdir(tmpdir()));
await new Promise((resolve) => setTimeout(resolve, 50));
test("leaves", () => {});
`;
const GOES = `import { tmpdir } from "node:os";
import { test } from "node:test";
test("goes", () => process.chdir(tmpdir()));
`;
const STAYS = 'import { test } from "node:test";\ntest("stays", () => {});\n';

async function runIn(
  ...files: readonly string[]
): Promise<{ readonly status: number | null; readonly text: string }> {
  const cwd = await newFolder();
  await writeFile(join(cwd, "leaves.mjs"), LEAVES);
  await writeFile(join(cwd, "goes.mjs"), GOES);
  await writeFile(join(cwd, "stays.mjs"), STAYS);
  await writeFile(join(cwd, "stays-too.mjs"), STAYS.replace("stays", "stays too"));
  // As of a runner of its own.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const argv = ["--test-reporter=spec", UNITS, ...files];
  const { status, stdout } = spawnSync(process.execPath, argv, {
    cwd,
    env,
    encoding: "utf8",
    timeout: 30_000,
  });
  return { status, text: stdout };
}

test("a file whose hook goes to another folder is told so", async () => {
  const { status, text } = await runIn("leaves.mjs", "stays.mjs");
  assert.equal(status, 1, text);
  assert.match(text, /a test goes to .*: leave it out of UNIT_TESTS/);
});

test("a test that goes to another folder fails, and no other", async () => {
  const { status, text } = await runIn("goes.mjs", "stays.mjs");
  assert.equal(status, 1, text);
  assert.match(text, /✖ goes/);
  assert.match(text, /✔ stays/);
});

test("all that are there pass in one process", async () => {
  const { status, text } = await runIn("stays.mjs", "stays-too.mjs");
  assert.equal(status, 0, text);
  assert.match(text, /✔ stays\b.*✔ stays too/s);
});

test("a file that is not there fails, and nothing waits for it", async () => {
  for (const files of [
    ["gone.mjs", "stays.mjs"],
    ["stays.mjs", "gone.mjs"],
    ["goes.mjs", "gone.mjs"],
  ]) {
    const { status, text } = await runIn(...files);
    assert.ok(status !== null && status !== 0, `${files.join(" ")}: ${status} ${text}`);
  }
});
