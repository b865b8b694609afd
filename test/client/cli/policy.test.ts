/** `samebits policy` on what a reader of docs/policy.md writes: which keys a rule is explained with, and how long a policy may be. */
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { ed25519Key, keyIdPlain, publicFromSeed, toVkey } from "../../../protocol/index.ts";
import { newFolder } from "../../node/folder.ts";
import { runCommand } from "./run.ts";

const raw = (byte: number): Uint8Array => publicFromSeed(new Uint8Array(32).fill(byte));
const vkey = (name: string, byte: number): string => toVkey(name, raw(byte));
const keyId = (byte: number): string => keyIdPlain(ed25519Key(raw(byte)));
const POLICY = `version = 1
[builders.deb]
key = "${vkey("deb", 1)}"
[builders.arch]
key = "${vkey("arch", 2)}"
[[rules]]
name = "debian"
match = "pkg:deb/debian/*"
require = { k = 1, of = "deb" }
[[rules]]
name = "arch"
match = "pkg:alpm/arch/*"
require = { k = 1, of = "arch" }
`;

test("a rule is explained with the key ids of the builders that it counts, as keygen prints them, and of no others", async () => {
  const path = join(await newFolder(), "policy.toml");
  await writeFile(path, POLICY);
  for (const [purl, shown] of [
    ["pkg:deb/debian/hello@1?arch=all", `  deb  ${keyId(1)}`],
    ["pkg:alpm/arch/hello@1?arch=any", `  arch  ${keyId(2)}`],
  ] as const) {
    const { code, out } = await runCommand(["policy", "explain", purl, "--policy", path]);
    assert.deepEqual([code, out.split("Key ids:\n")[1]], [0, `${shown}\n`]);
  }
});

test("a policy of the configuration's folder may be as long as one that is named", async () => {
  const home = await newFolder();
  const folder = join(home, "config/samebits");
  const path = join(folder, "policy.toml");
  await mkdir(folder, { recursive: true });
  await writeFile(path, `${POLICY}# ${"x".repeat(300 * 1024)}\n`);
  for (const argv of [
    ["policy", "check", path],
    ["policy", "check"],
  ]) {
    const { code, out, err } = await runCommand(argv, home);
    assert.deepEqual([code, out.startsWith(`${path}: good`), err], [0, true, ""]);
  }
});

test("one rule is one rule, two are two rules", async () => {
  const path = join(await newFolder(), "policy.toml");
  const twoRules = await checked(path, POLICY);
  assert.match(twoRules, /: good; 2 builders, 2 rules, SHA-256 /);
  const oneRule = await checked(path, POLICY.slice(0, POLICY.lastIndexOf("[[rules]]")));
  assert.match(oneRule, /: good; 2 builders, 1 rule, SHA-256 /);
});

async function checked(path: string, policy: string): Promise<string> {
  await writeFile(path, policy);
  return (await runCommand(["policy", "check", path])).out;
}
