/** Test files in one process: none is lost by what another one does, and what can't be read ends it. */
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
const STAYS = 'import { test } from "node:test";\ntest("stays", () => {});\n';

async function runIn(
  ...files: readonly string[]
): Promise<{ readonly status: number | null; readonly text: string }> {
  const cwd = await newFolder();
  await writeFile(join(cwd, "leaves.mjs"), LEAVES);
  await writeFile(join(cwd, "stays.mjs"), STAYS);
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

test("a file whose hook goes to another folder loses none of the files after it", async () => {
  const { status, text } = await runIn("leaves.mjs", "stays.mjs");
  assert.equal(status, 0, text);
  assert.match(text, /✔ leaves/);
  assert.match(text, /✔ stays/);
});

test("a file that is not there fails, and nothing waits for it", async () => {
  for (const files of [
    ["gone.mjs", "stays.mjs"],
    ["stays.mjs", "gone.mjs"],
    ["leaves.mjs", "gone.mjs"],
  ]) {
    const { status, text } = await runIn(...files);
    assert.ok(status !== null && status !== 0, `${files.join(" ")}: ${status} ${text}`);
  }
});
