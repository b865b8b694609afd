import assert from "node:assert/strict";
import { test } from "node:test";
import { causeOf } from "../../../../client/rebuild/debian/cause.ts";
import type { Differing } from "../../../../client/rebuild/debian/cause.ts";
import { utf8 } from "../../../../protocol/index.ts";

const YEARS = [2022, 2026] as const;

const texts = (path: string, archive: string, ours: string): Differing => ({
  path,
  archive: utf8(archive),
  ours: utf8(ours),
});
const octets = (path: string, archive: readonly number[], ours: readonly number[]): Differing => ({
  path,
  archive: Uint8Array.from(archive),
  ours: Uint8Array.from(ours),
});

const CONTROL = "Package: a\nVersion: 1\nInstalled-Size: 70\nDepends: perl (>= 5.36)\nDescription: a\n b\n";

for (const [name, differing, kind] of [
  ["only how it is packed", [], "toolchain drift"],
  ["sums alone", [texts("DEBIAN/md5sums", "a", "b")], "toolchain drift"],
  ["what linkers write, which was taken out", [octets("usr/bin/a", [1, 2], [1, 2])], "toolchain drift"],
  [
    "a dependency that helpers work out",
    [texts("DEBIAN/control", CONTROL, CONTROL.replace("5.36)", "5.36.1)").replace("70", "71"))],
    "toolchain drift",
  ],
  ["a description", [texts("DEBIAN/control", CONTROL, CONTROL.replace(" b\n", " c\n"))], "unknown cause"],
  [
    "a version",
    [texts("DEBIAN/control", CONTROL, CONTROL.replace("Version: 1", "Version: 2"))],
    "unknown cause",
  ],
  [
    "a changelog whose old entries were left out",
    [
      texts(
        "usr/share/doc/a/changelog.Debian.gz",
        "new\n\n# Older entries have been removed\n",
        "new\n\nold\n",
      ),
    ],
    "toolchain drift",
  ],
  ["an empty changelog", [texts("usr/share/doc/a/changelog.gz", "", "all\n")], "unknown cause"],
  ["a year in a text", [texts("usr/share/a", "(c) 2022 A", "(c) 2026 A")], "embedded date"],
  [
    "a date in words",
    [texts("usr/share/a", "Built on Mon, 26 Dec 2022 17:45:00", "Built on Sunday, 2 November 2026 08:01:59")],
    "embedded date",
  ],
  ["seconds since 1970", [texts("usr/share/a", "t=1672000000;", "t=1764403000;")], "embedded date"],
  ["a number that is no date", [texts("usr/share/a", "version 3", "version 4")], "unknown cause"],
  ["a day without its month", [texts("usr/share/a", "the 26th try", "the 27th try")], "unknown cause"],
  [
    "a year in a program, the low octet first",
    [octets("usr/bin/a", [9, 0xe6, 0x07, 9, 0xe6, 0x07], [9, 0xea, 0x07, 9, 0xea, 0x07])],
    "embedded date",
  ],
  ["a year, the high octet first", [octets("usr/bin/a", [0x07, 0xe6], [0x07, 0xea])], "embedded date"],
  ["the low octet of no year", [octets("usr/bin/a", [0x08, 0xe6], [0x08, 0xea])], "unknown cause"],
  ["another year than the builds'", [octets("usr/bin/a", [0xe5, 0x07], [0xea, 0x07])], "unknown cause"],
  ["a year and something else", [octets("usr/bin/a", [0xe6, 0x07, 1], [0xea, 0x07, 2])], "unknown cause"],
  ["a longer program", [octets("usr/bin/a", [0xe6, 0x07], [0xea, 0x07, 0])], "unknown cause"],
  ["a file that only one has", [{ path: "usr/bin/a", archive: null, ours: null }], "unknown cause"],
  [
    "a date in one file, a dependency in another",
    [texts("usr/a", "2022", "2026"), texts("DEBIAN/control", CONTROL, CONTROL.replace("70", "71"))],
    "embedded date",
  ],
] as const satisfies readonly (readonly [string, readonly Differing[], string])[]) {
  test(`${name}: ${kind}`, () => {
    const cause = causeOf(differing, YEARS);
    assert.equal(cause.class, kind);
    assert.ok(cause.detail !== "" && !cause.detail.includes("\n"));
  });
}

test("some of the files are named, and how many more there are", () => {
  const files = Array.from({ length: 5 }, (_, n) => texts(`usr/f${n}`, "a", "b"));
  assert.equal(causeOf(files, YEARS).detail, "usr/f0, usr/f1, usr/f2 and 2 more");
});

test("builds of one year differ by no year", () => {
  assert.equal(causeOf([octets("a", [0xe6, 0x07], [0xea, 0x07])], [2026, 2026]).class, "unknown cause");
});
