/** docs/verify-by-hand.sh as the shells of small systems run it. */
import { execFile, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { toSpkiPem } from "../../protocol/index.ts";
import { keyOf, PURL, TOOL } from "../client/cli/stage.ts";
import type { Member } from "../client/cli/stage.ts";
import { newFolder } from "../node/folder.ts";
import { missingOf } from "../programs.ts";
import { TOP } from "./markdown.ts";

export const SCRIPT: string = join(TOP, "docs/verify-by-hand.sh");
const BUSYBOX = "busybox";

export interface Shell {
  readonly name: string;
  readonly argv: readonly [string, ...string[]];
  readonly path: string | undefined;
}

/** Those of the smallest systems; with busybox, its awk, sed, od, dd and tr too. */
export async function shells(): Promise<readonly Shell[]> {
  const plain = missingOf(["dash"]).length === 0 ? "dash" : "sh";
  const found: Shell[] = [{ name: plain, argv: [plain], path: process.env["PATH"] }];
  if (missingOf([BUSYBOX]).length === 0) {
    const applets = await newFolder();
    spawnSync(BUSYBOX, ["--install", "-s", applets]);
    const path = `${applets}${delimiter}${process.env["PATH"]}`;
    found.push({ name: "busybox sh", argv: [BUSYBOX, "sh"], path });
  }
  return found;
}

/** The exit status of the script, in a folder with the file. */
export async function byHand(
  shell: Shell,
  folder: string,
  bytes: Uint8Array,
  keys: readonly Member[],
  k: number,
): Promise<{ readonly status: number; readonly text: string }> {
  writeFileSync(join(folder, "by-hand.bundle"), bytes);
  const files = keys.map((who) => {
    const name = `${who.name}.pub`;
    writeFileSync(join(folder, name), toSpkiPem(keyOf(who).key));
    return name;
  });
  const [program, ...first] = shell.argv;
  const argv = [...first, SCRIPT, "by-hand.bundle", TOOL.file, PURL, String(k), ...files];
  const options = { cwd: folder, env: { ...process.env, PATH: shell.path } };
  return new Promise((resolve) => {
    execFile(program, argv, options, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : Number(error.code), text: stdout + stderr });
    });
  });
}
