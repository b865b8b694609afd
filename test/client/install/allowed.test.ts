import assert from "node:assert/strict";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ClientError } from "../../../client/errors.ts";
import { AllowedList } from "../../../client/install/index.ts";
import type { Allowed } from "../../../client/install/index.ts";
import { MAX_APT_ALLOWED, MAX_APT_ALLOWED_MS } from "../../../protocol/index.ts";
import { runCommand, setVariable } from "../cli/run.ts";
import { newFolder } from "../../node/folder.ts";

const NO_ROOT = process.getuid?.() === 0 ? false : "only root says who is let by";
const NOW = Date.UTC(2026, 10, 29);
const SL: Allowed = {
  name: "sl",
  version: "5.02-1+b1",
  reason: "for the demo",
  untilMs: NOW + 3_600_000,
  evenContradicted: false,
};

/** Of a failure as people see it. */
function codeIn(text: string): string {
  return /\[([a-z-]+\/[a-z-]+)\]/.exec(text)?.[1] ?? "";
}

function code(error: unknown): string {
  return error instanceof ClientError ? error.code : String(error);
}

test("what is let by is over by itself, or taken back; all of it is logged", { skip: NO_ROOT }, async () => {
  const folder = join(await newFolder(), "state");
  const list = new AllowedList(folder);
  assert.deepEqual(list.read(NOW), []);
  await list.add(SL, NOW);
  await list.add({ ...SL, reason: "still" }, NOW);
  assert.deepEqual(list.read(NOW), [{ ...SL, reason: "still" }], "one of a name and version");
  assert.deepEqual(list.read(SL.untilMs), []);
  assert.deepEqual(list.read(SL.untilMs - MAX_APT_ALLOWED_MS).length, 1);
  assert.deepEqual(list.read(SL.untilMs - MAX_APT_ALLOWED_MS - 1), [], "the clock was set back");
  assert.equal(await list.remove({ name: "sl", version: "5.02-1" }, NOW), false);
  assert.equal(await list.remove(SL, NOW), true);
  assert.deepEqual(list.read(NOW), []);
  const events = readFileSync(join(folder, "log.jsonl"), "utf8").trimEnd().split("\n");
  assert.deepEqual(
    events.map((line) => {
      const { event, reason, until } = JSON.parse(line) as Record<string, string>;
      return [event, reason, until];
    }),
    [
      ["allowed", "for the demo", "2026-11-29T01:00:00Z"],
      ["allowed", "still", "2026-11-29T01:00:00Z"],
      ["taken-back", "still", "2026-11-29T01:00:00Z"],
    ],
  );
});

test(
  "a list that others may write, that is broken, or that is full lets nobody by",
  { skip: NO_ROOT },
  async () => {
    const folder = join(await newFolder(), "state");
    const list = new AllowedList(folder);
    await list.add(SL, NOW);
    const file = join(folder, "allowed.json");
    chmodSync(file, 0o666);
    assert.throws(
      () => list.read(NOW),
      (error) => code(error) === "apt/unsafe-file",
    );
    chmodSync(file, 0o644);
    const good = readFileSync(file, "utf8");
    for (const bad of [
      good.slice(0, -3),
      good.replace('"reason"', '"other"'),
      good.replace("false", '"no"'),
      "[]",
    ]) {
      writeFileSync(file, bad);
      assert.throws(
        () => list.read(NOW),
        (error) => code(error) === "apt/bad-input",
        bad,
      );
    }
    writeFileSync(file, good);
    for (let n = 1; n < MAX_APT_ALLOWED; n++) await list.add({ ...SL, version: `${n}` }, NOW);
    await assert.rejects(
      list.add({ ...SL, version: "0" }, NOW),
      (error) => code(error) === "usage/bad-option",
    );
  },
);

test("apt allow: what it takes, what it refuses, what it shows", { skip: NO_ROOT }, async () => {
  const state = ["--state", join(await newFolder(), "state")];
  const run = (...words: readonly string[]): ReturnType<typeof runCommand> =>
    runCommand(["apt", "allow", ...words, ...state]);
  const taken = await run("libstdc++6=1:12.2.0-14", "--reason", "a fix", "--for", "2h", "--json");
  assert.equal(taken.code, 0, taken.err);
  const [shown] = (await run("--json")).objects;
  assert.deepEqual(
    [shown?.["package"], shown?.["version"], shown?.["even_contradicted"]],
    ["libstdc++6", "1:12.2.0-14", false],
  );
  for (const words of [
    ["sl"],
    ["sl=5.02-1+b1"],
    ["sl=", "--reason", "r"],
    ["SL=1.0", "--reason", "r"],
    ["sl=1.0 ", "--reason", "r"],
    ["sl=1.0", "--reason", " "],
    ["sl=1.0", "--reason", "two\nlines"],
    ["sl=1.0", "--reason", "r", "--for", "0h"],
    ["sl=1.0", "--reason", "r", "--for", "31d"],
    ["sl=1.0", "--remove"],
  ]) {
    const ended = await run(...words);
    assert.deepEqual([ended.code, /\[usage\/bad-option\]/.test(ended.err)], [64, true], words.join(" "));
  }
});

test("who is not root lets nobody by", { skip: NO_ROOT }, async () => {
  const state = ["--state", join(await newFolder(), "state")];
  process.seteuid?.(65_534);
  const ended = await runCommand(["apt", "allow", "sl=1.0", "--reason", "r", ...state]).finally(() =>
    process.seteuid?.(0),
  );
  assert.deepEqual([ended.code, codeIn(ended.err)], [73, "apt/not-root"], ended.err);
});

test("a machine without apt is told so", async () => {
  const restore = setVariable("PATH", "/nonexistent");
  const ended = await runCommand(["apt", "remove-hook", "--json"]).finally(restore);
  assert.deepEqual([ended.code, ended.err.includes('"code":"apt/no-apt"')], [69, true], ended.err);
});
