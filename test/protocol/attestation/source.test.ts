/** What a claim names as its source: the materials that say where the inputs came from. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { LINK_V03, repositoryOf } from "../../../protocol/attestation/index.ts";
import type { Claim, Source } from "../../../protocol/attestation/index.ts";
import { toBase64, toHex, utf8 } from "../../../protocol/bytes/index.ts";
import { MAX_GIT_OBJECTS, MAX_REPOSITORY_CHARS } from "../../../protocol/limits.ts";
import { digest, hello, readPayload } from "./made.ts";

type Json = Record<string, unknown>;

function claimOf(...materials: readonly Json[]): Claim {
  const subject = { name: hello.file, uri: hello.purl, digest: { sha256: toHex(digest("product")) } };
  const { claims } = readPayload({
    _type: "https://in-toto.io/Statement/v1",
    subject: [subject],
    predicateType: LINK_V03,
    predicate: { name: "rebuild", materials },
  });
  return claims[0] ?? assert.fail();
}

function sourceOf(...materials: readonly Json[]): Source | null {
  return claimOf(...materials).source;
}

test("source: the commit and the tag that the materials name", () => {
  const git = (commit: string, tag?: string): Json => ({
    name: "git",
    digest: { gitCommit: commit.repeat(40), ...(tag && { gitTag: tag.repeat(40) }) },
  });
  assert.deepEqual(sourceOf(git("a", "b")), { commit: "a".repeat(40), tag: "b".repeat(40), files: [] });
  assert.deepEqual(sourceOf(git("a"), git("a")), { commit: "a".repeat(40), tag: null, files: [] });
  assert.deepEqual(sourceOf(git("a"), git("b"), git("a")), { commit: null, tag: null, files: [] });
  assert.equal(sourceOf(), null);
});

test("source: the .dsc, the .buildinfo and the only input, where there is one of each", () => {
  const material = (name: string, text: string): Json => ({ name, digest: { sha256: toHex(digest(text)) } });
  const files = (...materials: Json[]): readonly string[] | undefined => sourceOf(...materials)?.files;
  const of = (...texts: readonly string[]): readonly string[] =>
    texts.map((text) => toHex(digest(text))).sort();
  assert.deepEqual(files(material("tool.tar.gz", "1")), of("1"), "the only input");
  assert.equal(files(material("gcc.deb", "1"), material("make.deb", "2")), undefined, "many inputs");
  assert.deepEqual(files(material("gcc.deb", "1"), material("x.dsc", "2")), of("2"));
  assert.deepEqual(files(material("a/x.dsc", "2"), material("b/x.dsc", "2"), material("gcc", "1")), of("2"));
  assert.equal(files(material("x.dsc", "1"), material("y.dsc", "2")), undefined, "two of them");
  assert.deepEqual(files(material("x.buildinfo", "1"), material("x.dsc", "2")), of("1", "2"));
  assert.equal(files(material("self", "product")), undefined, "a product is no source of itself");
  const commit = { name: "git", digest: { gitCommit: "a".repeat(40) } };
  assert.deepEqual(files(commit, material("gcc.deb", "1")), [], "a commit is an input too");
});

const A = "a".repeat(40);
const said = (members: Json): Json => ({ annotations: { samebits: members } });

test("source: what is said of a commit beside its id is no further input", () => {
  const id = { gitCommit: A };
  const bare = claimOf({ digest: id });
  const content = toBase64(utf8("octets"));
  const whole = claimOf(
    {
      name: "source",
      uri: `git+https://git.example.org/tool.git@${A}`,
      digest: { ...id, gitTree: "b".repeat(40), sha256: toHex(digest("commit")) },
      content,
      ...said({ branch: "main" }),
    },
    { name: "v1", digest: { gitTag: "c".repeat(40), sha256: toHex(digest("tag")) }, content },
    { name: "lib", digest: { gitCommit: "d".repeat(40) }, ...said({ submodule: true }) },
  );
  assert.deepEqual([whole.inputs, whole.source?.commit], [bare.inputs, A]);
  assert.equal(bare.git, undefined);
  assert.deepEqual(whole.git, {
    sha256: toHex(digest("commit")),
    repository: "https://git.example.org/tool",
    branch: "main",
    objects: [
      { kind: "commit", id: A, sha256: toHex(digest("commit")), bytes: utf8("octets") },
      { kind: "tag", id: "c".repeat(40), sha256: toHex(digest("tag")), bytes: utf8("octets") },
    ],
  });
});

test("source: a commit with changed files is an input of its own, and no source", () => {
  const dirty = { digest: { gitCommit: A }, ...said({ dirty: true }) };
  const [one, clean] = [claimOf(dirty), claimOf({ digest: { gitCommit: A } })];
  assert.deepEqual([one.source?.commit, clean.source?.commit], [null, A]);
  assert.notEqual(one.inputs, clean.inputs);
  assert.equal(claimOf(dirty, { digest: { gitTag: "c".repeat(40) } }).inputs, one.inputs);
  assert.equal(claimOf(dirty, { digest: { gitCommit: A } }).source?.commit, null);
});

test("source: of one commit two things said of it are none, and octets beside two ids are nobody's", () => {
  const of = (members: Json, more: Json = {}): Json => ({ digest: { gitCommit: A, ...more }, ...members });
  const two = claimOf(
    of(said({ branch: "main" })),
    of(said({ branch: "next" }), { sha256: toHex(digest("1")) }),
  );
  assert.deepEqual([two.git?.branch, two.git?.sha256], [null, toHex(digest("1"))]);
  const both = claimOf(of({ content: "" }, { gitTag: A }));
  assert.equal(both.git, undefined);
  const many = Array.from({ length: MAX_GIT_OBJECTS + 3 }, () => of({ content: "AAAA" }));
  assert.equal(claimOf(...many).git?.objects.length, MAX_GIT_OBJECTS);
  // Of what is not git's, contents and annotations may be anything.
  const file = {
    name: "x",
    digest: { sha256: toHex(digest("1")) },
    content: 7,
    annotations: { samebits: [] },
  };
  assert.equal(claimOf(file).git, undefined);
});

test("source: a repository's address has no user, and one writing", () => {
  for (const [text, address] of [
    ["https://git.example.org/a/tool.git/", "https://git.example.org/a/tool"],
    ["ssh://git.example.org:22/~a/tool", "ssh://git.example.org:22/~a/tool"],
    ["https://me@git.example.org/tool", null],
    ["https://git.example.org/tool?token=x", null],
    ["https://git.example.org/tool#x", null],
    ["https://git.example.org", null],
    ["https://Git.example.org/tool", null],
    ["https://git.example.org//tool", null],
    ["file:///srv/tool", null],
    ["https://git.example.org/t\u202eool", null],
    [`https://git.example.org/${"x".repeat(MAX_REPOSITORY_CHARS)}`, null],
  ] as const)
    assert.equal(repositoryOf(text), address, text);
  const from = (uri: string): string | null =>
    claimOf({ uri, digest: { gitCommit: A } }).git?.repository ?? null;
  assert.equal(from("git+https://git.example.org/tool@refs/heads/main"), "https://git.example.org/tool");
  assert.equal(from("git+https://git.example.org/tool"), "https://git.example.org/tool");
  assert.equal(from("git+https://git.example.org/tool@evil/repo@v1"), null);
  assert.equal(from("https://git.example.org/tool@v1"), null);
});
