/** Zip files as folders: only what every program unpacks alike is read. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { concat, utf8, viewOf } from "../../../protocol/bytes/index.ts";
import { ProtocolError } from "../../../protocol/errors.ts";
import { readZipTree, runReads } from "../../../protocol/normal-form/index.ts";
import type { TreeEntry } from "../../../protocol/normal-form/index.ts";
import { ended, zipOf } from "./zips.ts";
import type { ZipFile } from "./zips.ts";

const read = (file: Uint8Array): readonly TreeEntry[] =>
  runReads(readZipTree(file.length), ({ offset, length }) => file.slice(offset, offset + length));

function refuses(file: Uint8Array, code: string, reason: RegExp, about: string): void {
  assert.throws(
    () => read(file),
    (error) =>
      error instanceof ProtocolError &&
      error.code === `normal-form/${code}` &&
      reason.test(error.message) &&
      /octet [0-9]+/.test(error.message),
    about,
  );
}

const file = (name: string, text: string = "text", more: Partial<ZipFile> = {}): ZipFile => ({
  name,
  data: utf8(text),
  ...more,
});

test("files, links and folders as ditto and Info-ZIP write them", () => {
  const zip = zipOf([
    file("Tool.app/", "", { method: 0, mode: 0o040_755 }),
    file("Tool.app/tool", "program ".repeat(40), { mode: 0o100_755, follow: true }),
    file("Tool.app/Current", "tool", { method: 0, mode: 0o120_755 }),
    file("Tool.app/straße", "", { flags: 0x0800, mode: 0o100_644 }),
    file("Tool.app/größe", "", { method: 0, follow: true, mode: 0o100_644 }),
    file("plain", "text", { method: 0, mode: 0o100_644 }),
    file("streamed", "text", { follow: "too", mode: 0o100_644 }),
    file("windows", "text", { system: 10, attributes: 0x20 }),
    file("python", "text", { mode: 0o600, internal: 1 }),
  ]);
  assert.deepEqual(
    read(zip).map(({ path, kind, isProgram, isDeflated, size }) => [path, kind, isProgram, isDeflated, size]),
    [
      ["Tool.app", "folder", false, false, 0],
      ["Tool.app/tool", "file", true, true, 320],
      ["Tool.app/Current", "link", false, false, 4],
      ["Tool.app/straße", "file", false, true, 0],
      ["Tool.app/größe", "file", false, false, 0],
      ["plain", "file", false, false, 4],
      ["streamed", "file", false, true, 4],
      ["windows", "file", false, true, 4],
      ["python", "file", false, true, 4],
    ],
  );
  for (const { dataAt, packed } of read(zip)) assert.ok(dataAt + packed <= zip.length);
});

const BAD: readonly (readonly [about: string, files: readonly ZipFile[], code: string, reason: RegExp])[] = [
  ["above", [file("../x")], "malformed", /leads out/],
  ["within", [file("a/../../x")], "malformed", /leads out/],
  ["absolute", [file("/etc/passwd")], "malformed", /leads out/],
  ["this folder", [file("./x")], "malformed", /leads out/],
  ["backslash", [file("a\\..\\x")], "malformed", /leads out/],
  ["empty name", [file("")], "malformed", /leads out/],
  ["a slash", [file("/")], "malformed", /leads out/],
  ["twice", [file("a"), file("a", "other")], "malformed", /second file of the same name/],
  ["twice on a Mac", [file("Info.plist"), file("info.PLIST")], "malformed", /second file/],
  ["file and folder", [file("a"), file("a/", "")], "malformed", /second file/],
  ["in a file", [file("a"), file("a/b")], "malformed", /in a file/],
  [
    "through a link",
    [file("a", "/etc", { mode: 0o120_777 }), file("a/passwd")],
    "malformed",
    /behind a link/,
  ],
  ["encrypted", [file("a", "x", { flags: 0x0001 })], "unsupported", /encrypted/],
  ["strongly encrypted", [file("a", "x", { flags: 0x0041 })], "unsupported", /encrypted/],
  ["masked headers", [file("a", "x", { flags: 0x2000 })], "unsupported", /encrypted/],
  ["a patch", [file("a", "x", { flags: 0x0020 })], "unsupported", /flags 32/],
  ["bzip2", [file("a", "x", { method: 12 })], "unsupported", /method 12/],
  ["a device", [file("a", "x", { mode: 0o020_644 })], "unsupported", /no file, folder or link/],
  ["a folder by its mode", [file("a", "", { mode: 0o040_755 })], "malformed", /or the other way round/],
  ["a link by a folder's name", [file("a/", "x", { mode: 0o120_755 })], "malformed", /the other way round/],
  ["a mode of another system", [file("a", "x", { mode: 0o100_755, system: 0 })], "unsupported", /system 0/],
  ["an Atari's", [file("a", "x", { system: 5 })], "unsupported", /system 5/],
  ["macOS's other name", [file("a", "x", { mode: 0o100_755, system: 19 })], "unsupported", /system 19/],
  ["a mode without a kind", [file("a", "x", { mode: 0o755 })], "malformed", /does not say that it is a file/],
  [
    "a mode that Info-ZIP does not see",
    [file("a", "x", { mode: 0o100_755, internal: 4 })],
    "malformed",
    /no mode/,
  ],
  ["a label", [file("a", "x", { attributes: 0x08 })], "malformed", /label of a volume/],
  ["a folder of DOS", [file("a", "x", { attributes: 0x10 })], "malformed", /by its attributes alone/],
  ["a folder with contents", [file("a/", "x")], "malformed", /octets of its own/],
  ["a link to nowhere", [file("a", "", { mode: 0o120_755 })], "malformed", /link of 0/],
  ["a long link", [file("a", "x".repeat(4_097), { mode: 0o120_755 })], "malformed", /link of 4097/],
  ["64 bits", [file("a", "x", { centralExtra: extra(0x0001, 8) })], "unsupported", /64-bit/],
  ["64 bits, in the local header", [file("a", "x", { extra: extra(0x0001, 8) })], "unsupported", /64-bit/],
  ["a second name", [file("a", "x", { centralExtra: extra(0x7075, 9) })], "unsupported", /second name/],
  [
    "a broken extra field",
    [file("a", "x", { extra: extra(0x5455, 9).subarray(0, 8) })],
    "malformed",
    /extra/,
  ],
  ["a bomb", [file("a", "x", { size: 4_000_000_000 })], "malformed", /never unpack to 4000000000/],
  ["two sizes", [file("a", "x", { method: 0, size: 2 })], "malformed", /two sizes/],
  ["an end in the data", [file("a", "x", { method: 0, follow: true })], "malformed", /whose size follows/],
  [
    "an end in the data, and before",
    [file("a", "x", { method: 0, follow: "too" })],
    "malformed",
    /whose size follows/,
  ],
  ["a code page's name", [file("straße")], "unsupported", /beyond ASCII of system 0/],
  ["a code page's name in UTF-8", [file("straße", "x", { flags: 0x0800 })], "unsupported", /of system 0/],
  ["a name of NTFS", [file("straße", "x", { system: 10 })], "unsupported", /beyond ASCII of system 10/],
  ["between", [file("a"), file("b", "x", { before: utf8("hidden") })], "malformed", /no file's/],
  ["in front", [file("a", "x", { before: utf8("#!/bin/sh") })], "malformed", /no file's/],
  ["one over the other", [file("a", "xxxx"), file("b", "y", { at: 20 })], "malformed", /./],
  ["the same data for two", [file("a"), file("b", "y", { at: 0 })], "malformed", /./],
  ["deep", [file(`${"a/".repeat(64)}b`)], "malformed", /64 folders deep/],
  ["a long path", [file("a".repeat(5_000))], "too-big", /path of 5000/],
];

function extra(id: number, length: number): Uint8Array {
  const octets = new Uint8Array(4 + length);
  viewOf(octets).setUint16(0, id, true);
  viewOf(octets).setUint16(2, length, true);
  return octets;
}

test("what programs unpack in several ways is refused with the reason", () => {
  for (const [about, files, code, reason] of BAD) refuses(zipOf(files), code, reason, about);
});

test("headers that differ, names that are no text, and octets behind the last file", () => {
  const zip = zipOf([file("ab", "xyz", { method: 0 })]);
  const with1 = (at: number, octet: number): Uint8Array => {
    const changed = zip.slice();
    changed[at] = octet;
    return changed;
  };
  refuses(with1(4, 63), "unsupported", /needs version 6.3/, "version");
  refuses(with1(8, 8), "malformed", /header is not what/, "method");
  refuses(with1(6, 2), "malformed", /header is not what/, "flags");
  refuses(with1(14, 1), "malformed", /header is not what/, "CRC");
  refuses(with1(18, 9), "malformed", /header is not what/, "packed");
  refuses(with1(22, 9), "malformed", /header is not what/, "size");
  const raw = zipOf([file("\u0080b", "x", { mode: 0o100_644 })]).map((octet) =>
    octet === 0xc2 ? 0xff : octet,
  );
  refuses(raw, "malformed", /not UTF-8/, "name");
  const directoryAt = viewOf(zip).getUint32(zip.length - 6, true);
  const gap = ended(concat(zip.subarray(0, directoryAt), utf8("more")), zip.subarray(directoryAt));
  refuses(gap, "malformed", /up to octet [0-9]+ is no file's/, "behind the last");
});

test("so many octets as no application has, and so well packed as none is", () => {
  const behind = new Uint8Array(4_200_000);
  const huge = Array.from({ length: 5 }, (_, i) => file(`a${i}`, "x", { behind, size: 0xf000_0000 }));
  refuses(zipOf(huge), "too-big", /20132659200 octets; at most 17179869184/, "sum");
  const zeros = file("zeros", "", { behind: new Uint8Array(90_000), size: 80_000_000 });
  refuses(zipOf([zeros]), "too-big", /packed into 90[0-9]+ octets, files of 80000000 octets/, "ratio");
  assert.equal(read(zipOf([{ ...zeros, size: 60_000_000 }])).length, 1);
});

test("two directories are refused, whichever a program takes", () => {
  const one = zipOf([file("a", "one")]);
  const two = zipOf([file("a", "two")]);
  // The second directory stands in the comment of the first one's end, and ends the file as well.
  const both = concat(one, two);
  viewOf(both).setUint16(one.length - 2, two.length, true);
  refuses(both, "malformed", /readers differ/, "both could be");
});
