/**
 * docs/apt.md, "From nothing to a refused package": what it tells to copy and paste is run in a fresh root of Debian, with its own apt and dpkg, and
 * prints what the page shows.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { blocksOf, readPage, TOP } from "../docs/markdown.ts";
import type { Block } from "../docs/markdown.ts";
import { LOOP, ranIn } from "../docs/shell.ts";
import { isShown, readTranscript } from "../docs/transcript.ts";
import type { Step } from "../docs/transcript.ts";
import { ENTER, freshRoot, whyNoRoot } from "./debian-root.ts";

const PAGE = "docs/apt.md";
const HERE = "in a fresh root; test/e2e/fresh-root.test.ts";
/** This checkout where the page has it put, and this Node. */
const WITH_US = `set -eu; mount --bind "$2" "$1/usr/lib/samebits"; : > "$1/usr/local/bin/node"; mount --bind "$3" "$1/usr/local/bin/node"
root=$1; shift 3; set -- "$root" "$@"`;

test(
  "a fresh root, from installation to a refused package",
  { skip: whyNoRoot(), timeout: 300_000 },
  async () => {
    const root = await freshRoot();
    await mkdir(join(root, "usr/lib/samebits"));
    const steps = blocksOf(PAGE, readPage(PAGE))
      .filter(({ notRun }) => notRun === HERE)
      .flatMap(stepsOf);
    assert.ok(steps.length >= 10, "the page's commands are found");
    const inside = ["bash", "-c", LOOP, "bash", ...steps.map(({ command }) => command)];
    const namespaces = ["--mount", "--net", "--pid", "--ipc", "--uts", "--fork", "--kill-child"];
    const child = spawn(
      "unshare",
      [
        ...namespaces,
        "sh",
        "-c",
        `exec 2>&1\n${WITH_US}\n${ENTER}`,
        "sh",
        root,
        TOP,
        process.execPath,
        ...inside,
      ],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    const ended = once(child, "exit");
    const ran = ranIn(await text(child.stdout));
    await ended;
    for (const [at, { command, shown }] of steps.entries()) {
      const { status, output } = ran[at] ?? { status: -1, output: "it was not reached" };
      const isTold = steps[at + 1]?.command === "echo $?";
      assert.ok(status === 0 || isTold, `# ${command}\nends with ${status}:\n${output}`);
      if (shown !== null)
        assert.ok(isShown(shown, output), `# ${command}\nprints\n${output}\nand the page shows\n${shown}`);
    }
  },
);

/** A command of the page, and what it prints there; null = that is not shown. */
interface Told extends Omit<Step, "shown"> {
  readonly shown: string | null;
}

function stepsOf({ language, info, text: block }: Block): readonly Told[] {
  if (language === "toml") return [{ command: `cat > ${info} << 'END'\n${block}\nEND`, shown: null }];
  if (language === "sh") return [{ command: `set -e; ${block}; set +e`, shown: null }];
  // Root's prompt.
  return readTranscript(block.replace(/^# /gm, "$ "));
}
