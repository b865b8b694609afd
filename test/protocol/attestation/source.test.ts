/** What a claim names as its source: the materials that say where the inputs came from. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { LINK_V03 } from "../../../protocol/attestation/index.ts";
import type { Source } from "../../../protocol/attestation/index.ts";
import { toHex } from "../../../protocol/bytes/index.ts";
import { digest, hello, readPayload } from "./made.ts";

type Json = Record<string, unknown>;

function sourceOf(...materials: readonly Json[]): Source | null {
  const subject = { name: hello.file, uri: hello.purl, digest: { sha256: toHex(digest("product")) } };
  const { claims } = readPayload({
    _type: "https://in-toto.io/Statement/v1",
    subject: [subject],
    predicateType: LINK_V03,
    predicate: { name: "rebuild", materials },
  });
  return claims[0]?.source ?? null;
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
