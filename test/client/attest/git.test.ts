/** `samebits attest --git` in real repositories: what is recorded of commits, tags, branches and submodules, and what is refused. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { appendFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import { promisify } from "node:util";
import {
  gitId,
  MAX_RECORD_ENVELOPE_BYTES,
  parseAttestation,
  parseGitCommit,
  parseGitTag,
  sha256Hex,
  utf8,
} from "../../../protocol/index.ts";
import type { Claim, GitOctets } from "../../../protocol/index.ts";
import { runCommand, setVariable } from "../cli/run.ts";
import type { Ran } from "../cli/run.ts";
import { newFolder } from "../../node/folder.ts";
import { lacks } from "../../programs.ts";

const run = promisify(execFile);
const skip = lacks("git");
const at = (...names: readonly string[]): string => join(folder, ...names);
let folder = "";
let home = "";

async function git(where: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await run("git", ["-C", at(where), "-c", "protocol.file.allow=always", ...args]);
  return stdout.trim();
}

async function within<Value>(where: string, work: () => Promise<Value>): Promise<Value> {
  const before = process.cwd();
  process.chdir(at(where));
  try {
    return await work();
  } finally {
    process.chdir(before);
  }
}

function attest(where: string, ...args: readonly string[]): Promise<Ran> {
  const wanted = ["attest", at("file"), "--purl", "pkg:generic/tool@1.0", "--key", at("k.key"), "-o", "-"];
  return within(where, () => runCommand([...wanted, ...args], home));
}

function codeOf({ err }: Ran): string | undefined {
  return /\[([a-z/-]+)\]\n/.exec(err)?.[1];
}

async function claimOf(where: string, ...args: readonly string[]): Promise<Claim> {
  const { out, err, code } = await attest(where, "--git", ...args);
  assert.equal(code, 0, err);
  return parseAttestation(utf8(out.trim())).claims[0] ?? assert.fail();
}

/** Octets hash to the id that they stand beside. */
function assertProves({ kind, id, sha256, bytes }: GitOctets): void {
  assert.equal(gitId(kind === "tag" ? parseGitTag(bytes) : parseGitCommit(bytes)), id);
  assert.equal(sha256Hex(bytes), sha256);
}

async function newRepository(name: string, ...options: readonly string[]): Promise<void> {
  await mkdir(at(name));
  await git(name, "init", "--quiet", ...options);
  await git(name, "commit", "--quiet", "--allow-empty", "-m", "one");
}

before(async () => {
  if (skip !== false) return;
  folder = await newFolder();
  home = await newFolder();
  await writeFile(at("config"), "[user]\nname = A\nemail = a@example.org\n[init]\ndefaultBranch = main\n");
  setVariable("GIT_CONFIG_GLOBAL", at("config"));
  setVariable("GIT_CONFIG_SYSTEM", "/dev/null");
  await writeFile(at("file"), "a tool\n");
  await runCommand(["keygen", "k", "--out", folder], home);
  await newRepository("tool");
  await writeFile(at("tool", "a.c"), "int a;\n");
  await git("tool", "add", "a.c");
  await git("tool", "commit", "--quiet", "-m", "two");
  await git("tool", "tag", "-a", "-m", "v1", "v1");
  await git("tool", "tag", "-a", "-m", "reviewed", "v1-review");
  await git("tool", "tag", "v1-light");
});

test("attest --git: a commit, its tree and its tags, with octets that prove them", { skip }, async () => {
  const commit = await git("tool", "rev-parse", "HEAD");
  const claim = await claimOf("tool", "v1", "v1-review", "v1-light", "v1");
  assert.deepEqual([claim.source?.commit, claim.source?.tag, claim.source?.files], [commit, null, []]);
  const { objects, repository, branch, sha256 } = claim.git ?? assert.fail();
  assert.deepEqual([repository, branch], [null, null], "a repository without a remote has no address");
  for (const one of objects) assertProves(one);
  assert.deepEqual(
    objects.map(({ kind, id }) => [kind, id]),
    [
      ["commit", commit],
      ["tag", await git("tool", "rev-parse", "v1")],
      ["tag", await git("tool", "rev-parse", "v1-review")],
    ],
  );
  assert.equal(sha256, objects[0]?.sha256);
  const [bare, slsa] = [
    await claimOf("tool", "v1-light"),
    await claimOf("tool", "v1", "--predicate", "slsa"),
  ];
  assert.deepEqual([bare.source?.commit, slsa.git?.objects.length], [commit, 2]);
  assert.deepEqual([bare.inputs, slsa.inputs], [claim.inputs, claim.inputs], "tags are no further inputs");
});

test("attest --git: octets that are too many are left out, and that is told", { skip }, async () => {
  const long = "x".repeat(5_000);
  for (const name of ["long", "longer"]) await git("tool", "tag", "-a", "-m", long, name, "v1^{commit}");
  const { out, err } = await attest("tool", "--git", "long", "longer", "v1");
  assert.match(err, /the tag longer is too large to go along/);
  assert.ok(out.length > 9_000 && out.length < MAX_RECORD_ENVELOPE_BYTES, `${out.length} octets`);
  const [claim] = parseAttestation(utf8(out.trim())).claims;
  assert.deepEqual(
    claim?.git?.objects.map(({ kind }) => kind),
    ["commit", "tag", "tag"],
  );
});

test(
  "attest --git: the remote, never who may use it, and a branch of here or of there",
  { skip },
  async () => {
    await git(".", "clone", "--quiet", at("tool"), at("clone"));
    const urls = [
      ["https://alice:secret@git.example.org/tool.git?token=x", "https://git.example.org/tool"],
      ["git@git.example.org:a/tool.git", "ssh://git.example.org/a/tool"],
      ["ssh://alice@Git.Example.org:22/a/tool/", "ssh://git.example.org:22/a/tool"],
      [at("tool"), null],
    ] as const;
    for (const [url, told] of urls) {
      await git("clone", "remote", "set-url", "origin", url);
      const { out } = await attest("clone", "--git", "HEAD");
      const [claim] = parseAttestation(utf8(out.trim())).claims;
      assert.equal(claim?.git?.repository, told);
      const payload = Buffer.from(String(JSON.parse(out).payload), "base64").toString();
      assert.doesNotMatch(payload, /alice|secret|token|samebits-test/);
    }
    assert.equal(
      (await claimOf("clone", "HEAD", "--git-url", "https://git.example.org/fork.git")).git?.repository,
      "https://git.example.org/fork",
    );
    await git("clone", "checkout", "--quiet", "--detach");
    await git("clone", "branch", "--quiet", "-D", "main");
    assert.equal((await claimOf("clone", "HEAD", "--git-branch", "main")).git?.branch, "main");
    await git("clone", "commit", "--quiet", "--allow-empty", "-m", "mine");
    const off = await attest("clone", "--git", "HEAD", "--git-branch", "main");
    assert.match(off.err, /is not on main; nothing was signed/);
    assert.ok(codeOf(off) === "git/off-branch");
    assert.equal(off.code, 66);
    const none = await attest("clone", "--git", "HEAD", "--git-branch", "next");
    assert.match(none.err, /no such branch \[git\/no-object\]/);
  },
);

test("attest --git: a shallow clone has the commit, and says where its history ends", { skip }, async () => {
  await git(".", "clone", "--quiet", "--depth", "1", `file://${at("tool")}`, at("shallow"));
  await git("tool", "commit", "--quiet", "--allow-empty", "-m", "three");
  const commit = await git("shallow", "rev-parse", "HEAD");
  assert.equal((await claimOf("shallow", "HEAD", "--git-branch", "main")).source?.commit, commit);
  await git("shallow", "fetch", "--quiet", "--depth", "1");
  const off = await attest("shallow", "--git", commit, "--git-branch", "main");
  assert.equal(off.code, 0, "it is still on the branch here");
  await git("shallow", "checkout", "--quiet", "--detach", "origin/main");
  await git("shallow", "branch", "--quiet", "-D", "main");
  const cut = await attest("shallow", "--git", commit, "--git-branch", "main");
  assert.match(cut.err, /as far as this shallow clone goes: git fetch --unshallow/);
  assert.match(cut.err, /git\/off-branch/);
  await git("tool", "reset", "--quiet", "--hard", "v1");
});

test("attest --git: changed files are refused unless that is said, and then recorded", { skip }, async () => {
  const clean = await claimOf("tool", "v1");
  await writeFile(at("tool", "out.o"), "not known to git");
  assert.equal((await attest("tool", "--git", "v1")).code, 0);
  await appendFile(at("tool", "a.c"), "int b;\n");
  const refused = await attest("tool", "--git", "v1");
  assert.match(refused.err, /a\.c: changed since the commit .*nothing was signed/);
  assert.ok(codeOf(refused) === "git/dirty");
  assert.equal(refused.code, 66);
  const dirty = await claimOf("tool", "v1", "--git-dirty");
  assert.equal(dirty.source?.commit, null, "nobody's source");
  assert.notEqual(dirty.inputs, clean.inputs);
  assert.equal((await claimOf("tool", "v1-review", "--git-dirty")).inputs, dirty.inputs);
  const elsewhere = await attest("tool", "--git", "v1^");
  assert.match(
    elsewhere.err,
    /is checked out here, not [0-9a-f]{12}: that this commit was built is your word/,
  );
  assert.equal(elsewhere.code, 0);
  await git("tool", "checkout", "--quiet", "a.c");
});

test("attest --git: submodules and theirs, as far as they are checked out", { skip }, async () => {
  for (const name of ["inner", "outer", "whole"]) await newRepository(name);
  await git("outer", "submodule", "--quiet", "add", at("inner"), "in");
  await git("outer", "commit", "--quiet", "-m", "with inner");
  await git("whole", "submodule", "--quiet", "add", at("outer"), "lib/out");
  await git("whole", "config", "-f", ".gitmodules", "submodule.lib/out.url", "../outer");
  await git("whole", "commit", "--quiet", "-a", "-m", "with outer");
  const plain = await git("whole", "rev-parse", "HEAD");
  const materials = async (...args: readonly string[]): Promise<readonly Record<string, unknown>[]> => {
    const { out, err } = await attest("whole", "--git", "HEAD", ...args);
    assert.ok(out !== "", err);
    return JSON.parse(Buffer.from(String(JSON.parse(out).payload), "base64").toString()).predicate.materials;
  };
  const url = ["--git-url", "https://git.example.org/a/whole"];
  const outer = await git("outer", "rev-parse", "HEAD");
  const said = { samebits: { submodule: true } };
  const uri = `git+https://git.example.org/a/outer@${outer}`;
  const first = { name: "lib/out", uri, digest: { gitCommit: outer }, annotations: said };
  await git("whole", "submodule", "--quiet", "deinit", "--force", "--all");
  assert.deepEqual((await materials(...url)).slice(1), [first]);
  await git("whole", "submodule", "--quiet", "update", "--init", "--recursive");
  const inner = { name: "lib/out/in", digest: { gitCommit: await git("inner", "rev-parse", "HEAD") } };
  assert.deepEqual((await materials(...url)).slice(1), [first, { ...inner, annotations: said }]);
  const claim = await claimOf("whole", "HEAD");
  assert.equal(claim.source?.commit, plain, "a submodule is no further source");
  await git("whole/lib/out", "commit", "--quiet", "--allow-empty", "-m", "another");
  assert.match((await attest("whole", "--git", "HEAD")).err, /lib\/out: changed since .*\[git\/dirty\]/);
});

test("attest --git: merges, repositories that name by SHA-256, and bare ones", { skip }, async () => {
  await git("tool", "checkout", "--quiet", "-b", "side", "v1^");
  await git("tool", "commit", "--quiet", "--allow-empty", "-m", "aside");
  await git("tool", "merge", "--quiet", "--no-ff", "-m", "merge", "main");
  const merged = await claimOf("tool", "HEAD", "--git-branch", "side");
  for (const one of merged.git?.objects ?? []) assertProves(one);
  const octets = merged.git?.objects[0]?.bytes ?? assert.fail();
  assert.equal(parseGitCommit(octets).parents.length, 2);
  await git("tool", "checkout", "--quiet", "main");
  await newRepository("long", "--object-format=sha256");
  await git("long", "tag", "-a", "-m", "v1", "v1");
  const long = await claimOf("long", "v1");
  assert.equal(long.source?.commit?.length, 64);
  assert.equal(long.git?.objects.length, 2);
  for (const one of long.git?.objects ?? []) assertProves(one);
  await git(".", "clone", "--quiet", "--bare", at("tool"), at("bare"));
  assert.equal((await claimOf("bare", "v1")).inputs, (await claimOf("tool", "v1")).inputs);
});

test("attest --git: an object that git has in the stead of another one is not taken", { skip }, async () => {
  await newRepository("replaced");
  const commit = await git("replaced", "rev-parse", "HEAD");
  await git("replaced", "commit", "--quiet", "--amend", "--allow-empty", "-m", "another");
  await git("replaced", "replace", commit, "HEAD");
  const { git: said } = await claimOf("replaced", commit);
  assert.deepEqual([said?.objects[0]?.id, said?.objects[0]?.bytes.at(-2)], [commit, "e".charCodeAt(0)]);
});

test("attest --git: what makes no sense is refused", { skip }, async () => {
  const faults: readonly (readonly [readonly string[], RegExp])[] = [
    [["--git", "v1", "v1^"], /these are of 2 commits; one is what was built \[usage\/bad-option\]/],
    [["--git", "v1", "--git-url", "https://a:b@git.example.org/x"], /leave the user/],
    [["--git", "v1", "--git-url", "/srv/tool"], /--git-url \/srv\/tool: such as/],
    [["--git-branch", "main"], /say something of the commit that --git names/],
    [["--git", "nothing"], /git knows no such commit/],
    [["--git", "v1", "--predicate", "legacy-link"], /no place for a commit/],
    [["--git", "v1", "v1-review", "--predicate", "step-link"], /by one reference, and has no place for more/],
  ];
  for (const [args, why] of faults) {
    const { err, code } = await attest("tool", ...args);
    assert.match(err, why);
    assert.equal(code, 64, err);
  }
});
