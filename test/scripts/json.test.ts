/** What the checkout's own commands print with `--json`, held against the schemas as everything else. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { absolute } from "../../scripts/bench/figure.ts";
import type { Figure } from "../../scripts/bench/figure.ts";
import { ingestOf } from "../../scripts/bench/ingest.ts";
import { asJson } from "../../scripts/bench/report.ts";
import { assertFits, ROWS } from "../json-schemas.ts";

const TOP = join(import.meta.dirname, "../..");
const run = promisify(execFile);

function assertObject(text: string, command: string): Record<string, unknown> {
  const names = ROWS.filter(({ by }) => by.includes(command)).map(({ name }) => name);
  const value = JSON.parse(text) as Record<string, unknown>;
  assertFits(names, value, command);
  return value;
}

test("npm run sim -- --json: an object a run", async () => {
  const args = [
    "scripts/sim.ts",
    "--scenario",
    "publish",
    "--nodes",
    "3",
    "--seed",
    "7",
    "--seeds",
    "2",
    "--json",
  ];
  const { stdout } = await run(process.execPath, args, { cwd: TOP });
  const runs = stdout
    .trimEnd()
    .split("\n")
    .map((line) => assertObject(line, "npm run sim"));
  assert.deepEqual(
    runs.map(({ scenario, seed, nodes }) => [scenario, seed, nodes]),
    [
      ["publish", 7, 3],
      ["publish", 8, 3],
    ],
  );
});

test("npm run sim -- --json: a run that breaks is an object too, the last one, and the end is not 0", async () => {
  const args = ["scripts/sim.ts", "--scenario", "partition", "--nodes", "1", "--seeds", "2", "--json"];
  const ended = await run(process.execPath, args, { cwd: TOP }).then(
    () => assert.fail("one peer makes no partition"),
    (error: { readonly code: number; readonly stdout: string; readonly stderr: string }) => error,
  );
  const { scenario, seed, message } = assertObject(ended.stdout, "npm run sim");
  assert.deepEqual([ended.code, ended.stderr], [1, ""]);
  assert.deepEqual([scenario, seed, message], ["partition", 1, "Error: two publishers expected"]);
});

test("npm run bench -- --json: an object a figure, of a small benchmark that is really run", async () => {
  const figures = await ingestOf(64, 1).run(() => undefined);
  assert.deepEqual(
    figures.map(({ name }) => name),
    ["ingest-tiles", "ingest-gossip", "ingest-gossip-few"],
  );
  for (const figure of figures) {
    const { samebits, ratio, ratio_to, runs, met, value } = assertObject(asJson(figure), "npm run bench");
    assert.deepEqual([samebits, typeof ratio_to, runs], [1, "string", 1]);
    assert.equal(met === null, figure.target === null);
    assert.ok(Number(ratio) > 0 && Number(value) > 0);
  }
});

test("npm run bench -- --json: figures with no ratio, no target, or no value", () => {
  const told = (value: number, target: Figure["target"]): Record<string, unknown> =>
    assertObject(
      asJson(absolute("alert", "ms", value, [value], { what: "conflict to alert", target, note: "" })),
      "npm run bench",
    );
  const plain = told(5, null);
  assert.deepEqual(
    [plain["value"], plain["ratio"], plain["ratio_to"], plain["target"], plain["met"]],
    [5, null, null, null, null],
  );
  const never = told(Infinity, { of: "value", atMost: 2_000 });
  assert.deepEqual([never["value"], never["max"], never["met"]], [null, null, false]);
  assert.deepEqual(never["target"], { of: "value", at_most: 2_000, at_least: null });
});
