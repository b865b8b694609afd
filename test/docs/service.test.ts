/** The unit of docs/examples/: systemd takes it as it stands, and what it starts is a bridge that works and ends when it is told to. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { atEnd } from "../at-end.ts";
import { LAUNCHER } from "../built.ts";
import { newFolder } from "../node/folder.ts";
import { startTestNode } from "../node/test-node.ts";
import { lacks } from "../programs.ts";
import { TOP } from "./markdown.ts";

const NAME = "samebits-import-rebuilderd@.service";
const UNIT = readFileSync(join(TOP, "docs/examples", NAME), "utf8");
const PROGRAM = "/usr/bin/samebits";
const RECORDED = join(TOP, "test/vectors/rebuilderd/api-0.28.0");
/** Of ten times systemd's figure, which has 96 for a unit that restricts nothing. */
const MOST_EXPOSED = 20;

test(
  "systemd finds no fault in it, and little that it is exposed to",
  { skip: lacks("systemd-analyze") },
  async () => {
    const folder = await newFolder();
    // The only thing in it that a machine may lack.
    await writeFile(join(folder, NAME), UNIT.replace(PROGRAM, process.execPath));
    const analyze = (
      ...args: readonly string[]
    ): { readonly status: number | null; readonly output: string } => {
      const ran = spawnSync("systemd-analyze", args, { encoding: "utf8" });
      return { status: ran.status, output: ran.stdout + ran.stderr };
    };
    const unit = join(folder, NAME);
    const verified = analyze("verify", unit);
    assert.deepEqual(verified, { status: 0, output: "" });
    const exposed = analyze("security", "--offline=true", "--no-pager", `--threshold=${MOST_EXPOSED}`, unit);
    assert.equal(exposed.status, 0, exposed.output);
  },
);

test("what it starts brings in what an instance has signed, and ends well when it is stopped", async () => {
  const dataDir = await newFolder();
  const node = await startTestNode({ dataDir, api: { listen: "127.0.0.1:0", public: false, hosts: [] } });
  const command = /^ExecStart=(.*)$/m.exec(UNIT)?.[1] ?? "";
  const [program, ...argv] = command
    .split(" ")
    .map((word) => word.replace(/^\$\{INSTANCE\}$/, RECORDED).replace("/var/lib/samebits", dataDir));
  assert.equal(program, PROGRAM);
  const started = spawn(process.execPath, [LAUNCHER, ...argv], {
    env: { ...process.env, SAMEBITS_API: node.api ?? "", SAMEBITS_NETWORK: "test", XDG_CONFIG_HOME: dataDir },
    stdio: "ignore",
  });
  atEnd(() => started.kill("SIGKILL"));
  const ended = once(started, "exit");
  const isBrought = async (): Promise<boolean> => ((await node.status()).own?.size ?? 0) > 0;
  while (started.exitCode === null && !(await isBrought()))
    await new Promise((resolve) => setTimeout(resolve, 50));
  started.kill("SIGTERM");
  assert.deepEqual(await ended, [0, null]);
  assert.ok(await isBrought());
});
