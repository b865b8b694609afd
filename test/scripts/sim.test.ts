import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const TOP = fileURLToPath(new URL("../../", import.meta.url));

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function sim(...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, ["scripts/sim.ts", ...args], { cwd: TOP }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

test("npm run sim: a run that breaks ends with words and 1, and no stack", async () => {
  const { code, stdout, stderr } = await sim("--scenario", "partition", "--nodes", "1", "--seed", "9");
  assert.match(
    stdout,
    /^partition fails with seed 9 at step (\d+); again: npm run sim -- --scenario partition --seed 9 --nodes 1 --until \1\nError: two publishers expected\n$/,
  );
  assert.deepEqual([code, stderr], [1, ""]);
});

test("npm run sim -- --until: the run ends at that step and shows what happened last, each time the same", async () => {
  const args = ["--scenario", "publish", "--nodes", "3", "--seed", "2", "--until", "60"];
  const [one, again] = await Promise.all([sim(...args), sim(...args)]);
  assert.deepEqual(one, again);
  assert.deepEqual([one.code, one.stderr], [0, ""]);
  const [first = "", ...notes] = one.stdout.trimEnd().split("\n");
  assert.equal(first, "publish seed 2 · 3 peers: ended at step 60; what happened last:");
  assert.ok(notes.length > 10, one.stdout);
  for (const note of notes) assert.match(note, /^ {2}step \d+ · [\d.]+ (publisher|peer)-\d [a-z]+$/);
});

test("npm run sim: what there is not ends with 64", async () => {
  assert.deepEqual(await sim("--nodes", "many"), {
    code: 64,
    stdout: "",
    stderr: "sim: --nodes wants a number from 1 on, not many\n",
  });
  const unknown = await sim("--scenario", "peace");
  assert.equal(unknown.code, 64);
  assert.match(unknown.stderr, /^sim: no scenario peace; there are: publish, /);
});
