/** The formats that are fuzzed, each with files that are small and whole. */
import fc from "fast-check";
import { utf8, viewOf } from "../../../../protocol/bytes/index.ts";
import { codeDirectory, fat, signMachO, superBlob, tinyMachO } from "../machos.ts";
import { vector } from "../rig.ts";
import { zipOf } from "../zips.ts";
import { assertFarHolds, assertHolds } from "./holds.ts";
import { debShape, marShape, rpmShape, zipShape } from "./packages.ts";
import { machOShape, peShape } from "./programs.ts";
import { changed, changes } from "./shape.ts";
import type { Change, Shape } from "./shape.ts";

const shapes = (make: (file: Uint8Array) => Shape, ...paths: readonly string[]): readonly Shape[] =>
  paths.map((path) => make(vector(path)));

/** One more, whose certificate says its length without the zeros behind it, which only then are padding. */
function programs(): readonly Shape[] {
  const padded = vector("pe/tiny.a.efi");
  const table = padded.length - 1_472;
  const view = viewOf(padded);
  view.setUint32(table, 8 + 4 + view.getUint16(table + 10), true);
  const files = ["pe/tiny.efi", "pe/tiny.a.efi", "pe/tiny.ab.efi", "pe/tiny.ba.efi"].map(vector);
  return [...files, padded].map(peShape);
}

function machOs(): readonly Shape[] {
  const bare = tinyMachO(100);
  const signed = signMachO(bare, (code) => superBlob([[0, codeDirectory(code, "a", "sha256")]]), 400);
  return [bare, signed, fat(signed, bare), vector("macho/lld.dylib")].map(machOShape);
}

function zips(): readonly Shape[] {
  const files = [
    { name: "a/", data: utf8(""), method: 0, mode: 0o040_755 },
    { name: "a/program", data: utf8("program ".repeat(20)), mode: 0o100_755, follow: true },
    { name: "a/link", data: utf8("program"), method: 0, mode: 0o120_755 },
  ];
  return [
    zipOf(files),
    zipOf([
      ...files,
      { name: "b", data: utf8("b"), extra: utf8("UT\x05\x00\x03abcd") },
      { name: "größe", data: utf8("c"), method: 0, mode: 0o100_644 },
      { name: "d", data: utf8("text ".repeat(9)), mode: 0o100_644, follow: "too" },
    ]),
  ].map(zipShape);
}

/** By name, files with their seams. */
export const FORMATS: ReadonlyMap<string, () => readonly Shape[]> = new Map([
  ["pe", programs],
  ["deb", () => shapes(debShape, "deb/tiny.deb", "deb/tiny.origin.deb", "deb/tiny.twice.deb")],
  [
    "rpm",
    () =>
      shapes(
        rpmShape,
        "rpm/spike-hello.unsigned.rpm",
        "rpm/spike-hello.signed.rpm",
        "rpm/spike-hello.resigned.rpm",
      ),
  ],
  [
    "apk",
    () =>
      shapes(
        zipShape,
        "apk/spike.unsigned.apk",
        "apk/spike.v1.apk",
        "apk/spike.v2v3.apk",
        "apk/spike.v1v2v3.apk",
        "apk/minimal.2.apk",
      ),
  ],
  ["mar", () => shapes(marShape, "mar/tool.mar", "mar/tool.sha1.mar", "mar/tool.sha384.mar")],
  ["mach-o", machOs],
  ["zip", zips],
]);

/** What is tried: changes of one of a format's files, octets of it to be changed beside, and a gap somewhere in it. */
export interface Trial {
  readonly file: number;
  readonly changes: readonly Change[];
  readonly places: readonly number[];
  readonly gap: { readonly before: number; readonly length: number };
}

const trial: fc.Arbitrary<Trial> = fc.record({
  file: fc.nat(7),
  changes,
  places: fc.array(fc.nat(0xf_ffff), { maxLength: 3 }),
  gap: fc.record({
    before: fc.nat(255),
    length: fc.constantFrom(2 ** 32 - 16, 2 ** 32, 2 ** 32 + 8, 2 ** 31, 2 ** 40, 65_536),
  }),
});

export interface Tally {
  /** How many files had a form, and how many were refused, by code. */
  readonly ends: Map<string, number>;
}

/** Tries `runs` files of a format; the same for the same seed. Throws with the smallest that is found where something does not hold. */
export function fuzzFormat(
  name: string,
  runs: number,
  seed: number,
  tally: Tally = { ends: new Map() },
): Tally {
  const all = FORMATS.get(name)?.() ?? [];
  fc.assert(
    fc.property(trial, ({ file, changes: list, places, gap }) => {
      const shape = all[file % all.length];
      if (shape === undefined) throw new Error(`no files of ${name}`);
      const octets = changed(shape, list);
      if (octets.length === 0) return;
      const end = assertHolds(octets, places);
      tally.ends.set(end, (tally.ends.get(end) ?? 0) + 1);
      const before = shape.marks[gap.before % shape.marks.length] ?? 0;
      assertFarHolds(octets, Math.min(before, octets.length), gap.length);
    }),
    { numRuns: runs, seed },
  );
  return tally;
}
