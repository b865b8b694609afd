/** Tags and commits that git signed, from `attest --git` to `verify` by a policy that asks for them: it says of each what `git verify-tag` says. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { readCertificate } from "../../../client/keys/index.ts";
import { toBase64 } from "../../../protocol/index.ts";
import { runCommand, setVariable } from "../cli/run.ts";
import type { Ran } from "../cli/run.ts";
import { newFolder } from "../../node/folder.ts";
import { lacks } from "../../programs.ts";

const run = promisify(execFile);
const skip = lacks("git", "gpg", "gpgconf", "ssh-keygen");
const BUILDERS = ["one", "two"] as const;
let folder = "";
let home = "";
const at = (...names: readonly string[]): string => join(folder, ...names);
const bySsh = (name: string): readonly string[] => [
  "-c",
  "gpg.format=ssh",
  "-c",
  `user.signingKey=${at(name)}`,
];

async function git(where: string, ...args: readonly string[]): Promise<string> {
  return (await run("git", ["-C", at(where), ...args])).stdout.trim();
}

/** Whether git itself takes a tag, or a commit, for signed by a key of those in `allowed` or in GnuPG's ring. */
async function gitAgrees(where: string, name: string, format: string): Promise<boolean> {
  const kind = await git(where, "cat-file", "-t", name);
  const how = ["-c", `gpg.ssh.allowedSignersFile=${at("allowed")}`, "-c", `gpg.format=${format}`];
  return git(where, ...how, `verify-${kind}`, name).then(
    () => true,
    () => false,
  );
}

/** Both builders attest the file from these references; the policy asks for `source`. */
async function verified(
  where: string,
  references: readonly string[],
  source: string,
  keys: readonly string[],
): Promise<Record<string, unknown>> {
  const out = await newFolder();
  const purl = ["--purl", "pkg:generic/tool@1.0"];
  const said: Ran[] = [];
  const before = process.cwd();
  process.chdir(at(where));
  try {
    for (const [index, name] of BUILDERS.entries())
      // The second names the commit only: one who brings the tags is enough.
      said.push(
        await runCommand(
          [
            "attest",
            at("file"),
            ...purl,
            "--key",
            at(`${name}.key`),
            "-o",
            out,
            "--git",
            ...(index === 0 ? references : [`${references[0] ?? ""}^{commit}`]),
          ],
          home,
        ),
      );
  } finally {
    process.chdir(before);
  }
  for (const { code, err } of said) assert.equal(code, 0, err);
  const names = keys.map((_, index) => `m${index}`);
  const builders = [
    ...BUILDERS.map((name) => [name, "key"] as const),
    ...names.map((name) => [name, "none"] as const),
  ];
  const tables = await Promise.all(
    builders.map(async ([name, kind]) => {
      const key =
        kind === "key" ? await readFile(at(`${name}.pub`), "utf8") : (keys[names.indexOf(name)] ?? "");
      return `[builders.${name}]\nkey = ${JSON.stringify(key)}\n`;
    }),
  );
  const rule = `[[rules]]\nname = "tool"\nmatch = "pkg:generic/tool"\nrequire = { k = 2, of = ["one", "two"] }\nsource = { ${source.replace("MAINTAINERS", JSON.stringify(names))} }\n`;
  await writeFile(join(out, "policy.toml"), `version = 1\n${tables.join("")}${rule}`);
  const bundles = (await readdir(out))
    .filter((name) => name.endsWith(".jsonl"))
    .map((name) => join(out, name));
  const ran = await runCommand(
    [
      "verify",
      at("file"),
      ...purl,
      "--policy",
      join(out, "policy.toml"),
      "--offline",
      "--json",
      "--bundle",
      ...bundles,
    ],
    await newFolder(),
  );
  return ran.objects[0] ?? assert.fail(ran.err);
}

/** Tags and commits that count, by name. */
function counted({ signed }: Record<string, unknown>): readonly string[] {
  const { objects } = signed as {
    readonly objects: readonly { readonly tag: string | null; readonly reason: string | null }[];
  };
  return objects.flatMap(({ tag, reason }) => (reason === null ? (tag ?? "commit") : [])).toSorted();
}

let gpg = "";
let ssh = "";

before(async () => {
  if (skip !== false) return;
  folder = await newFolder();
  home = await newFolder();
  await mkdir(at("gnupg"), { mode: 0o700 });
  await writeFile(at("config"), "[user]\nname = A\nemail = a@example.org\n[init]\ndefaultBranch = main\n");
  setVariable("GNUPGHOME", at("gnupg"));
  setVariable("GIT_CONFIG_GLOBAL", at("config"));
  setVariable("GIT_CONFIG_SYSTEM", "/dev/null");
  await writeFile(at("file"), "a tool\n");
  for (const name of BUILDERS) await runCommand(["keygen", name, "--out", folder], home);
  for (const name of ["ssh", "other"])
    await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "a@example.org", "-f", at(name)]);
  ssh = (await readFile(at("ssh.pub"), "utf8")).trim();
  await writeFile(at("allowed"), `a@example.org namespaces="git" ${ssh}\n`);
  const quick = ["--batch", "--quiet", "--passphrase", "", "--quick-generate-key"];
  await run("gpg", [...quick, "A <a@example.org>", "ed25519", "sign", "never"]);
  await run("gpg", ["--batch", "--armor", "--output", at("gpg.asc"), "--export", "a@example.org"]);
  const [key] = (await readCertificate(new Uint8Array(await readFile(at("gpg.asc"))))).keys;
  gpg = `openpgp:${toBase64(key?.raw ?? assert.fail())}`;
  for (const [name, how] of [
    ["tool", "sha1"],
    ["long", "sha256"],
  ] as const) {
    await mkdir(at(name));
    await git(name, "init", "--quiet", `--object-format=${how}`);
    await git(name, "commit", "--quiet", "--allow-empty", "-m", "one");
    await git(name, "checkout", "--quiet", "-b", "side");
    await git(name, "commit", "--quiet", "--allow-empty", "-m", "aside");
    await git(name, "checkout", "--quiet", "main");
    await git(name, "commit", "--quiet", "--allow-empty", "-m", "two");
    await git(name, ...bySsh("ssh"), "merge", "--quiet", "--no-ff", "-S", "-m", "merge", "side");
    await git(name, ...bySsh("ssh"), "tag", "-s", "-m", "reviewed", "v1.0-review");
    await git(name, ...bySsh("other"), "tag", "-s", "-m", "by somebody", "v1.0-other");
    await git(name, "tag", "-s", "-m", "v1.0", "v1.0");
    await git(name, "tag", "-a", "-m", "by nobody", "v1.0-plain");
  }
});

after(async () => {
  if (skip === false) await run("gpgconf", ["--kill", "all"]);
});

for (const where of ["tool", "long"])
  test(`signed sources: in ${where}, what git says of each tag and of a merge`, { skip }, async () => {
    const tags = ["v1.0", "v1.0-review", "v1.0-other", "v1.0-plain"];
    const verdict = await verified(
      where,
      tags,
      'signed = { k = 2, of = MAINTAINERS }, tag = ["v{version}", "v{version}-review", "v{version}-other", "v{version}-plain"]',
      [gpg, ssh],
    );
    assert.equal(verdict["verdict"], "reproduced");
    const agreed: string[] = [];
    for (const tag of tags)
      if ((await gitAgrees(where, tag, "openpgp")) || (await gitAgrees(where, tag, "ssh"))) agreed.push(tag);
    assert.deepEqual(counted(verdict), agreed.toSorted());
    assert.deepEqual(agreed, ["v1.0", "v1.0-review"]);
    assert.equal(verdict["source"], `gitCommit:${await git(where, "rev-parse", "HEAD")}`);
    // The merge itself is signed too; without it and the review there is one of two.
    const merge = await verified(where, ["v1.0"], "signed = { k = 2, of = MAINTAINERS }", [gpg, ssh]);
    assert.deepEqual([merge["verdict"], counted(merge)], ["reproduced", ["commit", "v1.0"]]);
    assert.ok(await gitAgrees(where, "HEAD", "ssh"));
    const short = await verified(
      where,
      ["v1.0", "v1.0-other"],
      'signed = { k = 2, of = MAINTAINERS }, tag = "v{version}"',
      [gpg, ssh],
    );
    assert.deepEqual([short["verdict"], counted(short)], ["pending", ["v1.0"]]);
    assert.match(String(short["next"]), /when m1 has signed a tag v1\.0 of the commit/);
  });
