import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { PackageURL } from "packageurl-js";
import {
  alpmTarget,
  debTarget,
  legacyKey,
  parseTarget,
  writePurl,
} from "../../../protocol/attestation/index.ts";
import type { ProtocolCode } from "../../../protocol/errors.ts";
import { ProtocolError } from "../../../protocol/errors.ts";
import { alice, throwsCode, vector } from "./made.ts";

interface Vectors {
  readonly targets: readonly { purl: string; file: string; key: string; about: string }[];
  readonly refused: readonly { purl: string; file: string; code: ProtocolCode; about: string }[];
  readonly written: readonly { given: string; purl: string | null; about: string }[];
}
const vectors: Vectors = JSON.parse(Buffer.from(vector("attestation/targets.json")).toString());

test("the published targets have their keys, and packageurl-js reads the same parts", () => {
  assert.ok(vectors.targets.length >= 20);
  for (const { purl, file, key, about } of vectors.targets) {
    const target = parseTarget(purl, file);
    assert.equal(target.purl, purl, about);
    assert.equal(target.file, file, about);
    assert.equal(target.keyHex, key, about);
    assert.equal(createHash("sha256").update(`${purl}\n${file}`).digest("hex"), key, about);
    assert.equal(Buffer.from(target.key).toString("hex"), key);
    const read = PackageURL.fromString(purl);
    assert.equal(`pkg:${read.type}`, purl.slice(0, purl.indexOf("/")));
  }
});

test("no two of them are one", () => {
  assert.equal(new Set(vectors.targets.map(({ key }) => key)).size, vectors.targets.length);
});

test("every refused writing has its code", () => {
  assert.ok(vectors.refused.length >= 40);
  for (const { purl, file, code, about } of vectors.refused) {
    throwsCode(() => parseTarget(purl, file), code, `${about}: ${purl} ${file}`);
  }
});

test("a package URL or name of 10 MB is refused before it is read", () => {
  const long = "a".repeat(10_000_000);
  throwsCode(() => parseTarget(`pkg:generic/${long}`, "f"), "target/bad-purl");
  throwsCode(() => parseTarget("pkg:generic/a", long), "target/bad-file-name");
  throwsCode(() => parseTarget("pkg:generic/a", "é".repeat(128)), "target/bad-file-name");
});

test("writePurl() makes the canonical writing out of any, and drops what names no target", async () => {
  const cases: [string, string][] = [
    ["pkg:deb/debian/hello@2.10-3?arch=amd64&distro=bookworm", "pkg:deb/debian/hello@2.10-3?arch=amd64"],
    [
      "pkg:deb/Debian/libstdc++6@12.2.0-14+deb12u1?arch=amd64",
      "pkg:deb/debian/libstdc%2B%2B6@12.2.0-14%2Bdeb12u1?arch=amd64",
    ],
    [
      "pkg:deb/debian/catdoc@1%3A0.95-6~deb12u1?distro=x&arch=amd64",
      "pkg:deb/debian/catdoc@1:0.95-6~deb12u1?arch=amd64",
    ],
    ["pkg:deb/debian/woff-tools@0:2009.10.04-2?arch=all", "pkg:deb/debian/woff-tools@2009.10.04-2?arch=all"],
    ["pkg:rpm/fedora/a@1-1?arch=noarch&epoch=0", "pkg:rpm/fedora/a@1-1?arch=noarch"],
    ["pkg://alpm/arch/vim@1:9.1-1?arch=x86_64", "pkg:alpm/arch/vim@1:9.1-1?arch=x86_64"],
    [
      "pkg:generic/bitcoin-core/bitcoin@27.0?checksum=sha256:00#sub/path",
      "pkg:generic/bitcoin-core/bitcoin@27.0",
    ],
  ];
  for (const [given, canonical] of cases) {
    assert.equal(await writePurl(given), canonical);
    assert.equal(await writePurl(canonical), canonical);
  }
  const refused: [string, ProtocolCode][] = [
    ["hello", "target/bad-purl"],
    ["pkg:deb/hello@1?arch=amd64", "target/bad-purl"],
    ["pkg:deb/debian/hello@2.10-3", "target/bad-purl"],
    ["pkg:gem/rake@13.2.1", "target/unknown-type"],
    [`pkg:generic/${"a".repeat(2000)}`, "target/bad-purl"],
  ];
  for (const [given, code] of refused) await assert.rejects(writePurl(given), { code });
});

test("capitals that name another package, and qualifiers that stand there twice, are never written as something else", async () => {
  assert.ok(vectors.written.length >= 20);
  for (const { given, purl, about } of vectors.written) {
    if (purl === null) await assert.rejects(writePurl(given), { code: "target/bad-purl" }, about);
    else assert.equal(await writePurl(given), purl, about);
  }
});

const debName = fc.stringMatching(/^[a-z0-9][a-z0-9+.-]{1,30}$/);
const debVersion = fc.stringMatching(/^([1-9][0-9]{0,3}:)?[0-9][A-Za-z0-9.+~-]{0,30}$/);
const arch = fc.constantFrom("amd64", "all", "arm64", "kfreebsd-amd64", "source");

test("deb: what the parts make reads back, and packageurl-js reads the same parts", () => {
  fc.assert(
    fc.property(debName, debVersion, arch, (name, version, arch) => {
      const target = debTarget({ namespace: "debian", name, version, arch });
      assert.deepEqual(parseTarget(target.purl, target.file), target);
      assert.ok(!target.file.includes(":"));
      const read = PackageURL.fromString(target.purl);
      assert.deepEqual(
        [read.type, read.namespace, read.name, read.version, read.qualifiers?.["arch"]],
        ["deb", "debian", name, version, arch],
      );
    }),
  );
});

test("an epoch of 0 is none, as package managers may write it", () => {
  const parts = { namespace: "debian", name: "woff-tools", version: "0:2009.10.04-2+b1", arch: "amd64" };
  const target = debTarget(parts);
  assert.deepEqual(target, debTarget({ ...parts, version: "2009.10.04-2+b1" }));
  assert.equal(target.file, "woff-tools_2009.10.04-2+b1_amd64.deb");
  const vim = { namespace: "arch", name: "vim", version: "9.1-1", arch: "any" };
  assert.deepEqual(alpmTarget({ ...vim, version: "0:9.1-1" }), alpmTarget(vim));
  throwsCode(() => parseTarget(target.purl.replace("@", "@0:"), target.file), "target/bad-purl");
  throwsCode(() => parseTarget("pkg:generic/a%62", "f"), "target/not-canonical");
});

test("alpm: what the parts make reads back", () => {
  const name = fc.stringMatching(/^[a-z0-9@_+][a-z0-9@._+-]{0,30}$/);
  const version = fc.stringMatching(/^([1-9][0-9]?:)?[A-Za-z0-9._+~^]{1,20}-[1-9][0-9]?$/);
  fc.assert(
    fc.property(name, version, (name, version) => {
      const target = alpmTarget({ namespace: "arch", name, version, arch: "any" });
      assert.deepEqual(parseTarget(target.purl, target.file), target);
    }),
  );
});

test("any two texts that read as targets are two targets; all else has a code", () => {
  const purl = fc.oneof(
    fc.constantFrom(
      "pkg:deb/debian/hello@2.10-3?arch=amd64",
      "pkg:generic/a",
      "pkg:rpm/fedora/a@1-1?arch=noarch",
    ),
    fc.string(),
    fc.string().map((text) => `pkg:generic/${encodeURIComponent(text.toWellFormed())}`),
    fc.webUrl(),
  );
  const file = fc.oneof(
    fc.constantFrom("hello_2.10-3_amd64.deb", "a-1-1.noarch.rpm"),
    fc.string(),
    fc.string({ unit: "binary" }),
  );
  const seen = new Map<string, string>();
  fc.assert(
    fc.property(purl, file, (purl, file) => {
      try {
        const { keyHex } = parseTarget(purl, file);
        assert.equal(seen.get(keyHex) ?? `${purl}\n${file}`, `${purl}\n${file}`);
        seen.set(keyHex, `${purl}\n${file}`);
      } catch (error) {
        assert.ok(error instanceof ProtocolError && error.code.startsWith("target/"), String(error));
      }
    }),
    { numRuns: 2000 },
  );
});

test("deb: every single change of a character of the writing is another target or refused", () => {
  const purl = "pkg:deb/debian/libstdc%2B%2B6@1:12.2.0-14%2Bdeb12u1~x?arch=amd64";
  const file = "libstdc++6_12.2.0-14+deb12u1~x_amd64.deb";
  const { keyHex } = parseTarget(purl, file);
  for (let at = 0; at < purl.length; at++) {
    for (const character of "aA0%+~:@/?&= ") {
      const changed = purl.slice(0, at) + character + purl.slice(at + 1);
      if (changed === purl) continue;
      try {
        assert.notEqual(parseTarget(changed, file).keyHex, keyHex);
      } catch (error) {
        assert.ok(error instanceof ProtocolError, String(error));
      }
    }
  }
});

test("legacyKey() separates signers and names", () => {
  const name = "librust-as-slice-dev_0.2.1-1+b2_amd64.deb";
  const expected = createHash("sha256")
    .update("legacy\n")
    .update(alice.key.raw)
    .update(`\n${name}`)
    .digest("hex");
  assert.equal(Buffer.from(legacyKey(alice.key.raw, name)).toString("hex"), expected);
});
