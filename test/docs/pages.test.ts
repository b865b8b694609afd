/** Every example of README.md and docs/ is run for real, and prints what is shown (CONTRIBUTING, "Documents"). */
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { delimiter, dirname, isAbsolute, join } from "node:path";
import { existsSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { blocksOf, PAGES, readPage } from "./markdown.ts";
import type { Block } from "./markdown.ts";
import { Scene } from "./scene.ts";
import type { Ran, Shell } from "./shell.ts";
import { isBackground, isShown, readTranscript } from "./transcript.ts";
import type { Step } from "./transcript.ts";

const LANGUAGES: ReadonlySet<string> = new Set(["console", "sh", "toml", "json", "text"]);
let scene: Scene;

describe("the documents' examples", { concurrency: 2 }, () => {
  before(async () => {
    scene = await Scene.open();
  });
  after(() => scene.close());
  for (const page of PAGES) {
    const blocks = blocksOf(page, readPage(page));
    test(page, async (t) => {
      const shell = await scene.page(page);
      const counts = { run: 0, left: 0 };
      for (const block of blocks) {
        const why = reasonNotToRun(block);
        if (why === null) counts.run++;
        else {
          counts.left++;
          t.diagnostic(`${page}:${block.line} not run: ${why}`);
        }
        if (why === null) await runBlock(block, shell);
      }
      t.diagnostic(`${page}: ${counts.run} blocks run, ${counts.left} not`);
      await shell.close();
    });
  }
});

function reasonNotToRun(block: Block): string | null {
  const { language, notRun, needs } = block;
  assert.ok(
    LANGUAGES.has(language),
    `${where(block)}: a fence of "${language}": use ${[...LANGUAGES].join(", ")}`,
  );
  if (language === "text") return "a picture";
  if (notRun !== null) return notRun;
  const missing = needs.filter((program) => !isThere(program));
  return missing.length === 0 ? null : `${missing.join(", ")} is not here`;
}

function isThere(program: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => existsSync(join(folder, program)));
}

async function runBlock(block: Block, shell: Shell): Promise<void> {
  switch (block.language) {
    case "console":
      return runTranscript(block, shell);
    case "sh": {
      const [ran] = await shell.run([block.text]);
      return assert.equal(ran?.status, 0, `${where(block)} ends with ${ran?.status}:\n${ran?.output}`);
    }
    case "toml":
      return writeShown(block, shell);
    default:
      assert.fail(`${where(block)}: nothing checks a fence of ${block.language}`);
  }
}

/** A file that the page has its reader write. */
async function writeShown(block: Block, shell: Shell): Promise<void> {
  const path = block.info.replace(/^~/, join(shell.folder, "../home"));
  assert.ok(block.info !== "", `${where(block)}: name the file on the fence`);
  const file = isAbsolute(path) ? path : join(shell.folder, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${block.text}\n`);
  const check = file.endsWith("config.toml")
    ? `samebits doctor --config '${file}'`
    : `samebits policy check '${file}'`;
  const [ran] = await shell.run([check]);
  assert.equal(ran?.status, 0, `${where(block)}: ${ran?.output}`);
}

async function runTranscript(block: Block, shell: Shell): Promise<void> {
  const steps = readTranscript(block.text);
  for (let at = 0; at < steps.length;) {
    const step = steps[at];
    if (step !== undefined && isBackground(step.command)) {
      const output = `${await shell.start(step.command.replace(/ &$/, ""))}\n`;
      assertStep(step, { output, status: 0 }, undefined, block);
      at++;
      continue;
    }
    const end = steps.findIndex(({ command }, i) => i > at && isBackground(command));
    const some = steps.slice(at, end === -1 ? steps.length : end);
    const ran = await shell.run(some.map(({ command }) => command));
    for (const [i, one] of some.entries()) assertStep(one, ran[i], some[i + 1], block);
    at += some.length;
  }
}

/** A command ends well, unless the next one shows how it ended. */
function assertStep(step: Step, ran: Ran | undefined, next: Step | undefined, block: Block): void {
  const place = `${where(block)}: $ ${step.command}`;
  assert.ok(ran !== undefined, `${place}\nwas not reached`);
  const isTold = next?.command === "echo $?";
  assert.ok(ran.status === 0 || isTold, `${place}\nends with ${ran.status}:\n${ran.output}`);
  assert.ok(
    isShown(step.shown, ran.output),
    `${place}\nprints\n${ran.output}\nand the page shows\n${step.shown}`,
  );
}

function where({ page, line }: Block): string {
  return `${page}:${line}`;
}
