/** Commands of `samebits trust`, and a domain made with them. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { newFolder } from "../../node/folder.ts";
import { runCommand } from "./run.ts";
import type { Ran } from "./run.ts";
import { member, policyText } from "./stage.ts";

export const POLICY: string = policyText([member(1), member(2)], [], 2);
const folder = await newFolder();
export const at = (...names: string[]): string => join(folder, ...names);

/** Keys of owners; `safe` is encrypted. */
export async function makeKeys(): Promise<void> {
  await writeFile(at("passphrase"), "correct horse\n");
  for (const name of ["alice", "bob", "carol", "dave", "release", "team"])
    await good("keygen", name, "--out", folder);
  await good("keygen", "safe", "--out", folder, "--passphrase-file", at("passphrase"));
}

export async function good(...argv: string[]): Promise<Ran> {
  const ran = await runCommand(argv, folder);
  assert.equal(ran.code, 0, `${argv.join(" ")}: ${ran.out}${ran.err}`);
  return ran;
}

export async function json(...argv: string[]): Promise<Record<string, unknown>> {
  const { objects } = await good(...argv, "--json");
  return objects[0] ?? assert.fail(`${argv.join(" ")} printed nothing`);
}

export interface Signings {
  readonly signings: readonly { readonly signed: readonly string[]; readonly missing: readonly string[] }[];
}
export const counts = (object: Record<string, unknown>): readonly (readonly [number, number])[] =>
  (object as unknown as Signings).signings.map(({ signed, missing }) => [signed.length, missing.length]);

export const pubs = (...names: string[]): string[] => names.map((name) => at(`${name}.pub`));
export const key = (name: string): string[] => ["--key", at(`${name}.key`)];

/** A domain of three owners, two of whom sign, with targets by the key `release`. Answers its fingerprint. */
export async function begun(dir: string): Promise<string> {
  const root = await json(
    "trust",
    "init",
    dir,
    "--root-key",
    ...pubs("alice", "bob", "safe"),
    "--targets-key",
    ...pubs("release"),
  );
  await writeFile(join(dir, "targets/policy.toml"), POLICY);
  await json("trust", "release", dir);
  await json("trust", "sign", join(dir, "draft/targets.json"), ...key("release"));
  await json("trust", "sign", join(dir, "draft/1.root.json"), ...key("alice"));
  const last = await json("trust", "sign", join(dir, "draft/1.root.json"), ...key("bob"));
  assert.equal((last["published"] as unknown[]).length, 2);
  return String(root["fingerprint"]);
}
