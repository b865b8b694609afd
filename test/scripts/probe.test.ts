import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { newFolder } from "../node/folder.ts";

test("the benchmarks' probe sees each entry that a store has written, and nothing else", async () => {
  const folder = await newFolder();
  const probe = join(folder, "probe");
  const before = Date.now();
  const run = spawnSync(
    process.execPath,
    [
      "--import",
      pathToFileURL(join(import.meta.dirname, "../../scripts/bench/probe.js")).href,
      join(import.meta.dirname, "write-entries.ts"),
      folder,
    ],
    { env: { ...process.env, SAMEBITS_PROBE: probe }, encoding: "utf8" },
  );
  assert.equal(run.status, 0, run.stderr);
  const seen = readFileSync(probe, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => line.split(" "));
  assert.deepEqual(
    seen.map(([, hash]) => hash),
    [1, 3].map((octet) => createHash("sha256").update(Uint8Array.of(octet)).digest("hex").slice(0, 32)),
  );
  for (const [time] of seen) assert.ok(Number(time) >= before - 1 && Number(time) <= Date.now() + 1);
});
