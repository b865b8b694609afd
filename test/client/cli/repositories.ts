/** Repositories of git's, and the command run in them; nobody has told git a name. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { newFolder } from "../../node/folder.ts";
import { runCommand, setVariable } from "./run.ts";
import type { Ran } from "./run.ts";

const run = promisify(execFile);
export const NAMED = ["-c", "user.name=A", "-c", "user.email=a@example.org"] as const;

export class Repositories {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** A folder for them, with keys of these names. */
  static async open(...keys: readonly string[]): Promise<Repositories> {
    const all = new Repositories(await newFolder());
    setVariable("GIT_CONFIG_GLOBAL", all.at("gitconfig"));
    setVariable("GIT_CONFIG_SYSTEM", "/dev/null");
    setVariable("SAMEBITS_NETWORK", "test");
    for (const name of keys) {
      const { code, err } = await runCommand(["keygen", name, "--out", all.folder], all.folder);
      assert.equal(code, 0, err);
    }
    return all;
  }

  at(name: string): string {
    return join(this.folder, name);
  }

  /** What git says in a repository, without the end of the line. */
  async git(repository: string, ...args: readonly string[]): Promise<string> {
    return (await run("git", ["-C", this.at(repository), ...args])).stdout.trimEnd();
  }

  /** A repository with two commits, of which the first, that is returned, is tagged `v1`. */
  async make(name: string, ...how: readonly string[]): Promise<string> {
    await run("git", ["init", "--quiet", "-b", "main", ...how, this.at(name)]);
    for (const message of ["one", "two"])
      await this.git(name, ...NAMED, "commit", "--quiet", "--allow-empty", "-m", message);
    await this.git(name, ...NAMED, "tag", "-a", "-m", "v1", "v1", "main~1");
    return this.git(name, "rev-parse", "main~1");
  }

  /** Runs something in a repository. */
  async inside<Value>(repository: string, work: () => Promise<Value>): Promise<Value> {
    const before = process.cwd();
    process.chdir(this.at(repository));
    try {
      return await work();
    } finally {
      process.chdir(before);
    }
  }

  samebits(repository: string, ...args: readonly string[]): Promise<Ran> {
    return this.inside(repository, () => runCommand(args, this.folder));
  }

  async good(repository: string, ...args: readonly string[]): Promise<Ran> {
    const ran = await this.samebits(repository, ...args);
    assert.equal(ran.code, 0, ran.out + ran.err);
    return ran;
  }
}
