/** Packages that are cut off, changed, hostile or far too long when unpacked: an identity or a code, and nothing afterwards. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { ClientError } from "../../../client/errors.ts";
import { identify } from "../../../client/artifact/index.ts";
import {
  MAX_CONTROL_BYTES,
  MAX_CONTROL_FILE_BYTES,
  MAX_CONTROL_MEMBERS,
  ProtocolError,
} from "../../../protocol/index.ts";
import { newFolder } from "../../node/folder.ts";
import { lacks } from "../../programs.ts";
import { ar, deb, tar } from "./archives.ts";
import type { TarMember } from "./archives.ts";

const VECTORS = join(import.meta.dirname, "../../vectors/rebuilderd");
const REAL = [
  "librust-as-slice-dev_0.2.1-1+b2_amd64.deb",
  "filesystem-2025.10.12-1-any.pkg.tar.zst",
] as const;
const HELLO = "hello_2.10-3_amd64.deb";
const PACMAN = "a-1-1-any.pkg.tar";
const CONTROL = "Package: hello\nVersion: 2.10-3\nArchitecture: amd64\n";
const INFO = "pkgname = a\npkgver = 1-1\narch = any\n";

const text = (words: string): Uint8Array => new TextEncoder().encode(words);
const file = (name: string, words: string): TarMember => ({ name, contents: text(words) });
const control = (words: string): Uint8Array => deb(tar(file("./control", words)));

/** What was thrown where nobody could catch it: it would end the command, whatever else it had to say. */
const uncaught: unknown[] = [];
const catchLate = (error: unknown): void => void uncaught.push(error);

let folder: string;
before(async () => {
  folder = await newFolder();
  process.on("uncaughtExceptionMonitor", catchLate);
});
after(() => process.off("uncaughtExceptionMonitor", catchLate));

/** What the package says that it is, or the code with which it is refused; anything else fails the test. */
async function outcome(name: string, octets: Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, octets);
  try {
    return (await identify(path, { debNamespace: "debian" })).target.purl;
  } catch (error) {
    if (error instanceof ClientError || error instanceof ProtocolError) return error.code;
    throw error;
  }
}

async function refused(name: string, octets: Uint8Array, why: string): Promise<void> {
  assert.equal(await outcome(name, octets), "artifact/bad-package", why);
}

for (const name of REAL) {
  test(`${name}: cut off or changed anywhere it is what it was, something else, or refused`, async () => {
    const octets = new Uint8Array(readFileSync(join(VECTORS, name)));
    const codes = new Set<string>();
    for (let at = 0; at < octets.length; at += 197) {
      codes.add(await outcome(name, octets.slice(0, at)));
      const changed = octets.slice();
      changed[at] = (changed[at] ?? 0) ^ 0x81;
      codes.add(await outcome(name, changed));
    }
    const purl = await outcome(name, octets);
    assert.match(purl, /^pkg:/);
    assert.ok(codes.has("artifact/bad-package") && codes.has(purl), [...codes].join(" "));
    for (const code of codes)
      assert.match(code, /^(?:artifact\/bad-package|artifact\/mismatch|target\/[a-z-]+|pkg:.*)$/);
  });
}

test("a package that unpacks to more than is read is refused", async () => {
  const zeros = { name: "./x", contents: new Uint8Array(MAX_CONTROL_BYTES) };
  const big = tar(zeros, file("./control", CONTROL));
  assert.ok(gzipSync(big).length < 100_000);
  await refused(HELLO, deb(gzipSync(big), "control.tar.gz"), "gz");
  await refused(HELLO, deb(zstdCompressSync(big), "control.tar.zst"), "zst");
  await refused(`${PACMAN}.gz`, gzipSync(tar(zeros, file(".PKGINFO", INFO))), "pacman");
  await refused(HELLO, control(`${CONTROL}X: ${"y".repeat(MAX_CONTROL_FILE_BYTES)}`), "a long control file");
  const many = Array.from({ length: MAX_CONTROL_MEMBERS }, (_, i) => file(`./${i}`, ""));
  await refused(HELLO, deb(tar(file("./control", CONTROL), ...many)), "many members");
});

test("so is one that is packed with xz", { skip: lacks("xz") }, async () => {
  const xz = (octets: Uint8Array): Uint8Array =>
    new Uint8Array(spawnSync("xz", ["-0"], { input: octets, maxBuffer: 1024 ** 2 }).stdout);
  const zeros = { name: "./x", contents: new Uint8Array(MAX_CONTROL_BYTES) };
  const bomb = xz(tar(zeros, file("./control", CONTROL)));
  assert.ok(bomb.length > 0 && bomb.length < 100_000);
  await refused(HELLO, deb(bomb, "control.tar.xz"), "xz");
  await refused(`${PACMAN}.xz`, xz(tar(zeros, file(".PKGINFO", INFO))), "pacman");
  const good = deb(xz(tar(file("./control", CONTROL))), "control.tar.xz");
  assert.equal(await outcome(HELLO, good), "pkg:deb/debian/hello@2.10-3?arch=amd64");
});

test("control data of a gigabyte are refused unread, whichever size says so", async () => {
  const GIB = 1024 ** 3;
  const octal = `${GIB.toString(8).padStart(11, "0")}\0`;
  const member = { ...file("./control", CONTROL), size: text(octal) };
  for (const [name, head] of [
    [HELLO, ar(["debian-binary", text("2.0\n")], ["control.tar", text(""), String(GIB)])],
    [HELLO, deb(tar(member))],
    [PACMAN, tar({ ...file(".PKGINFO", INFO), size: text(octal) })],
  ] as const) {
    const path = join(folder, name);
    await writeFile(path, head);
    await truncate(path, head.length + GIB);
    const began = process.memoryUsage.rss();
    await assert.rejects(identify(path, { debNamespace: null }), { code: "artifact/bad-package" });
    assert.ok(process.memoryUsage.rss() - began < GIB / 4, "no such memory is taken");
    await rm(path);
  }
});

test("an epoch is a number that the format can have, or none", async () => {
  for (const [version, isFit] of [
    ["0:2.10-3", true],
    ["1:2.10-3", true],
    ["2147483647:2.10-3", true],
    [":2.10-3", false],
    ["a:2.10-3", false],
    ["-1:2.10-3", false],
    ["1 :2.10-3", false],
    ["1:", false],
  ] as const) {
    const inDeb = await outcome("hello.deb", control(CONTROL.replace("2.10-3", version)));
    assert.equal(inDeb === "artifact/bad-package", !isFit, `${version}: ${inDeb}`);
    const info = INFO.replace("1-1", version);
    const inAlpm = await outcome(`a-${version}-any.pkg.tar`, tar(file(".PKGINFO", info)));
    assert.equal(inAlpm === "artifact/bad-package", !isFit, `pacman ${version}: ${inAlpm}`);
  }
});

test("an epoch in a file's name is that of the package", async () => {
  for (const [named, inside, isFit] of [
    ["2.10-3", "2.10-3", true],
    ["2.10-3", "1:2.10-3", true],
    ["1%3a2.10-3", "1:2.10-3", true],
    ["1:2.10-3", "1:2.10-3", true],
    ["0%3A2.10-3", "2.10-3", true],
    ["0%3a2.10-3", "0:2.10-3", true],
    ["2%3a2.10-3", "1:2.10-3", false],
    ["1%3a2.10-3", "2.10-3", false],
    ["0%3a2.10-3", "1:2.10-3", false],
  ] as const) {
    const said = await outcome(`hello_${named}_amd64.deb`, control(CONTROL.replace("2.10-3", inside)));
    assert.equal(said === "artifact/mismatch", !isFit, `${named} ${inside}: ${said}`);
  }
});

test("what ar or tar say of sizes is not believed", async () => {
  const packed = tar(file("./control", CONTROL));
  for (const size of ["-1", "99999", "1e3", "", "0x10"]) {
    await refused(HELLO, ar(["debian-binary", text("2.0\n")], ["control.tar", packed, size]), `size ${size}`);
  }
  for (const first of [0x80, 0xff, 0xc2]) {
    const size = new Uint8Array(12).fill(0xff);
    size[0] = first;
    const lie = { ...file("./control", CONTROL), size };
    await refused(HELLO, deb(tar(lie)), `a size of ${first}, and more octets`);
    await refused(PACMAN, tar({ ...file(".PKGINFO", INFO), size }), `pacman: ${first}`);
  }
  await refused(HELLO, deb(tar({ ...file("./control", CONTROL), size: text("77777777777\0") })), "8 GiB");
});

test("who says two things of itself says nothing", async () => {
  const other = CONTROL.replace("hello", "curl");
  assert.equal(await outcome(HELLO, control(CONTROL)), "pkg:deb/debian/hello@2.10-3?arch=amd64");
  for (const name of ["./control", "control", ".//control", "././control", "/control"]) {
    await refused(HELLO, deb(tar(file("./control", CONTROL), file(name, other))), name);
  }
  const link = { name: "control", contents: new Uint8Array(0), type: "2" };
  await refused(HELLO, deb(tar(file("./control", CONTROL), link)), "a link over it");
  await refused(HELLO, deb(tar(link)), "a link alone");
  await refused(HELLO, control(`${CONTROL}package: curl\n`), "two fields");
  await refused(HELLO, control(`${CONTROL}\nPackage: curl\n`), "two paragraphs");
  for (const more of ["pkgname = b\n", "pkgname=b\n", "pkgver =2-1\n", "arch = x86_64\n"]) {
    await refused(PACMAN, tar(file(".PKGINFO", `${INFO}${more}`)), more);
  }
  const repeated = `${INFO}depend = b\ndepend = c\n`;
  assert.equal(await outcome(PACMAN, tar(file(".PKGINFO", repeated))), "pkg:alpm/arch/a@1-1?arch=any");
});

test("what dpkg would take for the control file is no other than the one that was read", async () => {
  const other = file("control", CONTROL.replace("hello", "curl"));
  const first = file("./control", CONTROL);
  const none = new Uint8Array(0);
  for (const [why, ...more] of [
    ["GNU's kind or none", { ...other, magic: "ustarX00", prefix: "foo" }],
    ["Solaris' records", { name: "p", contents: text("18 path=./control\n"), type: "X" }, file("foo", "")],
    ["holes", { name: "p", contents: text("29 GNU.sparse.name=./control\n"), type: "x" }, file("x", "")],
    ["a link", { name: "./d", contents: none, type: "2", link: "." }, { ...other, name: "./d/control" }],
    ["a second name of it", { name: "d", contents: none, type: "1", link: "control" }],
  ] as const)
    await refused(HELLO, deb(tar(first, ...more)), why);
});

test("what pacman would take for .PKGINFO is no other than the one that was read", async () => {
  const purl = "pkg:alpm/arch/a@1-1?arch=any";
  const info = file(".PKGINFO", INFO);
  const other = file(".PKGINFO", INFO.replace("= a", "= b"));
  const [list, dot, plain] = [file(".MTREE", "#mtree\n"), file(".INSTALL", ""), file("usr/x", "x")];
  for (const name of ["./.PKGINFO", "x/../.PKGINFO", "/.PKGINFO", ".//.PKGINFO"]) {
    await refused(PACMAN, tar({ ...info, name }), name);
    await refused(PACMAN, tar({ ...info, name }, other), `${name} in front`);
    await refused(PACMAN, tar(info, { ...other, name }), `${name} behind`);
  }
  await refused(PACMAN, tar({ ...info, magic: "ustar 0\u{0}", prefix: "foo" }, other), "a prefix or none");
  for (const members of [
    [info, other],
    [list, info, other, plain],
    [info, list, other],
    [list, info, dot, other],
    [info, dot, list, other],
    [info, plain, other],
    [info, plain, list, other],
    [info, file("./.MTREE", ""), plain, other],
  ])
    await refused(PACMAN, tar(...members), members.map(({ name }) => name).join(" "));
  for (const members of [[info], [info, dot, plain], [dot, list, info, plain], [info, list, plain]])
    assert.equal(await outcome(PACMAN, tar(...members)), purl, members.map(({ name }) => name).join(" "));
  const many = Array.from({ length: MAX_CONTROL_MEMBERS }, (_, i) => file(`usr/${i}`, ""));
  await refused(PACMAN, tar(info, ...many, other), "far behind, and no list of files");
});

test("of a large package no more is unpacked than says what it is", async () => {
  const large = [file("usr/x", "x"), { name: "usr/y", contents: new Uint8Array(MAX_CONTROL_BYTES) }];
  const list = file(".MTREE", "#mtree\n");
  const packed = gzipSync(tar(list, file(".PKGINFO", INFO), ...large));
  assert.equal(await outcome(`${PACMAN}.gz`, packed), "pkg:alpm/arch/a@1-1?arch=any");
});

test("hostile names are names, or refused by a code", async () => {
  const named = (name: string): Uint8Array => control(CONTROL.replace("hello", name));
  assert.equal(await outcome(HELLO, named("../../etc/passwd")), "artifact/bad-package");
  assert.equal(await outcome(HELLO, named("he\u001b[2Jllo")), "artifact/bad-package");
  assert.equal(await outcome(HELLO, named("h".repeat(200_000))), "artifact/bad-package");
  assert.equal(await outcome(HELLO, named("__proto__")), "artifact/bad-package");
  assert.equal(
    await outcome(HELLO, control(`__proto__: x\nconstructor: y\n${CONTROL}`)),
    "pkg:deb/debian/hello@2.10-3?arch=amd64",
  );
  await refused(HELLO, control("Package: hello\n"), "no version");
});

test("empty and junk", async () => {
  for (const name of [HELLO, PACMAN, `${PACMAN}.gz`, `${PACMAN}.xz`, `${PACMAN}.zst`]) {
    await refused(name, new Uint8Array(0), `${name}, empty`);
    await refused(name, new Uint8Array(5_000).fill(7), `${name}, junk`);
  }
});

test("nothing of all this came to light only afterwards", async () => {
  await wait(100);
  assert.deepEqual(uncaught, []);
});
