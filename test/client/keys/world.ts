/** A folder of its own for tests of keys that are not in files, and the command run in it. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { utf8 } from "../../../protocol/index.ts";
import { ClientError } from "../../../client/index.ts";
import { LAUNCHER } from "../../built.ts";
import { assertPrinted } from "../../json-schemas.ts";

const run = promisify(execFile);

export const STATEMENT: Uint8Array = utf8(
  JSON.stringify({
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: "tool.bin", digest: { sha256: "a".repeat(64) } }],
    predicateType: "https://in-toto.io/attestation/link/v0.3",
    predicate: { name: "rebuild", materials: [] },
  }),
);
export const PURL = "pkg:generic/tool@1.0";

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface World {
  readonly folder: string;
  /** Runs a command with `--json`, whose output is held against its schema. */
  samebits(...args: readonly string[]): Promise<Ran>;
  /** Arguments that judge `tool.bin` by a policy of one builder, the key's. */
  judging(key: string): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** Why a test is skipped for want of programs; false where all are here. */
export function lacks(...programs: readonly string[]): string | false {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const missing = programs.filter((program) => !folders.some((folder) => existsSync(join(folder, program))));
  return missing.length === 0 ? false : `not installed: ${missing.join(", ")}`;
}

export async function openWorld(): Promise<World> {
  // Sockets have short names.
  const folder = await mkdtemp(join(tmpdir(), "keys-"));
  await writeFile(join(folder, "tool.bin"), "bits");
  return {
    folder,
    samebits: (...args) => samebits(folder, args),
    async judging(key) {
      const policy = join(folder, "policy.toml");
      const rule = `[[rules]]\nname = "tools"\nmatch = "pkg:generic/*"\nrequire = { k = 1, of = ["tu"] }\n`;
      await writeFile(policy, `version = 1\n[builders.tu]\nkey = ${JSON.stringify(key)}\n${rule}`);
      return ["verify", "tool.bin", "--purl", PURL, "--policy", policy, "--offline"];
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

export async function refused(work: Promise<unknown>, code: string, words: RegExp): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(error instanceof ClientError);
    assert.equal(error.code, code);
    assert.match(error.message, words);
    return true;
  });
}

async function samebits(folder: string, args: readonly string[]): Promise<Ran> {
  const own = { XDG_CONFIG_HOME: join(folder, "none"), SAMEBITS_NETWORK: "test", NO_COLOR: "1" };
  const options = { env: { ...process.env, ...own }, cwd: folder };
  const all = [...args, "--json"];
  const ran = await run(process.execPath, [LAUNCHER, ...all, "--data", join(folder, "data")], options).then(
    ({ stdout, stderr }) => ({ code: 0, out: stdout, err: stderr }),
    (error: { code: number; stdout: string; stderr: string }) => {
      return { code: error.code, out: error.stdout, err: error.stderr };
    },
  );
  assertPrinted(all, ran);
  return ran;
}
