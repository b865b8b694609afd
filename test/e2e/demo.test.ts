import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { LAUNCHER } from "../built.ts";
import { assertLine } from "../json-schemas.ts";
import { blocksOf, readPage } from "../docs/markdown.ts";
import { isShown, readTranscript } from "../docs/transcript.ts";
import { newFolder } from "../node/folder.ts";

async function runDemo(
  stopEarly: boolean,
  ...options: readonly string[]
): Promise<{ status: number | null; signal: string | null; out: string; left: string[] }> {
  const temporary = await newFolder();
  const child = spawn(process.execPath, [LAUNCHER, "demo", ...options], {
    env: { ...process.env, TMPDIR: temporary },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  createInterface({ input: child.stdout }).on("line", (line) => {
    out += `${line}\n`;
    if (stopEarly && /5 processes|"processes":5/.test(out)) child.kill("SIGINT"); // and again, as the impatient do
  });
  child.stderr.on("data", (part) => (out += String(part)));
  return new Promise((resolve) => {
    child.on("close", (status, signal) => {
      void readdir(temporary).then((left) => resolve({ status, signal, out, left }));
    });
  });
}

test("the demo's verdicts come out without a terminal, and nothing of it stays", async () => {
  const { status, out, left } = await runDemo(false);
  assert.equal(status, 0, out);
  assert.match(out, /6 processes · 8 attestations · 2 reproduced · 2 contradicted · 1 pending · 2 alerts/);
  assert.match(out, /evidence\.json: the proof holds/);
  assert.match(out, /made up for this demo/);
  assert.deepEqual(left, []);
  const [step] = blocksOf("README.md", readPage("README.md"))
    .filter(({ text }) => text.startsWith("$ npm start\n"))
    .flatMap(({ text }) => readTranscript(text));
  // What the set-up says comes first, on a line or more.
  assert.ok(
    isShown(step?.shown ?? "", `setup: ready\n${out}`),
    `README.md shows another demo than this:\n${out}`,
  );
});

test("stopped in the middle, it ends its processes and removes its folder", async () => {
  const { status, signal, out, left } = await runDemo(true, "--json");
  assert.ok(status !== 0 || signal !== null, out);
  assert.doesNotMatch(out, /internal error/);
  const lines = out.split("\n").filter((line) => line !== "");
  assert.ok(lines.length > 5, out);
  for (const line of lines) assertLine("demo", line);
  assert.deepEqual(left, []);
});

const terminal = spawnSync("script", ["--version"]).status === 0;
const skip = terminal ? false : "util-linux's `script`, which makes a terminal, is not here";

test("on a terminal the mesh stays up, and what it says to try next works", { skip }, async () => {
  const temporary = await newFolder();
  const demo = `'${process.execPath}' '${LAUNCHER}' demo`;
  const child = spawn("script", ["--quiet", "--return", "--flush", "--command", demo, "/dev/null"], {
    env: { ...process.env, TMPDIR: temporary },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const closed = once(child, "close");
  const told = Promise.withResolvers<void>();
  let out = "";
  child.stdout.on("data", (part) => {
    out += String(part).replaceAll("\r\n", "\n");
    if (/npx samebits status .*\n/.test(out)) told.resolve();
  });
  try {
    await Promise.race([told.promise, closed]);
    assert.equal(child.exitCode, null, out);
    assert.ok(out.includes("\r\u001b[K  [6 processes · 8 attestations"), "the count is redrawn");
    const [, next = ""] = out.split("In another terminal:\n");
    const [setting = "", ...commands] = next.split("\n").filter((line) => line.startsWith("  "));
    const statuses = commands.map((command) => {
      const line = command.replace("npx samebits", `'${process.execPath}' '${LAUNCHER}'`);
      return spawnSync("bash", ["-c", `${setting}\n${line}`], { stdio: "ignore" }).status;
    });
    assert.deepEqual(statuses, [0, 1, 0, 0, 0], next);
  } finally {
    child.stdin.write("\u0003");
    await closed;
  }
  assert.deepEqual(await readdir(temporary), []);
});
