/** Repositories, and names in them, that are made so that git takes one thing for another: none of it is signed, run, or taken for a branch. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { before, test } from "node:test";
import { NOTES_REF } from "../../../client/git/index.ts";
import { NAMED, Repositories } from "../cli/repositories.ts";
import { setVariable } from "../cli/run.ts";
import type { Ran } from "../cli/run.ts";
import { lacks } from "../../programs.ts";

const skip = lacks("git");
let all: Repositories;

const at = (name: string): string => all.at(name);
const git = (name: string, ...args: readonly string[]): Promise<string> => all.git(name, ...args);
const commit = (name: string, ...args: readonly string[]): Promise<string> =>
  git(name, ...NAMED, "commit", "--quiet", ...args);
const naming = (): string[] => ["--purl", "pkg:generic/tool@1.0", "--key", at("author.key")];
const attest = (name: string, ...args: readonly string[]): Promise<Ran> =>
  all.samebits(name, "attest", at("tool.bin"), ...naming(), "-o", "-", "--git", ...args);
const payloadOf = ({ out }: Ran): string =>
  Buffer.from(String((JSON.parse(out) as { payload: unknown }).payload), "base64").toString();

/** A commit, tagged `v9`, in which `path` is a submodule at `id`, with this `.gitmodules`. */
async function withSubmodule(name: string, path: string, id: string, modules: string): Promise<void> {
  await all.make(name);
  await writeFile(at(`${name}/.gitmodules`), modules);
  await git(name, "add", ".gitmodules");
  await git(name, "update-index", "--add", "--cacheinfo", `160000,${id},${path}`);
  await commit(name, "-m", "with a submodule");
  await git(name, "tag", "v9");
}

const MODULES = '[submodule "lib"]\n\tpath = lib\n\turl = https://git.example.org/lib\n';

before(async () => {
  if (skip !== false) return;
  all = await Repositories.open("author");
  await writeFile(at("tool.bin"), "bits");
});

test(
  "files that look like a bare repository are none, and their commands are not run",
  { skip },
  async () => {
    await withSubmodule("guise", "lib", "1".repeat(40), MODULES);
    await git("guise", "rm", "--quiet", "--cached", "lib");
    for (const name of ["objects/x", "refs/x"]) {
      await mkdir(at(`guise/lib/${name}`), { recursive: true });
      await writeFile(at(`guise/lib/${name}/kept`), "");
    }
    await writeFile(at("guise/lib/HEAD"), "ref: refs/heads/x\n");
    const config = [
      "[core]\nrepositoryformatversion = 1\nbare = true",
      `sshCommand = "touch ${at("ran")}; false"`,
      '[extensions]\npartialClone = origin\n[remote "origin"]\nurl = ssh://x/y\npromisor = true\n',
    ];
    await writeFile(at("guise/lib/config"), config.join("\n"));
    await git("guise", "add", "--all");
    await commit("guise", "-m", "a folder now");
    const { code, err } = await attest("guise", "v9");
    assert.equal(existsSync(at("ran")), false, "what the repository says is run");
    assert.equal(code, 0, err);
    assert.match(err, /submodule lib is not checked out here/);
  },
);

test("what a clone has left out is not fetched", { skip }, async () => {
  await withSubmodule("partial", "lib", "5".repeat(40), MODULES);
  const blob = await git("partial", "rev-parse", "v9:.gitmodules");
  await rm(at(`partial/.git/objects/${blob.slice(0, 2)}/${blob.slice(2)}`), { force: true });
  const config = [
    ["core.repositoryFormatVersion", "1"],
    ["core.sshCommand", `touch ${at("fetched")}; false`],
    ["remote.origin.url", "ssh://x/y"],
    ["remote.origin.promisor", "true"],
    ["extensions.partialClone", "origin"],
  ] as const;
  for (const [key, value] of config) await git("partial", "config", key, value);
  const { err } = await attest("partial", "v9", "--git-dirty");
  assert.match(err, /git cannot say what submodules it has \[git\/no-object\]/);
  assert.equal(existsSync(at("fetched")), false);
});

test("a submodule is not looked for where a symbolic link leads", { skip }, async () => {
  await withSubmodule("other", "deep", "2".repeat(40), MODULES.replace("= lib", "= deep"));
  await withSubmodule("linked", "lib", await git("other", "rev-parse", "v9"), MODULES);
  await symlink(at("other"), at("linked/lib"));
  const ran = await attest("linked", "v9", "--git-dirty");
  assert.match(ran.err, /submodule lib is not checked out here/);
  assert.doesNotMatch(payloadOf(ran), /lib\/deep/);
});

test("a commit's .gitmodules says nothing that stands in other files of this machine", { skip }, async () => {
  await writeFile(at("private"), '[submodule "lib"]\nurl = https://inner.example.org/secret\n');
  const modules = `[submodule "lib"]\npath = lib//\n[include]\npath = ${at("private")}\n`;
  await withSubmodule("including", "lib", "3".repeat(40), modules);
  const payload = payloadOf(await attest("including", "v9", "--git-dirty"));
  assert.doesNotMatch(payload, /inner\.example/);
  assert.match(payload, /"name":"lib"/);
});

test("a path of a submodule without an end is refused at once", { skip }, async () => {
  const modules = `[submodule "lib"]\npath = ${"/".repeat(60_000)}x\nurl = https://git.example.org/lib\n`;
  await withSubmodule("long", "lib", "4".repeat(40), modules);
  const began = performance.now();
  const { err } = await attest("long", "v9", "--git-dirty");
  assert.match(err, /a submodule's path has more than 4096 octets \[git\/no-object\]/);
  assert.ok(performance.now() - began < 5_000);
});

test("attest --git-branch: what is no branch by its very name is none", { skip }, async () => {
  await all.make("names");
  await git("names", "tag", "refs/heads/next", "main");
  for (const name of ["next", "main~1", "main^0", "@{0}", "main@{0}", "../heads/main", "*", "-x"]) {
    const { err } = await attest("names", "v1", `--git-branch=${name}`);
    assert.match(err, /has no such branch \[git\/no-object\]/, name);
  }
  assert.equal((await attest("names", "v1", "--git-branch", "main")).code, 0);
});

test("git verify --branch: a tag that has the name of the branch is not it", { skip }, async () => {
  await all.make("shadowed");
  await git("shadowed", "update-ref", "refs/remotes/origin/far", "main");
  await git("shadowed", "checkout", "--quiet", "--detach");
  await commit("shadowed", "--allow-empty", "-m", "evil");
  for (const name of ["main", "heads/main", "refs/heads/main", "origin/far"])
    await git("shadowed", "tag", name, "HEAD");
  const on = async (reference: string, branch: string): Promise<unknown> => {
    const wanted = ["git", "verify", reference, "--branch", branch, "--json", "--key", at("author.pub")];
    return (await all.samebits("shadowed", ...wanted)).objects[0]?.["on_branch"];
  };
  for (const branch of ["main", "origin/far", "refs/heads/main"])
    assert.deepEqual([await on("v1", branch), await on("HEAD", branch)], [true, false], branch);
  for (const branch of ["main~0", "HEAD", "heads/main"])
    assert.equal(await on("v1", branch), undefined, branch);
});

test("git sign: a tag that has the name of the notes does not stand in their way", { skip }, async () => {
  await all.make("noted");
  await git("noted", "tag", NOTES_REF, "main");
  const { out } = await all.good("noted", "git", "sign", at("tool.bin"), "--ref", "v1", ...naming());
  assert.match(out, /: 1 envelope more$/m);
  assert.match((await all.good("noted", "git", "notes", "v1")).out, /^\{"payload"/);
});

test("changed files are seen from wherever the repository is named", { skip }, async () => {
  await all.make("far");
  await mkdir(at("aside"));
  await writeFile(at("far/a.c"), "int a;\n");
  await git("far", "add", "a.c");
  await commit("far", "-m", "three");
  const word = /no files of [0-9a-f]{12} are checked out here: that this commit was built is your word/;
  const inGit = await attest("far/.git", "HEAD");
  assert.match(inGit.err, word);
  assert.equal(inGit.code, 0);
  const release = [setVariable("GIT_DIR", at("far/.git")), setVariable("GIT_WORK_TREE", at("far"))];
  try {
    const clean = await attest("aside", "HEAD");
    assert.deepEqual([clean.code, word.test(clean.err)], [0, false], clean.err);
    await writeFile(at("far/a.c"), "int b;\n");
    assert.match((await attest("aside", "HEAD")).err, /a\.c: changed since the commit .*\[git\/dirty\]/);
  } finally {
    for (const undo of release) undo();
  }
});

test("the address of a remote is that which git makes of it, without who may use it", { skip }, async () => {
  await all.make("addressed");
  await git("addressed", "remote", "add", "origin", "gh:a/tool.git");
  await git("addressed", "config", "url.https://alice:secret@git.example.org/.insteadOf", "gh:");
  const payload = payloadOf(await attest("addressed", "v1"));
  assert.match(payload, /"git\+https:\/\/git\.example\.org\/a\/tool@/);
  assert.doesNotMatch(payload, /alice|secret|gh/);
});
