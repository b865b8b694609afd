import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readdir } from "node:fs/promises";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { assertLine } from "../json-schemas.ts";
import { blocksOf, readPage } from "../docs/markdown.ts";
import { isShown, readTranscript } from "../docs/transcript.ts";
import { newFolder } from "../node/folder.ts";

const LAUNCHER = fileURLToPath(new URL("../../client/cli/samebits.js", import.meta.url));

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
