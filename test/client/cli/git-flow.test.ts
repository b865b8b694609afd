/**
 * The flow of docs/author.md with real git and keys of four kinds: the author's is GnuPG's, the reviewer's in an ssh-agent, one CI's in a file, the other
 * one's on a machine without a network. Each builds in a clone of its own; what they sign meets in the notes of the repository that they push to.
 */
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { NOTES_REF } from "../../../client/git/index.ts";
import { toOpenPgpLine } from "../../../protocol/index.ts";
import { openAnyKey } from "../../../client/keys/index.ts";
import { lacks } from "../../programs.ts";
import { NAMED, Repositories } from "./repositories.ts";
import { setVariable } from "./run.ts";
import type { Ran } from "./run.ts";

const run = promisify(execFile);
const skip = lacks("git", "gpg", "gpgconf", "ssh-agent", "ssh-add", "ssh-keygen", "openssl");
const PURL = "pkg:generic/tool@1.0";
const PARTIES = ["author", "reviewer", "ci-one", "ci-two"] as const;
type Party = (typeof PARTIES)[number];
let all: Repositories;
let agent: ChildProcess | null = null;
let author = "";
let reviewer = "";

/** Signs a tag of the author's with the author's key, or one of the reviewer's. */
const bySsh = (): string[] => ["-c", "gpg.format=ssh", "-c", `user.signingKey=${all.at("ssh.pub")}`];

async function makeKeys(): Promise<void> {
  await mkdir(all.at("gnupg"), { mode: 0o700 });
  setVariable("GNUPGHOME", all.at("gnupg"));
  const how = ["--batch", "--quiet", "--passphrase", "", "--quick-generate-key"];
  await run("gpg", [...how, "A <a@example.org>", "ed25519", "sign", "never"]);
  const { stdout } = await run("gpg", ["--batch", "--with-colons", "--list-keys", "a@example.org"]);
  author = `gpg:${/^fpr:+([0-9A-F]{40}):/m.exec(stdout)?.[1] ?? ""}`;
  const socket = all.at("agent");
  agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
  for (let i = 0; i < 500 && !existsSync(socket); i++) await sleep(20);
  setVariable("SSH_AUTH_SOCK", socket);
  await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", all.at("ssh")]);
  await run("ssh-add", ["-q", all.at("ssh")]);
  reviewer = `ssh-agent:${(await run("ssh-keygen", ["-l", "-f", all.at("ssh.pub")])).stdout.split(" ")[1] ?? ""}`;
}

before(async () => {
  if (skip !== false) return;
  all = await Repositories.open("ci-one", "ci-two", "silent");
  await makeKeys();
  const first = await all.make("origin");
  await all.git("origin", "config", "receive.denyCurrentBranch", "ignore");
  await all.git("origin", ...NAMED, "tag", "-s", "-m", "Release 1.0", "v1.0", first);
  await all.git("origin", ...NAMED, ...bySsh(), "tag", "-s", "-m", "Reviewed", "v1.0-review", first);
  await all.git("origin", ...NAMED, "tag", "-a", "-m", "Unsigned", "v1.1", first);
  await all.git("origin", ...NAMED, "tag", "-s", "-m", "Release 1.2", "v1.2", first);
  await writeFile(all.at("tool.tar"), "what all of them built");
  for (const party of PARTIES) await run("git", ["clone", "--quiet", all.at("origin"), all.at(party)]);
});

after(async () => {
  agent?.kill();
  if (skip === false) await run("gpgconf", ["--kill", "all"]);
});

/** What a party signs of the file that it built from these tags; every one pushes its notes, merged with what is there. */
async function signs(party: Party, refs: readonly string[], purl: string): Promise<void> {
  const what = ["git", "sign", all.at("tool.tar"), "--purl", purl, "--ref", ...refs, "--git-branch", "main"];
  const own = ["-o", all.at(`${party}-out`), "--data", all.at(`${party}-data`)];
  if (party === "ci-two") await fromAfar(what, own);
  else {
    const key = { author, reviewer, "ci-one": all.at("ci-one.key") }[party];
    await all.good(party, ...what, "--key", key, ...own);
  }
  const theirs = `${NOTES_REF}:refs/notes/theirs`;
  await all.git(party, "fetch", "--quiet", "origin", `+${theirs}`).catch(() => undefined);
  if ((await all.git(party, "for-each-ref", "refs/notes/theirs")) !== "")
    await all.git(party, ...NAMED, "notes", "--ref=samebits", "merge", "-q", "-s", "cat_sort_uniq", "theirs");
  await all.git(party, "push", "--quiet", "origin", NOTES_REF);
}

/** The key is elsewhere: what is to be signed goes there, and the signature comes back. */
async function fromAfar(what: readonly string[], own: readonly string[]): Promise<void> {
  const key = ["--key", all.at("ci-two.pub")];
  const { objects } = await all.good("ci-two", ...what, ...key, ...own, "--emit-unsigned", "--json");
  const unsigned = String(objects[0]?.["unsigned"]);
  const sig = all.at("ci-two.sig");
  await run("openssl", [
    "pkeyutl",
    "-sign",
    "-rawin",
    "-inkey",
    all.at("ci-two.key"),
    "-in",
    unsigned,
    "-out",
    sig,
  ]);
  await all.good("ci-two", "git", "sign", unsigned, "--attach", sig, ...key, "--data", all.at("ci-two-data"));
}

async function policy(operators: Readonly<Partial<Record<Party, string>>>): Promise<string> {
  const { key } = await openAnyKey(author);
  const keys: Readonly<Record<Party, string>> = {
    author: toOpenPgpLine(key),
    reviewer: (await readFile(all.at("ssh.pub"), "utf8")).trim(),
    "ci-one": await readFile(all.at("ci-one.pub"), "utf8"),
    "ci-two": await readFile(all.at("ci-two.pub"), "utf8"),
  };
  const builders = PARTIES.map(
    (party) =>
      `[builders.${party}]\nkey = ${JSON.stringify(keys[party])}\noperator = "${operators[party] ?? party}"\nroles = ["${party.split("-")[0] ?? ""}"]\n`,
  );
  // A party of whom nothing is here: without it, a policy in which parties share an operator could never be met.
  const silent = JSON.stringify(await readFile(all.at("silent.pub"), "utf8"));
  builders.push(`[builders.silent]\nkey = ${silent}\nroles = ["reviewer", "ci"]\n`);
  const asked = [
    ["author", 1],
    ["reviewer", 1],
    ["ci", 2],
  ].map(([role, k]) => `{ k = ${k}, of = "role:${role}", distinct = "operator" }`);
  const path = all.at("policy.toml");
  await writeFile(
    path,
    `version = 1\n${builders.join("")}[[rules]]\nname = "tool"\nmatch = "pkg:generic/tool"\nrequire = [${asked.join(", ")}]\n` +
      `source = { signed = { k = 1, of = ["author"] }, tag = "v{version}" }\n`,
  );
  return path;
}

/** What an installer gets, who has nothing but the origin's notes, the file and a policy. */
async function verdict(
  refs: readonly string[],
  purl: string,
  operators: Readonly<Partial<Record<Party, string>>> = {},
): Promise<Ran> {
  const notes = await all.good("origin", "git", "notes", ...refs);
  await writeFile(all.at("notes.jsonl"), notes.out);
  const how = [
    "--purl",
    purl,
    "--policy",
    await policy(operators),
    "--bundle",
    all.at("notes.jsonl"),
    "--offline",
    "--json",
  ];
  return all.samebits("origin", "verify", all.at("tool.tar"), ...how);
}

test(
  "author, reviewer and two CI agree on the file from the commit of a signed tag: reproduced",
  { skip },
  async () => {
    for (const party of PARTIES) await signs(party, ["v1.0", "v1.0-review"], PURL);
    const { code, out, objects } = await verdict(["v1.0"], PURL);
    assert.equal(code, 0, out);
    assert.deepEqual([objects[0]?.["verdict"], objects[0]?.["needed"]], ["reproduced", 4]);
  },
);

test("an author who is the reviewer too, or CI of one operator: pending", { skip }, async () => {
  for (const operators of [
    { reviewer: "author" },
    { "ci-one": "author" },
    { "ci-one": "forge", "ci-two": "forge" },
  ]) {
    const { code, out } = await verdict(["v1.0"], PURL, operators);
    assert.equal(code, 2, out);
  }
});

test("a tag that nobody who has to has signed: pending", { skip }, async () => {
  const purl = "pkg:generic/tool@1.1";
  for (const party of PARTIES) await signs(party, ["v1.1"], purl);
  const { code, out } = await verdict(["v1.1"], purl);
  assert.equal(code, 2, out);
});

test("one of them built from another commit: not reproduced", { skip }, async () => {
  const purl = "pkg:generic/tool@1.2";
  for (const party of PARTIES) await signs(party, [party === "ci-two" ? "main" : "v1.2"], purl);
  const { code, out } = await verdict(["v1.2", "main"], purl);
  assert.equal(code, 2, out);
});

test("what was built from changed files is refused, or noted as such at its commit", { skip }, async () => {
  await writeFile(all.at("ci-one/new"), "not committed");
  await all.git("ci-one", "add", "new");
  const sign = [
    "git",
    "sign",
    all.at("tool.tar"),
    "--purl",
    "pkg:generic/tool@2.0",
    "--key",
    all.at("ci-one.key"),
  ];
  const refused = await all.samebits("ci-one", ...sign);
  assert.deepEqual([refused.code, /\[git\/dirty\]/.test(refused.err)], [66, true], refused.err);
  const { objects } = await all.good("ci-one", ...sign, "--git-dirty", "--json");
  assert.equal(objects[1]?.["commit"], await all.git("ci-one", "rev-parse", "HEAD"));
});
