/** A folder of its own in which layouts are made and steps are done, and the commands run in it: paths are relative to it. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { keyIdKha, parsePublicKey } from "../../../protocol/index.ts";
import { runCommand } from "../cli/run.ts";
import type { Ran } from "../cli/run.ts";

export class Yard {
  readonly folder: string;
  readonly #before: string;

  private constructor(folder: string) {
    this.folder = folder;
    this.#before = process.cwd();
    process.chdir(folder);
  }

  /** With key pairs of these names. */
  static async open(...names: readonly string[]): Promise<Yard> {
    const yard = new Yard(await mkdtemp(join(tmpdir(), "layout-")));
    for (const name of names) assert.equal((await yard.samebits("keygen", name)).code, 0);
    return yard;
  }

  at(name: string): string {
    return join(this.folder, name);
  }

  /** Runs a command, whatever it ends with. */
  async samebits(...argv: readonly string[]): Promise<Ran> {
    return runCommand(argv, this.at("home"));
  }

  /** Runs a command that must end well, with `--json`. */
  async done(...argv: readonly string[]): Promise<Record<string, unknown>> {
    const at = argv.indexOf("--");
    const line = at === -1 ? [...argv, "--json"] : [...argv.slice(0, at), "--json", ...argv.slice(at)];
    const ran = await this.samebits(...line);
    assert.equal(ran.code, 0, `${argv.join(" ")}: ${ran.out}${ran.err}`);
    return ran.objects.at(-1) ?? {};
  }

  /** The code with which a command must end, and its words. */
  async refused(exit: number, ...argv: readonly string[]): Promise<string> {
    const { code, err } = await this.samebits(...argv);
    assert.equal(code, exit, `${argv.join(" ")}: ${err}`);
    return err;
  }

  async write(name: string, text: string): Promise<string> {
    await mkdir(dirname(this.at(name)), { recursive: true });
    await writeFile(this.at(name), text);
    return name;
  }

  async json(name: string): Promise<Record<string, unknown>> {
    return JSON.parse(await readFile(this.at(name), "utf8")) as Record<string, unknown>;
  }

  /** The first 8 digits of the id by which links of a key are named. */
  async id8(name: string): Promise<string> {
    return keyIdKha(parsePublicKey(await readFile(this.at(`${name}.pub`), "utf8"))).slice(0, 8);
  }

  async close(): Promise<void> {
    process.chdir(this.#before);
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** A program's exit status, and all that it says. */
export function run(
  program: string,
  argv: readonly string[],
  cwd?: string,
): Promise<{ readonly code: number; readonly said: string }> {
  return new Promise((resolve) => {
    execFile(program, argv, { cwd }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      resolve({ code, said: stdout + stderr });
    });
  });
}
