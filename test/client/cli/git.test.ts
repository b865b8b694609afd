/** `samebits git verify` in a real repository, beside git itself: what it says of signatures by GnuPG's and OpenSSH's keys. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { concat, ed25519Key, publicFromSeed, toSpkiPem } from "../../../protocol/index.ts";
import { newFolder } from "../../node/folder.ts";
import { lacks } from "../../programs.ts";
import { runCommand } from "./run.ts";
import type { Ran } from "./run.ts";

const run = promisify(execFile);
const skip = lacks("git", "gpg", "gpgconf", "ssh-keygen");
let folder = "";

const at = (name: string): string => join(folder, name);
const env = (): NodeJS.ProcessEnv => ({
  ...process.env,
  GNUPGHOME: at("gnupg"),
  GIT_CONFIG_GLOBAL: at("gitconfig"),
  GIT_CONFIG_SYSTEM: "/dev/null",
});

async function git(...args: readonly string[]): Promise<string> {
  const { stdout } = await run("git", ["-C", at("repository"), ...args], { env: env() });
  return stdout.trim();
}

/** Whether git itself takes it for signed. */
async function gitAgrees(reference: string, format: string): Promise<boolean> {
  const allowed = ["-c", `gpg.ssh.allowedSignersFile=${at("allowed")}`, "-c", `gpg.format=${format}`];
  return git(...allowed, "verify-tag", reference).then(
    () => true,
    () => false,
  );
}

async function verify(...args: readonly string[]): Promise<Ran> {
  const before = process.cwd();
  process.chdir(at("repository"));
  try {
    return await runCommand(["git", "verify", ...args]);
  } finally {
    process.chdir(before);
  }
}

before(async () => {
  if (skip !== false) return;
  folder = await newFolder();
  await mkdir(at("gnupg"), { mode: 0o700 });
  await mkdir(at("repository"));
  await writeFile(at("gitconfig"), "[user]\nname = A\nemail = a@example.org\n[init]\ndefaultBranch = main\n");
  for (const name of ["ssh", "other"])
    await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "a@example.org", "-f", at(name)]);
  const { stdout: line } = await run("cat", [at("ssh.pub")]);
  await writeFile(at("allowed"), `a@example.org namespaces="git" ${line}`);
  const how = ["--batch", "--quiet", "--passphrase", ""];
  await run("gpg", [...how, "--quick-generate-key", "A <a@example.org>", "ed25519", "sign", "never"], {
    env: env(),
  });
  await run("gpg", ["--batch", "--armor", "--output", at("gpg.asc"), "--export", "a@example.org"], {
    env: env(),
  });
  await git("init", "--quiet");
  await git("commit", "--quiet", "--allow-empty", "-m", "one");
  await git("tag", "-s", "-m", "v1", "v1");
  const bySsh = ["-c", "gpg.format=ssh", "-c", `user.signingKey=${at("ssh")}`];
  await git(...bySsh, "tag", "-s", "-m", "reviewed", "v1-review");
  await git("tag", "-a", "-m", "unsigned", "v1-plain");
  await git("checkout", "--quiet", "-b", "other");
  await git(...bySsh, "commit", "--quiet", "-S", "--allow-empty", "-m", "two");
  await git(...bySsh, "tag", "-s", "-m", "v2", "v2");
});

after(async () => {
  if (skip === false) await run("gpgconf", ["--kill", "all"], { env: env() });
});

test("git verify: signed by those who have to, as git says", { skip }, async () => {
  const commit = await git("rev-parse", "main");
  assert.deepEqual([await gitAgrees("v1", "openpgp"), await gitAgrees("v1-review", "ssh")], [true, true]);
  const one = await verify("v1", "--key", at("gpg.asc"));
  assert.equal(one.code, 0, one.err);
  assert.match(one.out, /tag v1 [0-9a-f]{40}\n {2}signed by .*gpg\.asc \([0-9a-f]{40}\)\n/);
  const both = await verify(
    "v1",
    "v1-review",
    "--branch",
    "main",
    "--json",
    "--key",
    at("gpg.asc"),
    at("ssh.pub"),
  );
  assert.equal(both.code, 0, both.err);
  const [said] = both.objects;
  assert.deepEqual([said?.["commits"], said?.["signed"], said?.["on_branch"]], [[commit], 2, true]);
  const head = await verify("other", "--key", at("ssh.pub"));
  assert.equal(head.code, 0, head.err);
});

test("git verify: signed by too few, or by others", { skip }, async () => {
  assert.equal(await gitAgrees("v1-plain", "openpgp"), false);
  for (const args of [
    ["v1-plain", "--key", at("gpg.asc")],
    ["v1", "--key", at("other.pub")],
    ["v1", "--key", at("gpg.asc"), at("ssh.pub")],
    ["--key", at("gpg.asc")],
  ]) {
    const { code, out, err } = await verify(...args);
    assert.equal(code, 2, out + err);
  }
  const some = await verify("v1", "--threshold", "1", "--key", at("gpg.asc"), at("other.pub"));
  assert.equal(some.code, 0, some.err);
});

test(
  "git verify: tags of two commits, or of one that is not on the branch, are a contradiction",
  { skip },
  async () => {
    const two = await verify("v1-review", "v2", "--key", at("ssh.pub"));
    assert.deepEqual([two.code, /NOT THE SAME: these are of 2 commits/.test(two.out)], [1, true]);
    const off = await verify("v2", "--branch", "main", "--key", at("ssh.pub"));
    assert.deepEqual([off.code, /NOT ON main/.test(off.out)], [1, true]);
    const json = await verify("v2", "--branch", "main", "--json", "--key", at("ssh.pub"));
    assert.equal(json.objects[0]?.["on_branch"], false);
  },
);

test(
  "git verify: of a file no git is needed, and what was changed in it is not signed",
  { skip },
  async () => {
    const bytes = `${await git("cat-file", "tag", "v1-review")}\n`;
    await writeFile(at("v1.tag"), bytes);
    await writeFile(at("changed.tag"), bytes.replace("reviewed", "rewritten"));
    const good = await verify("--object", at("v1.tag"), "--key", at("ssh.pub"));
    assert.equal(good.code, 0, good.err);
    assert.match(good.out, new RegExp(await git("rev-parse", "v1-review")));
    assert.equal((await verify("--object", at("changed.tag"), "--key", at("ssh.pub"))).code, 2);
  },
);

test("git verify: what makes no sense, and what is not there", { skip }, async () => {
  const key = ["--key", at("ssh.pub")];
  const faults: readonly (readonly [readonly string[], string])[] = [
    [["v1"], "usage/bad-option"],
    [["v1", "--threshold", "2", ...key], "usage/bad-option"],
    [["v1", ...key, at("ssh.pub")], "usage/bad-option"],
    [["v1", "--object", at("v1.tag"), ...key], "usage/bad-option"],
    [["--branch", "main", "--object", at("v1.tag"), ...key], "usage/bad-option"],
    [["nothing", ...key], "git/no-object"],
    [["v1^{tree}", ...key], "git/no-object"],
    [["--object", at("gitconfig"), ...key], "git/bad-object"],
    [["v1", "--key", at("gitconfig")], "key/bad-file"],
  ];
  for (const [args, code] of faults) {
    const { err, code: status } = await verify(...args);
    assert.match(err, new RegExp(`\\[${code}\\]`), args.join(" "));
    assert.equal(status, code.startsWith("usage") ? 64 : code === "git/bad-object" ? 4 : 66, args.join(" "));
  }
});

test("one key in two guises is one holder's", { skip }, async () => {
  const raw = publicFromSeed(new Uint8Array(32).fill(3));
  const packet = concat(Uint8Array.of(4, 0, 0, 0, 1, 27), raw);
  await writeFile(at("pem.pub"), toSpkiPem(ed25519Key(raw)));
  await writeFile(at("openpgp.pub"), `openpgp:${Buffer.from(packet).toString("base64")}\n`);
  const twice = await verify("v1", "--key", at("pem.pub"), at("openpgp.pub"), "--threshold", "2");
  assert.equal(twice.code, 64, twice.out);
  assert.match(twice.err, /another file has this key too, and nobody counts twice/);
});
