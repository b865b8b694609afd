/** apt's lists of packages: as Debian writes them, in parts of any size, and what is refused of them with its line. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { aptLists, readAptList } from "../../../client/install/index.ts";
import { readPackagesList } from "../../../client/install/packages-list.ts";
import type { ListedPackage } from "../../../client/install/packages-list.ts";
import { concat, MAX_LIST_FIELDS, MAX_LIST_LINE_CHARS, utf8 } from "../../../protocol/index.ts";

const A = "aa".repeat(32);
/** Of Debian 12, shortened. */
const LIST = `Package: 0ad-data-common
Source: 0ad-data
Version: 0.0.26-1
Architecture: all
Depends: fonts-dejavu-core | ttf-dejavu-core
Tag: game::strategy, role::app-data,
 use::gameplaying
Filename: pool/main/0/0ad-data/0ad-data-common_0.0.26-1_all.deb
Size: 779908
MD5sum: 7ce70dc6e6de01134d2e199499fd3925
SHA256: 0a40074c844a304688e503dd0c3f8b04e10e40f6f81b8bad260e07c54aa37864

Package: cpp-12
Source: gcc-12 (12.2.0-14+deb12u1)
Version: 1:12.2.0-14+deb12u1
Architecture: amd64
Description: größer
Filename: pool/cpp.deb
Size: 0
`;

async function read(text: string | Iterable<Uint8Array>): Promise<readonly ListedPackage[]> {
  const parts = typeof text === "string" ? [utf8(text)] : text;
  const all: ListedPackage[] = [];
  for await (const one of readPackagesList(parts, "list")) all.push(one);
  return all;
}

const PACKAGES: readonly ListedPackage[] = [
  {
    name: "0ad-data-common",
    version: "0.0.26-1",
    architecture: "all",
    sha256: "0a40074c844a304688e503dd0c3f8b04e10e40f6f81b8bad260e07c54aa37864",
    size: 779_908,
    filename: "pool/main/0/0ad-data/0ad-data-common_0.0.26-1_all.deb",
    source: { name: "0ad-data", version: "0.0.26-1" },
  },
  {
    name: "cpp-12",
    version: "1:12.2.0-14+deb12u1",
    architecture: "amd64",
    sha256: null,
    size: 0,
    filename: "pool/cpp.deb",
    source: { name: "gcc-12", version: "12.2.0-14+deb12u1" },
  },
];

test("readPackagesList: name, version, architecture, digest, size, path and source of each stanza", async () => {
  assert.deepEqual(await read(LIST), PACKAGES);
  assert.deepEqual(await read(`\n\n${LIST}\n\n`), PACKAGES);
  assert.deepEqual(await read(""), []);
});

test("readPackagesList: the same in whatever parts it comes", async () => {
  const octets = utf8(LIST);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(octets.length), { maxLength: 20 }), async (cuts) => {
      const places = [0, ...cuts.toSorted((a, b) => a - b), octets.length];
      const parts = places.slice(1).map((to, at) => octets.subarray(places[at] ?? 0, to));
      assert.deepEqual(await read(parts), PACKAGES);
    }),
  );
});

const STANZA = `Package: a\nVersion: 1\nArchitecture: all\nFilename: a.deb\nSize: 1\nSHA256: ${A}\n`;

test("readPackagesList: what is cut short, damaged or hostile has a code and its line", async () => {
  const changed = (from: string, to: string): string => `${STANZA}\n${STANZA.replace(from, to)}`;
  for (const [text, says] of [
    [STANZA.slice(0, -1), /^list: line 6: .*cut short/],
    [STANZA.slice(0, 15), /^list: line 2: .*cut short/],
    [changed("Size: 1\n", ""), /^list: line 8: the stanza that begins here has no Size/],
    [changed("Package: a\n", "Package: \n"), /^list: line 8: .*no Package/],
    [changed("Size: 1", "Size: -1"), /^list: line 8: the Size .*bytes\/bad-decimal/],
    [changed("Size: 1", "Size: 99999999999999999999"), /^list: line 8: the Size/],
    [changed(A, A.slice(1)), /^list: line 8: the SHA256 .*bytes\/bad-hex/],
    [changed(A, A.toUpperCase()), /^list: line 8: the SHA256 /],
    [changed("Size: 1", "Size: 1\nsize: 2"), /^list: line 13: the field "size" occurs twice/],
    [changed("Size: 1", "Size 1"), /^list: line 12: "Size 1" is no field/],
    [changed("Size: 1", "-Size: 1"), /^list: line 12: "-Size: 1" is no field/],
    [changed("Size: 1", "Size: 1\nSource: a b c"), /^list: line 8: the Source/],
    [changed("Package: a\n", " Package: a\n"), /^list: line 8: a stanza begins with a continued line/],
    [STANZA.replaceAll("\n", "\r\n"), /^list: line 1: .*CR LF/],
    [`\u001b[2J${STANZA}`, /^list: line 1: "\\u001b\[2JPackage: a" is no field/],
  ] as const)
    await assert.rejects(read(text), (error: Error & { code: string }) => {
      assert.equal(error.code, "input/bad-list", text);
      assert.match(error.message, says);
      return true;
    });
  await assert.rejects(read([utf8(STANZA), Uint8Array.of(0xff, 0x0a)]), { code: "input/bad-list" });
  await assert.rejects(read([concat(utf8(STANZA), Uint8Array.of(0xc3))]), { code: "input/bad-list" });
});

test("readPackagesList: what has no end is refused by its size, before more of it is taken", async () => {
  function* endless(text: string): Generator<Uint8Array> {
    for (const part = utf8(text); ;) yield part;
  }
  const chunk = "x".repeat(65_536);
  let given = 0;
  function* watched(parts: Iterable<Uint8Array>): Generator<Uint8Array> {
    for (const part of parts) {
      given += part.length;
      yield part;
    }
  }
  await assert.rejects(read(watched(endless(chunk))), { code: "input/too-big" });
  assert.ok(given <= MAX_LIST_LINE_CHARS + 2 * chunk.length, `${given} octets were taken of one line`);
  await assert.rejects(read(`A: ${"x".repeat(MAX_LIST_LINE_CHARS)}\n`), { code: "input/too-big" });
  const fields = Array.from({ length: MAX_LIST_FIELDS + 1 }, (_, at) => `F${at}: x\n`).join("");
  await assert.rejects(read(fields), { code: "input/too-big" });
});

test("readPackagesList: any octets end in packages or a code", async () => {
  const pieces = [LIST, STANZA, ...LIST.split("\n").map((line) => `${line}\n`)].map(utf8);
  const piece = fc.oneof(
    fc.constantFrom(...pieces),
    fc.uint8Array({ maxLength: 9 }),
    fc.constantFrom("\n", "\r\n", " ", ":", "SHA256: ", "Package: \u202e\n", "\u0000").map(utf8),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 30 }), async (parts) => {
      await read(parts).catch((error: Error & { code?: string }) => {
        assert.ok(error.code === "input/bad-list" || error.code === "input/too-big", error.stack);
        // oxlint-disable-next-line no-control-regex -- what a terminal would obey
        assert.doesNotMatch(error.message, /[\u0000-\u001f\u007f-\u009f\u202e]/);
      });
    }),
  );
});

const noLists = !existsSync("/usr/lib/apt/apt-helper") || lists() === "";

function lists(): string {
  try {
    const args = ["indextargets", "--format", "$(FILENAME)", "Created-By: Packages"];
    return execFileSync("apt-get", args, { encoding: "utf8" });
  } catch {
    return "";
  }
}

test(
  "readAptList: the lists of this machine, whole",
  { skip: noLists && "apt has no lists here: apt-get update brings them" },
  async (t) => {
    for (const list of await aptLists()) {
      const started = performance.now();
      let count = 0;
      for await (const { sha256, size } of readAptList(list)) {
        count++;
        assert.ok(sha256 !== null && size > 0);
      }
      const text = execFileSync("/usr/lib/apt/apt-helper", ["cat-file", list.path], {
        encoding: "utf8",
        maxBuffer: 1e9,
      });
      assert.equal(count, text.split("\n").filter((line) => line.startsWith("Package: ")).length);
      t.diagnostic(
        `${count} packages of ${Math.round(text.length / 1e6)} MB in ${Math.round(performance.now() - started)} ms`,
      );
    }
  },
);
