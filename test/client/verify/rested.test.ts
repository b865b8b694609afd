/** Verdicts that are remembered by the keys on which they rested. */
import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { VerdictMemory } from "../../../client/verify/index.ts";
import type { Rested } from "../../../client/verify/index.ts";
import { MAX_VERDICT_FILES } from "../../../protocol/index.ts";
import { newFolder } from "../../node/folder.ts";

const row = (number: number, time: number, ...keyids: string[]): Rested => ({
  purl: `pkg:generic/tool@${number}`,
  file: "tool",
  sha256: number.toString(16).padStart(64, "0"),
  time: time * 1_000,
  keyids,
});

test("of each file the newest verdict is remembered, by the keys that agreed", async () => {
  const memory = new VerdictMemory(await newFolder(), "test");
  assert.deepEqual(memory.restedOn(new Set(["a"])), []);
  memory.keep([row(1, 10, "a", "b"), row(2, 10, "b")]);
  assert.deepEqual(memory.restedOn(new Set(["a"])), [row(1, 10, "a", "b")]);
  memory.keep([row(1, 20, "b", "c")]);
  assert.deepEqual(memory.restedOn(new Set(["a"])), [], "judged anew, without it");
  assert.deepEqual(memory.restedOn(new Set(["a", "b"])), [row(1, 20, "b", "c"), row(2, 10, "b")]);
});

test("many runs become one file, and nothing is lost by it; what is no verdict is let be", async () => {
  const folder = await newFolder();
  const memory = new VerdictMemory(folder, "test");
  const place = join(folder, "seen/test/verdicts");
  for (let run = 0; run <= MAX_VERDICT_FILES + 3; run++) memory.keep([row(run, run, "a")]);
  assert.ok(readdirSync(place).length <= 5);
  writeFileSync(join(place, "bad.jsonl"), '{"purl":1}\n[\n');
  assert.equal(memory.restedOn(new Set(["a"])).length, MAX_VERDICT_FILES + 4);
  assert.equal(memory.keep([]), "kept");
  assert.equal(new VerdictMemory("/proc/x", "test").keep([row(1, 1, "a")]), "none");
});
