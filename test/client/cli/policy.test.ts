/** `samebits policy` on what a reader of docs/policy.md writes: which keys a rule is explained with, and how long a policy may be. */
import assert from "node:assert/strict";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import {
  ed25519Key,
  keyIdKha,
  keyIdPlain,
  parsePublicKey,
  publicFromSeed,
  readPolicy,
  rulesFor,
  toVkey,
} from "../../../protocol/index.ts";
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

const STARTERS = new URL("../../../client/cli/starters/", import.meta.url);
const KEYS = new URL("../../vectors/keys/", import.meta.url);
const GUIX = new URL("../../vectors/guix-sigs/", import.meta.url);

for (const [name, purl, key] of [
  ["debian", "pkg:deb/debian/hello@2.10-3?arch=amd64", "reproduce-debian-net-amd64.pub"],
  ["arch", "pkg:alpm/arch/filesystem@2025.10.12-1?arch=any", "reproducible-archlinux.pub"],
] as const) {
  test(`the starter policy for ${name} is good, only warns, and has the key that the instance serves`, async () => {
    const folder = await newFolder();
    const path = join(folder, "policy.toml");
    const made = await runCommand(["policy", "new", name, "-o", path, "--json"], folder);
    assert.equal(made.code, 0, made.err);
    const text = await readFile(path, "utf8");
    assert.equal(made.objects[0]?.["text"], text);
    const printed = await runCommand(["policy", "new", name], folder);
    assert.deepEqual([printed.code, printed.out], [0, text]);
    const again = await runCommand(["policy", "new", name, "-o", path], folder);
    assert.deepEqual([again.code, await readFile(path, "utf8")], [73, text], "what is there is left alone");
    assert.equal((await runCommand(["policy", "check", path])).code, 0);
    const policy = readPolicy(text);
    const rule = rulesFor(policy, purl)[0];
    assert.deepEqual([rule?.mode, policy.default.mode], ["warn", "warn"]);
    const served = parsePublicKey((await readFile(new URL(key, KEYS), "utf8")).trim());
    const [builder, ...others] = policy.builders.values();
    assert.deepEqual([others.length, builder?.keys.map(keyIdPlain)], [0, [keyIdPlain(served)]]);
    assert.ok(text.includes(keyIdKha(served).slice(0, 8)), "the key id in its comment is the key's");
    for (const word of ["source", "seen", "check"]) assert.match(text, new RegExp(`^#   ${word} `, "m"));
  });
}

test("the starter policy for bitcoin-core has the keys of those who signed 30.2, and asks for five of them", async () => {
  const { code, out, err } = await runCommand(["policy", "new", "bitcoin-core"]);
  assert.equal(code, 0, err);
  const policy = readPolicy(out);
  const [rule, ...more] = policy.rules;
  assert.deepEqual([rule?.mode, policy.default.mode, more.length], ["warn", "warn", 0]);
  assert.deepEqual(
    rule?.requirements.map(({ k, of, step }) => [k, "kind" in of && of.kind, step]),
    [[5, "role", "all"]],
  );
  assert.equal(rulesFor(policy, "pkg:generic/bitcoin-core/bitcoin@30.2")[0], rule);
  const signed = await readdir(new URL("30.2/", GUIX));
  const lower = (names: Iterable<string>): readonly string[] =>
    [...names].map((name) => name.toLowerCase().replace(/^b-/, "")).toSorted();
  assert.deepEqual(lower(policy.builders.keys()), lower(signed));
  const files = signed.map((name) => fileURLToPath(new URL(`builder-keys/${name}.gpg`, GUIX)));
  const { objects } = await runCommand(["import", "keys", ...files, "--json"]);
  for (const { builder, fingerprint, keys } of objects) {
    const theirs = (keys as readonly { readonly key: string }[]).map(({ key }) =>
      keyIdPlain(parsePublicKey(key)),
    );
    assert.deepEqual(policy.builders.get(String(builder))?.keys.map(keyIdPlain), theirs, String(builder));
    assert.ok(
      out.includes(`# ${String(fingerprint).toUpperCase()}, `),
      `${String(builder)}: where to compare`,
    );
  }
  for (const word of ["source", "seen", "check"]) assert.match(out, new RegExp(`^#   ${word} `, "m"));
  const example = readPolicy(
    await readFile(new URL("../../../docs/examples/bitcoin-core.toml", import.meta.url), "utf8"),
  );
  assert.deepEqual(
    [...policy.builders],
    [...example.builders],
    "it is the example of the documents, being rolled out",
  );
});

test("every starter policy is one that the command knows, and no others", async () => {
  const { code, err } = await runCommand(["policy", "new", "gentoo"]);
  assert.equal(code, 64);
  for (const file of await readdir(STARTERS)) assert.ok(err.includes(file.replace(".toml", "")), err);
});

test("check says of which revoked keys nothing can count", async () => {
  const path = join(await newFolder(), "policy.toml");
  await writeFile(path, POLICY.replace(/key = ("deb.*")/, 'key = { key = $1, revoked = "2026-10-01" }'));
  const { code, err } = await runCommand(["policy", "check", path]);
  assert.equal(code, 0);
  assert.match(err, /a key of deb is revoked, and the policy names no witness/);
  const { objects } = await runCommand(["policy", "check", path, "--json"]);
  assert.deepEqual(objects[0]?.["unprovable"], ["deb"]);
});

test("a source whose statement gets too old with results is told of by check, and who states it is named by explain", async () => {
  const path = join(await newFolder(), "policy.toml");
  const withSource = (age: string): string =>
    POLICY.replace(
      'of = "deb" }',
      `of = "deb" }\nmax_attestation_age = "52w"\nsource = { k = 1, of = "arch"${age} }`,
    );
  await writeFile(path, withSource(""));
  const { err } = await runCommand(["policy", "check", path]);
  assert.match(err, /^rule "debian": what is stated of a source is too old after max_attestation_age/m);
  const { objects } = await runCommand(["policy", "check", path, "--json"]);
  assert.deepEqual(objects[0]?.["agingSources"], ["debian"]);
  const purl = "pkg:deb/debian/hello@1?arch=all";
  const { out } = await runCommand(["policy", "explain", purl, "--policy", path]);
  assert.equal(out.split("Key ids:\n")[1], `  deb  ${keyId(1)}\n  arch  ${keyId(2)}\n`);
  for (const age of ["none", "52w"]) {
    await writeFile(path, withSource(`, max_attestation_age = "${age}"`));
    assert.equal((await runCommand(["policy", "check", path])).err, "");
  }
});

test("a policy file that is given to explain is explained itself, as it is with --policy", async () => {
  const path = join(await newFolder(), "policy.toml");
  await writeFile(path, POLICY);
  const { code, out } = await runCommand(["policy", "explain", path]);
  assert.deepEqual([code, out], [0, (await runCommand(["policy", "explain", "--policy", path])).out]);
  assert.match(out, /^2 builders:\n/);
});

test("exceptions are counted by check, those that have expired are named, and explain shows those for a package", async () => {
  const exception = (name: string, until: string): string =>
    `[[exceptions]]\nname = "${name}"\nmatch = "pkg:deb/debian/hello"\nversion = "1"\nuntil = "${until}"\nreason = "${name}"\n`;
  const path = join(await newFolder(), "policy.toml");
  await writeFile(path, `${POLICY}${exception("old", "2001-01-01")}${exception("new", "9999-01-01")}`);
  const { code, out, err } = await runCommand(["policy", "check", path]);
  assert.equal(code, 0);
  assert.match(out, /2 rules, 2 exceptions, SHA-256/);
  assert.match(err, /the exception "old" has expired/);
  assert.doesNotMatch(err, /"new"/);
  const { objects } = await runCommand(["policy", "check", path, "--json"]);
  assert.deepEqual([objects[0]?.["exceptions"], objects[0]?.["expired"]], [["old", "new"], ["old"]]);
  const explained = async (purl: string): Promise<string> =>
    (await runCommand(["policy", "explain", purl, "--policy", path])).out;
  assert.match(
    await explained("pkg:deb/debian/hello@1?arch=all"),
    /^Exception "new": pkg:deb\/debian\/hello 1 is let by/m,
  );
  assert.doesNotMatch(await explained("pkg:deb/debian/hello@2?arch=all"), /Exception/);
});

async function checked(path: string, policy: string): Promise<string> {
  await writeFile(path, policy);
  return (await runCommand(["policy", "check", path])).out;
}
