/**
 * docs/apt.md, "From nothing to a refused package": what it tells to copy and paste is run in a fresh root of Debian, with its own apt and dpkg, and
 * prints what the page shows.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync } from "node:fs";
import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { blocksOf, readPage, TOP } from "../docs/markdown.ts";
import type { Block } from "../docs/markdown.ts";
import { LOOP, ranIn } from "../docs/shell.ts";
import { isShown, readTranscript } from "../docs/transcript.ts";
import type { Step } from "../docs/transcript.ts";
import { newFolder } from "../node/folder.ts";
import { lacks } from "../programs.ts";
import { run } from "./apt-rig.ts";
import { BASE, whyNoBase } from "./base.ts";

const PAGE = "docs/apt.md";
const HERE = "in a fresh root; test/e2e/fresh-root.test.ts";
const HELLO = "scripts/debs/hello_2.10-3_amd64.deb";
/** A root with nothing but its own: this checkout where the page has it put, this Node, and a network that leads nowhere. */
const ENTER = String.raw`
set -eu
root=$1
mount --bind "$2" "$root/usr/lib/samebits"
: > "$root/usr/local/bin/node" && mount --bind "$3" "$root/usr/local/bin/node"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
ip link set lo up
shift 3
exec chroot "$root" env -i HOME=/root LC_ALL=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive "$@"
`;

test("a fresh root, from installation to a refused package", { skip: why(), timeout: 300_000 }, async () => {
  const root = await freshRoot();
  const steps = blocksOf(PAGE, readPage(PAGE))
    .filter(({ notRun }) => notRun === HERE)
    .flatMap(stepsOf);
  assert.ok(steps.length >= 10, "the page's commands are found");
  const inside = ["bash", "-c", LOOP, "bash", ...steps.map(({ command }) => command)];
  const namespaces = ["--mount", "--net", "--pid", "--ipc", "--uts", "--fork", "--kill-child"];
  const child = spawn(
    "unshare",
    [...namespaces, "sh", "-c", `exec 2>&1\n${ENTER}`, "sh", root, TOP, process.execPath, ...inside],
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
});

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

/** Debian as mmdebstrap makes it, and a repository in which `hello` is: nothing is fetched. */
async function freshRoot(): Promise<string> {
  const root = join(await newFolder(), "root");
  await mkdir(root);
  const unpacked = await run("tar", ["--numeric-owner", "--exclude=./dev/*", "-C", root, "-xf", BASE]);
  assert.equal(unpacked.code, 0, unpacked.output);
  await mkdir(join(root, "usr/lib/samebits"));
  await mkdir(join(root, "archive"));
  await copyFile(join(TOP, HELLO), join(root, "archive", basename(HELLO)));
  for (const list of globSync("etc/apt/sources.list*", { cwd: root }))
    await rm(join(root, list), { recursive: true });
  await writeFile(join(root, "etc/apt/sources.list"), "deb [trusted=yes] file:/archive ./\n");
  const index = "cd /archive && dpkg-scanpackages . > Packages 2> /dev/null && apt-get update";
  const updated = await run("chroot", [root, "sh", "-c", index]);
  assert.equal(updated.code, 0, updated.output);
  return root;
}

function why(): string | false {
  if (process.getuid?.() !== 0) return "needs root: it has a root of its own";
  if (!existsSync(join(TOP, HELLO))) return `${HELLO} is not there: scripts/debian.sh brings it`;
  return whyNoBase() ?? lacks("unshare", "chroot", "tar", "ip");
}
