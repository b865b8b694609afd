/** Each format as its tools write it, and what of it can't be checked. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { unseal } from "../../../client/manifest/index.ts";
import type { Manifest } from "../../../client/manifest/index.ts";
import { manifestOf } from "../../../client/manifest/read.ts";
import { MAX_MANIFEST_ENTRIES, toHex, utf8 } from "../../../protocol/index.ts";
import { newFolder } from "../../node/folder.ts";
import { A, B, BOM, LOCK, PURL, SUMS } from "./samples.ts";

const read = (text: string, purl?: string): Promise<Manifest> => manifestOf(utf8(text), "list", purl);
const readSums = (text: string, purl = PURL): Promise<Manifest> => read(text, purl);

/** Place, package URL or file, and the digest's first digits. */
function shown({ entries }: Manifest, isPurl = false): readonly string[] {
  return entries.map(
    ({ place, target, sha256 }) =>
      `${place} ${isPurl ? target.purl : target.file} ${toHex(sha256).slice(0, 2)}`,
  );
}

const gaps = ({ unchecked }: Manifest): readonly string[] =>
  unchecked.map(({ place, name, gap }) => `${place} ${name} ${gap}`);

/** With this code, and words that say what and where. */
async function refused(text: string, says: RegExp, purl?: string): Promise<void> {
  await assert.rejects(read(text, purl), (error: Error & { code: string }) => {
    assert.equal(error.code, "input/bad-manifest", error.message);
    assert.match(error.message, /^list: /);
    assert.match(error.message, says);
    return true;
  });
}

test("sums: both modes, folders, tags and escapes of sha256sum; one file once", async () => {
  const list = await readSums(SUMS);
  assert.deepEqual(shown(list), [
    "line 1 tool-1.0.tar.gz aa",
    "line 2 tool-1.0.zip bb",
    "line 3 tool-1.0.deb aa",
  ]);
  assert.deepEqual([list.format, list.unchecked, list.sealed], ["sha256sums", [], []]);
  const twice = await readSums(`${A}  a\n${A}  ./a\n${B}  a.sig\n`);
  assert.deepEqual(shown(twice), ["line 1 a aa", "line 3 a.sig bb"]);
});

test("sums: names that no file of the package has, and names with several digests, are left out and named", async () => {
  const list = await readSums(`\\${A}  a\\nb\n${A}  x\n${B}  dir/x\n${B}  y\n`);
  assert.deepEqual(shown(list), ["line 4 y bb"]);
  assert.deepEqual(gaps(list), [
    "line 1 a\nb no-target",
    "line 2 x several-digests",
    "line 3 x several-digests",
  ]);
  const deb = "pkg:deb/debian/hello@2.10-3?arch=amd64";
  const packages = await readSums(`${A}  hello_2.10-3_amd64.deb\n${B}  ed_1.19-1_amd64.deb\n`, deb);
  assert.deepEqual([shown(packages).length, gaps(packages)], [1, ["line 2 ed_1.19-1_amd64.deb no-target"]]);
});

test("sums: what is cut short, damaged or another kind of list is an error with its line", async () => {
  for (const [text, says] of [
    ["", /is empty/],
    [`${A}  a`, /cut short/],
    [`${A}  a\n${A}  b`, /cut short/],
    [`${A}  a\r\n`, /line 1, .*CR LF/],
    [`${A}  a\n\n${A}  b\n`, /line 2, ""/],
    [`${A}  a\n${A.slice(1)}  b\n`, /line 2/],
    [`${A} b\n`, /line 1/],
    [`${A}  \n`, /line 1/],
    [`${A.toUpperCase()}  a\n`, /line 1, .*capitals/],
    [`${A} a\n`, /line 1, .*is not "<64 lowercase hex digits>  <name>"/],
    [`${A}  \n`, /line 1, .*is not "<64 lowercase hex digits>  <name>"/],
    [`${A}${A}  a\n`, /line 1, .*no SHA-256/],
    [`${A.slice(0, 32)}  a\n`, /line 1, .*no SHA-256/],
    [`\\${A}  a\\x\n`, /line 1: .*escape/],
    ["-----BEGIN PGP SIGNED MESSAGE-----\n", /gpg --decrypt/],
    ["<?xml version='1.0'?>", /XML/],
    [`${A}  a\n`.repeat(MAX_MANIFEST_ENTRIES + 1), /at most/],
  ] as const)
    await refused(text, says, PURL);
  await assert.rejects(manifestOf(Uint8Array.of(0xff, 0x0a), "list", PURL), { code: "input/bad-manifest" });
  await assert.rejects(read(`${A}  a\n`), { code: "usage/bad-option" });
  await assert.rejects(readSums(`${A}  a\n`, "tool"), { code: "usage/bad-option" });
  await assert.rejects(read(BOM, PURL), { code: "usage/bad-option" });
});

test("CycloneDX: components with package URL and SHA-256, nested ones too; the others are named", async () => {
  const bom = await read(BOM);
  assert.equal(bom.format, "cyclonedx");
  assert.deepEqual(shown(bom, true), [
    "manifest.metadata.component.components[0] pkg:generic/part@1 aa",
    "manifest.components[0] pkg:deb/debian/catdoc@1:0.95-6~deb12u1?arch=amd64 aa",
    "manifest.components[0].components[0] pkg:npm/%40babel/core@7.24.0 bb",
    "manifest.components[1] pkg:generic/openssl@1.1.10g bb",
  ]);
  assert.deepEqual(
    bom.entries.map(({ target }) => target.file),
    ["part.bin", "catdoc_0.95-6~deb12u1_amd64.deb", "babel-core-7.24.0.tgz", "openssl-1.1.0g.tar.gz"],
  );
  assert.deepEqual(
    bom.unchecked.map(({ name, gap, reason }) => `${name} ${gap}: ${reason}`),
    [
      "nameless no-purl: it has no package URL: nothing says what it is",
      "pkg:deb/debian/a1@1?arch=all no-sha256: it has no digest",
      "pkg:deb/debian/a2@1?arch=all no-sha256: it has no SHA-256, only other digests",
      'pkg:golang/example.org/x@v1 no-target: nothing fixes yet what names a package of type "golang"',
      "pkg:deb/debian/a3@1 no-target: the package URL lacks what names a package of its type, or is none",
      "pkg:npm/JSONStream@1.3.5 no-target: the package URL lacks what names a package of its type, or is none",
      "nonsense no-target: the package URL lacks what names a package of its type, or is none",
      "pkg:generic/tool@1 no-file-name: the package URL does not say which file it is",
      "pkg:deb/debian/a4@1?arch=all several-digests: it has several SHA-256 digests",
    ],
  );
});

test("CycloneDX: faults have their place", async () => {
  const bom = (members: string): string => `{"bomFormat":"CycloneDX",${members}}`;
  const component = (members: string): string =>
    bom(`"specVersion":"1.6","components":[{"name":"a"},{${members}}]`);
  const nested = `${'{"name":"a","components":['.repeat(13)}${"]}".repeat(13)}`;
  for (const [text, says] of [
    [bom('"specVersion":"1.2"'), /1\.4, 1\.5, 1\.6/],
    [bom('"specVersion":1.6'), /manifest\.specVersion: text expected/],
    [component('"version":"1"'), /manifest\.components\[1\]: the member "name" is missing/],
    [component('"name":"b","hashes":{}'), /manifest\.components\[1\]\.hashes: a list expected/],
    [
      component('"name":"b","hashes":[{"alg":"SHA-256","content":"00"}]'),
      /manifest\.components\[1\]\.hashes\[0\]\.content: .*bytes\/bad-hex/,
    ],
    [component('"name":"b","name":"c"'), /json\/duplicate-key/],
    [bom(`"specVersion":"1.6","components":[${nested}]`), /nested deeper than 12/],
    [bom(`"x":${"[".repeat(40)}${"]".repeat(40)}`), /json\/too-deep/],
    [BOM.slice(0, -10), /json\/bad-syntax/],
    ['{"spdxVersion":"SPDX-2.3"}', /CycloneDX is read/],
    ["{}", /neither CycloneDX nor a lock of npm/],
  ] as const)
    await refused(text, says);
});

test("npm: what the lock pins, each package once; without its SHA-256 it is not checked", async () => {
  const lock = await read(LOCK);
  assert.equal(lock.format, "npm-lock");
  assert.deepEqual(shown(lock, true), ['manifest.packages["node_modules/sha256"] pkg:npm/sha256@1.0.0 aa']);
  assert.deepEqual(
    lock.sealed.map(({ target }) => target.purl),
    ["pkg:npm/abbrev@1.1.1", "pkg:npm/%40babel/core@7.24.0", "pkg:npm/real@2.0.0"],
  );
  assert.deepEqual(
    lock.unchecked.map(({ name, gap }) => `${name} ${gap}`),
    [
      "inner@1.0.0 bundled",
      "fromgit@1.0.0 not-from-registry",
      "tarball@1.0.0 not-from-registry",
      "JSONStream@1.3.5 no-target",
      "old@1.0.0 no-sha256",
      "none@1.0.0 no-sha256",
    ],
  );
  const without = await unseal(lock, undefined);
  assert.deepEqual([without.entries.length, without.sealed.length, without.unchecked.length], [1, 0, 9]);
});

test("npm: a file in the cache that has the lock's SHA-512 tells its SHA-256; another one does not", async () => {
  const lock = await read(LOCK);
  const folder = await newFolder();
  const put = async (octets: string, name: string): Promise<void> => {
    const hex = createHash("sha512").update(name).digest("hex");
    const path = join(folder, "_cacache/content-v2/sha512", hex.slice(0, 2), hex.slice(2, 4), hex.slice(4));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, octets);
  };
  await put("abbrev", "abbrev");
  await put("changed", "core");
  for (const place of [folder, join(folder, "_cacache")]) {
    const { entries, unchecked } = await unseal(lock, place);
    const digest = createHash("sha256").update("abbrev").digest("hex");
    assert.deepEqual(entries.map(({ target, sha256 }) => `${target.purl} ${toHex(sha256)}`).slice(1), [
      `pkg:npm/abbrev@1.1.1 ${digest}`,
    ]);
    assert.deepEqual(
      unchecked.slice(-2).map(({ name, gap }) => `${name} ${gap}`),
      ["pkg:npm/%40babel/core@7.24.0 not-cached", "pkg:npm/real@2.0.0 not-cached"],
    );
  }
  await assert.rejects(unseal(lock, join(folder, "nowhere")), { code: "input/missing" });
});

test("npm: faults have their place", async () => {
  const lock = (members: string, version = 3): string =>
    `{"lockfileVersion":${version},"packages":{"node_modules/a":{${members}}}}`;
  for (const [text, says] of [
    [lock("", 1), /lockfileVersion 2 and 3 are read, not 1/],
    ['{"lockfileVersion":3}', /the member "packages" is missing/],
    [lock('"integrity":"sha512-AA=="'), /packages\["node_modules\/a"\]\.integrity: .*1 octets, not the 64/],
    [lock('"integrity":"sha512-?"'), /integrity/],
    [lock('"integrity":"crc-AA=="'), /is no digest/],
    [lock('"integrity":3'), /integrity: text expected/],
    [lock('"link":"yes"'), /link: true or false expected/],
  ] as const)
    await refused(text, says);
});
