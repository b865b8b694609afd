/** A folder of its own for tests of keys that are not in files, and the command run in it. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { utf8 } from "../../../protocol/index.ts";
import { ClientError } from "../../../client/index.ts";
import { runCommand } from "../cli/run.ts";
import type { Ran } from "../cli/run.ts";

export const STATEMENT: Uint8Array = utf8(
  JSON.stringify({
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: "tool.bin", digest: { sha256: "a".repeat(64) } }],
    predicateType: "https://in-toto.io/attestation/link/v0.3",
    predicate: { name: "rebuild", materials: [] },
  }),
);
export const PURL = "pkg:generic/tool@1.0";

export interface World {
  readonly folder: string;
  /** A file of that folder. */
  at(name: string): string;
  /** Runs a command with `--json`, whose output is held against its schema. */
  samebits(...args: readonly string[]): Promise<Ran>;
  /** Arguments that judge `tool.bin` by a policy of one builder, the key's. */
  judging(key: string): Promise<readonly string[]>;
  close(): Promise<void>;
}

export async function openWorld(): Promise<World> {
  // Sockets have short names.
  const folder = await mkdtemp(join(tmpdir(), "keys-"));
  const at = (name: string): string => join(folder, name);
  await writeFile(at("tool.bin"), "bits");
  return {
    folder,
    at,
    samebits: (...args) => runCommand([...args, "--network", "test", "--json"], folder),
    async judging(key) {
      const policy = at("policy.toml");
      const rule = `[[rules]]\nname = "tools"\nmatch = "pkg:generic/*"\nrequire = { k = 1, of = ["tu"] }\n`;
      await writeFile(policy, `version = 1\n[builders.tu]\nkey = ${JSON.stringify(key)}\n${rule}`);
      return ["verify", at("tool.bin"), "--purl", PURL, "--policy", policy, "--offline"];
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
