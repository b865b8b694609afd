/** Every example of README.md and docs/ is run for real, and prints what is shown (CONTRIBUTING, "Documents"). */
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { missingOf } from "../programs.ts";
import { schemaOf } from "../json-schemas.ts";
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
      const faults: string[] = [];
      let left = 0;
      for (const block of blocks) {
        const why = reasonNotToRun(block);
        if (why === null) faults.push(...(await runBlock(block, shell)));
        else {
          left++;
          t.diagnostic(`${where(block)} not run: ${why}`);
        }
      }
      await shell.close();
      t.diagnostic(`${page}: ${blocks.length - left} blocks run, ${left} not`);
      assert.ok(faults.length === 0, faults.join("\n\n"));
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
  const missing = missingOf(needs);
  return missing.length === 0 ? null : `${missing.join(", ")} is not here`;
}

/** Runs a block; what is not as the page shows it. */
async function runBlock(block: Block, shell: Shell): Promise<readonly string[]> {
  switch (block.language) {
    case "console":
      return runTranscript(block, shell);
    case "sh":
      return runAll(`${block.text}\n`, block, shell);
    case "toml":
      return writeShown(block, shell);
    default:
      return [fitFault(block)].filter((fault) => fault !== null);
  }
}

async function runAll(script: string, block: Block, shell: Shell): Promise<readonly string[]> {
  const [ran] = await shell.run([`set -e; ${script}`]);
  return ran?.status === 0 ? [] : [`${where(block)} ends with ${ran?.status}:\n${ran?.output}`];
}

/** A file that the page has its reader write. */
async function writeShown(block: Block, shell: Shell): Promise<readonly string[]> {
  const path = block.info.replace(/^~/, join(shell.folder, "../home"));
  if (path === "") return [`${where(block)}: name the file on the fence`];
  const file = isAbsolute(path) ? path : join(shell.folder, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${block.text}\n`);
  return runAll(readerOf(file), block, shell);
}

/** What reads such a file: it is a configuration, the description of a layout, or a policy. */
function readerOf(file: string): string {
  if (file.endsWith("config.toml")) return `samebits doctor --config '${file}'`;
  if (file.endsWith("layout.toml")) return `samebits layout new '${file}' -o '${file}.read'`;
  return `samebits policy check '${file}'`;
}

function fitFault(block: Block): string | null {
  const validate = schemaOf(block.info);
  return validate(JSON.parse(block.text)) ? null : `${where(block)}: ${JSON.stringify(validate.errors)}`;
}

async function runTranscript(block: Block, shell: Shell): Promise<readonly string[]> {
  const steps = readTranscript(block.text);
  const faults: (string | null)[] = [];
  for (let at = 0; at < steps.length;) {
    const step = steps[at];
    if (step !== undefined && isBackground(step.command)) {
      const output = `${await shell.start(step.command.replace(/ &$/, ""))}\n`;
      faults.push(faultOf(step, { output, status: 0 }, undefined, block));
      at++;
      continue;
    }
    const end = steps.findIndex(({ command }, i) => i > at && isBackground(command));
    const some = steps.slice(at, end === -1 ? steps.length : end);
    const ran = await shell.run(some.map(({ command }) => command));
    faults.push(...some.map((one, i) => faultOf(one, ran[i], some[i + 1], block)));
    at += some.length;
  }
  return faults.filter((fault) => fault !== null);
}

/** A command ends well, unless the next one shows how it ended; and prints what is shown. */
function faultOf(step: Step, ran: Ran | undefined, next: Step | undefined, block: Block): string | null {
  const place = `${where(block)}: $ ${step.command}`;
  if (ran === undefined) return `${place}\nwas not reached`;
  if (ran.status !== 0 && next?.command !== "echo $?")
    return `${place}\nends with ${ran.status}:\n${ran.output}`;
  if (isShown(step.shown, ran.output)) return null;
  return `${place}\nprints\n${ran.output}\nand the page shows\n${step.shown}`;
}

function where({ page, line }: Block): string {
  return `${page}:${line}`;
}
