/** Commits and tags that git made, with signatures of GnuPG's and OpenSSH's: who signed them, and what is refused. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  concat,
  fromUtf8,
  gitId,
  gitSigners,
  parseGitCommit,
  parseGitTag,
  parsePublicKey,
  readSshSignature,
  sameKey,
  utf8,
  verifySshSignature,
} from "../../../protocol/index.ts";
import type { GitCommit, GitTag, PublicKey } from "../../../protocol/index.ts";
import { readCertificate } from "../../../client/keys/index.ts";

const read = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../../vectors/git/${name}`, import.meta.url)));
const SSH_LINE = fromUtf8(read("allowed_signers")).trim().split(" ").slice(2).join(" ");
const ssh = parsePublicKey(SSH_LINE);
const [gpg] = (await readCertificate(read("spike-builder.pub.asc"))).keys;
assert.ok(gpg !== undefined);
const KEYS: readonly PublicKey[] = [ssh, gpg];
const COMMIT = "6f87f6a63681cc08b5fe62c3fbe5cf50fecd5863";

async function signersOf({ signed }: GitTag | GitCommit, keys = KEYS): Promise<readonly PublicKey[]> {
  assert.ok(signed !== null);
  return gitSigners(signed, keys);
}

test("git: tags of GnuPG's and OpenSSH's, and a commit, are signed by whom git says", async () => {
  const [one, two] = [parseGitTag(read("tag-gpg-v1.txt")), parseGitTag(read("tag-ssh-v2.txt"))];
  assert.deepEqual([one.name, one.type, one.object], ["v1", "commit", COMMIT]);
  assert.equal(gitId(one), "30e4d09fd2e1f4fc2a8f2988f7d0e822a0e31c0d");
  assert.deepEqual(await signersOf(one), [gpg]);
  assert.deepEqual([two.name, gitId(two)], ["v2", "c9e71b0cc12c5a1f9eff20272af42d06a101fc47"]);
  assert.deepEqual(await signersOf(two), [ssh]);
  const commit = parseGitCommit(read("commit-gpg.txt"));
  assert.deepEqual(
    [gitId(commit), commit.tree, commit.parents],
    [COMMIT, "c49897f29f9819a0ab6850d7e22443508a1a29d5", []],
  );
  assert.deepEqual(await signersOf(commit), [gpg]);
});

test("git: no octet that is signed can be changed, and nobody else has signed it", async () => {
  const other = parsePublicKey(
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDa7l0ZpQLJQb1kSvFIgmYLr6OdVnz2dr0Qjz0eMb8kq other",
  );
  for (const name of ["tag-gpg-v1.txt", "tag-ssh-v2.txt"]) {
    const bytes = read(name);
    assert.deepEqual(await signersOf(parseGitTag(bytes), [other]), []);
    const end = fromUtf8(bytes).indexOf("-----BEGIN");
    for (let at = 0; at < end; at += 7) {
      const changed = bytes.with(at, (bytes[at] ?? 0) ^ 1);
      try {
        assert.deepEqual(await signersOf(parseGitTag(changed)), [], `octet ${at}`);
      } catch (error) {
        assert.equal((error as { code?: string }).code, "git/bad-object");
      }
    }
  }
  const commit = fromUtf8(read("commit-gpg.txt")).replace("\none\n", "\ntwo\n");
  assert.deepEqual(await signersOf(parseGitCommit(utf8(commit))), []);
});

test("git: objects of repositories that name by SHA-256 have ids of 64 digits", () => {
  const id = "ab".repeat(32);
  const commit = parseGitCommit(utf8(`tree ${id}\nparent ${id}\nauthor a <a> 1 +0000\n\nm\n`));
  assert.deepEqual([commit.hash, gitId(commit).length, commit.signed], ["sha256", 64, null]);
});

test("git: a commit of a repository by SHA-256 is signed by its own header, without either", () => {
  const id = "ab".repeat(32);
  const lines = [`tree ${id}`, "gpgsig -----BEGIN A", " x", "gpgsig-sha256 -----BEGIN B", " y", "", "m", ""];
  const { signed } = parseGitCommit(utf8(lines.join("\n")));
  assert.deepEqual(signed && [fromUtf8(signed.payload), fromUtf8(signed.signature)], [
    `tree ${id}\n\nm\n`,
    "-----BEGIN B\ny\n",
  ]);
});

test("git: what is no object of its kind is refused", () => {
  const id = "0".repeat(40);
  const tag = (...lines: readonly string[]): Uint8Array => utf8(lines.join("\n"));
  const good = [`object ${id}`, "type commit", "tag v1", "tagger a <a> 1 +0000", "", "m", ""];
  assert.equal(parseGitTag(tag(...good)).signed, null);
  const mark = "-----BEGIN SSH SIGNATURE-----";
  const faults: readonly Uint8Array[] = [
    tag(...good.slice(0, 4)),
    tag(...good.slice(1)),
    tag(`object ${id}`, ...good),
    tag(`object ${id.slice(1)}`, ...good.slice(1)),
    tag(`object ${id.toUpperCase().replaceAll("0", "A")}`, ...good.slice(1)),
    tag(good[0] ?? "", "type thing", ...good.slice(2)),
    tag("nothing", ...good),
    // A signed commit with headers of a tag in it, and any signed text with such lines, are no tags.
    tag(`tree ${id}`, "author a <a> 1 +0000", ...good),
    tag("Changes in 9.0, thanks to all", ...good),
    tag(...good.slice(0, 3), "note x", ...good.slice(3)),
    tag(good[0] ?? "", " goes on", ...good.slice(1)),
    tag(...[1, 0, 2, 3].map((at) => good[at] ?? ""), "", "m", ""),
    tag(...good, mark, "x", mark, ""),
    concat(tag(...good), new Uint8Array(1024 * 1024)),
  ];
  for (const fault of faults) assert.throws(() => parseGitTag(fault), { code: "git/bad-object" });
  assert.throws(() => parseGitCommit(tag(`tree ${id}`, `parent ${"0".repeat(64)}`, "", "")), {
    code: "git/bad-object",
  });
  for (const headers of [
    ["gpgsig a", "gpgsig b"],
    ["author a", `parent ${id}`],
  ])
    assert.throws(() => parseGitCommit(tag(`tree ${id}`, ...headers, "", "")), { code: "git/bad-object" });
  assert.throws(() => parseGitCommit(tag("author a", `tree ${id}`, "", "")), { code: "git/bad-object" });
});

test("git: a signature that is none, or of X.509, is said to be so; one for something else counts for nothing", async () => {
  const payload = utf8("object\n\nm\n");
  for (const signature of [
    "-----BEGIN SIGNED MESSAGE-----\nx\n",
    "-----BEGIN SSH SIGNATURE-----\n!\n",
    "-----BEGIN PGP SIGNATURE-----\n",
  ])
    await assert.rejects(async () => gitSigners({ payload, signature: utf8(signature) }, KEYS), {
      code: "git/bad-signature",
    });
  const { signed } = parseGitTag(read("tag-ssh-v2.txt"));
  assert.ok(signed !== null);
  const whole = readSshSignature(signed.signature);
  assert.equal(await verifySshSignature(whole, signed.payload), true);
  assert.equal(await verifySshSignature({ ...whole, namespace: "file" }, signed.payload), false);
});

test("git: keys of OpenSSH's are read, and what is none is refused", () => {
  assert.ok(sameKey(parsePublicKey(`${SSH_LINE.split(" ").slice(0, 2).join(" ")}\n`), ssh));
  const [, base64 = ""] = SSH_LINE.split(" ");
  for (const line of [`ssh-rsa ${base64}`, "ssh-ed25519 AAAA", `ssh-ed25519 ${base64}AAAA`, "ssh-ed25519 !"])
    assert.throws(() => parsePublicKey(line), { code: "key/bad-ssh" });
  assert.throws(
    () => readSshSignature(utf8("-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n")),
    {
      code: "ssh/bad-signature",
    },
  );
});
