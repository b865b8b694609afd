import assert from "node:assert/strict";
import { test } from "node:test";
import { concat, equalBytes, utf8, viewOf } from "../../../protocol/bytes/index.ts";
import { normalForm, runReads } from "../../../protocol/normal-form/index.ts";
import { blob, codeDirectory, fat, signMachO, superBlob, tinyMachO } from "./machos.ts";
import {
  assertEachCounts,
  assertNoSignature,
  assertOneForm,
  assertStreams,
  fuzz,
  normal,
  refusal,
  vector,
} from "./rig.ts";

/** A universal library as published: a program for Intel, unsigned, and one for arm64, signed ad hoc by the linker. */
const FSEVENTS = vector("macho/fsevents.node");
const INTEL = FSEVENTS.subarray(16_384, 16_384 + 81_088);
const ARM = FSEVENTS.subarray(98_304);

/** Linked and signed ad hoc by LLVM's lld, and signed anew by its objcopy. */
const LLD = vector("macho/lld.dylib");
const AGAIN = vector("macho/lld.again.dylib");

const adHoc =
  (identifier: string, hash: "sha256" | "sha1" | "sha384" = "sha256") =>
  (code: Uint8Array): Uint8Array =>
    superBlob([[0, codeDirectory(code, identifier, hash)]]);

/** With requirements, entitlements, a second code directory and room, as for the App Store. */
const full = (code: Uint8Array): Uint8Array =>
  superBlob([
    [0, codeDirectory(code, "org.example.full", "sha1")],
    [2, blob(0xfade_0c01, new Uint8Array(4))],
    [5, blob(0xfade_7171, utf8("<plist/>"))],
    [0x1000, codeDirectory(code, "org.example.full", "sha256")],
    [0x1_0000, blob(0xfade_0b01)],
  ]);

const TINY = tinyMachO(53);
const SIGNED = signMachO(TINY, adHoc("a"), 160);
const FILES = {
  TINY,
  SIGNED,
  other: signMachO(TINY, adHoc("org.example.other", "sha384"), 20_000),
  full: signMachO(TINY, full, 4_000),
};
/** __LINKEDIT's size in memory is made anew. */
const MEMORY = 32 + 72 + 32;

test("what lld signed, objcopy signed anew, and others sign after that has one normal form", () => {
  const unsigned = assertOneForm({ LLD, AGAIN });
  assertOneForm({
    LLD,
    unsigned,
    signed: signMachO(unsigned, adHoc("b"), 500),
    full: signMachO(unsigned, full, 9_000),
  });
  const memory = Buffer.from(LLD).indexOf("__LINKEDIT") + 24;
  assertEachCounts(LLD, [[memory, memory + 8]], 5);
});

test("a blob begins at a multiple of 8 where the one before does not end there, with zeros between", () => {
  const { signatures } = normal(LLD);
  const at = signatures[0]?.at ?? assert.fail();
  const gap = LLD.slice();
  gap[at + 21] = 1;
  assertNoSignature(gap, at, /a blob at 24 of the signature, not at 20/);
  const further = LLD.slice();
  viewOf(further).setUint32(at + 16, 32);
  assertNoSignature(further, at, /a blob at 32 of the signature, not at 20/);
});

test("a program has one normal form, whoever signed it, ad hoc or with everything", () => {
  const form = assertOneForm(FILES);
  assert.equal(form.length, 576, "565 octets, and zeros up to a multiple of 16");
  assert.ok(equalBytes(form.subarray(200, 565), TINY.subarray(200)));
  assert.deepEqual(normal(FILES.full).signatures, [
    {
      kind: "code-signature",
      at: 576,
      length: 4_000,
      detail: "code directory, requirements, entitlements, code directory, CMS; ad hoc",
    },
  ]);
  const unsigned = INTEL.slice();
  assertOneForm({ unsigned, signed: signMachO(unsigned, adHoc("fsevents"), 20_000) });
});

test("a program that Apple's linker signed ad hoc: the signature goes", () => {
  const { signatures, bytes, format } = normal(ARM);
  assert.equal(format, "mach-o");
  assert.deepEqual(signatures, [
    { kind: "code-signature", at: 64_688, length: 634, detail: "code directory; ad hoc" },
  ]);
  assertOneForm({ ARM, again: signMachO(bytes, adHoc("other"), 800) });
});

test("a universal file has one normal form, whichever of its programs is signed", () => {
  const both = fat(signMachO(INTEL, adHoc("x"), 17_000), ARM.slice());
  both.set(FSEVENTS.subarray(8, 16), 8); // processors, as the published file names them
  both.set(FSEVENTS.subarray(28, 36), 28);
  assertOneForm({ FSEVENTS, both });
  const three = [TINY, tinyMachO(16_000), tinyMachO(9)];
  const signed = three.map((each, i) => signMachO(each, adHoc(`${i}`), 800));
  assertOneForm({
    none: fat(...three),
    all: fat(...signed),
    two: fat(signed[0] ?? TINY, three[1] ?? TINY, signed[2] ?? TINY),
  });
  assert.equal(normal(fat(...signed)).signatures.length, 3);
});

test("every octet outside of the signature counts, but for the size in memory of the segment with it", () => {
  assertEachCounts(TINY, [[MEMORY, MEMORY + 8]]);
  assertEachCounts(SIGNED, [[MEMORY, MEMORY + 8]]);
  const both = fat(SIGNED, TINY);
  const memory = [16_384, 32_768].map((at) => [at + MEMORY, at + MEMORY + 8] as const);
  assertEachCounts(both, memory, 97);
});

test("the edits stream, whatever the chunks", () => {
  for (const file of [...Object.values(FILES), fat(SIGNED, TINY)]) assertStreams(file);
});

test("nothing hides in the signature", () => {
  const of = (make: (code: Uint8Array) => Uint8Array, room: number = 1_000): Uint8Array =>
    signMachO(TINY, make, room);
  const directory = (code: Uint8Array): Uint8Array => codeDirectory(code, "a", "sha256");
  const cases = [
    [of(() => utf8("anything at all")), 576, /a blob 0x616e7974/],
    [of((code) => concat(adHoc("a")(code), utf8("x"))), 576 + 142, /something stands behind the signature/],
    [
      of((code) => superBlob([[0, directory(code)]], utf8("hidden"))),
      576,
      /6 octets of the signature belong to no blob/,
    ],
    [of((code) => superBlob([[3, directory(code)]])), 576, /in slot 3/],
    [
      of((code) =>
        superBlob([
          [0, directory(code)],
          [0, directory(code)],
        ]),
      ),
      576,
      /twice/,
    ],
    [of((code) => superBlob([[0, concat(directory(code), utf8("x"))]])), 576, /belong to no blob/],
    [of((code) => superBlob([[0, directory(code.subarray(0, 100))]])), 576, /hashes are not those/],
    [
      of((code) => superBlob([[0, blob(0xfade_0c02, directory(code).subarray(8), utf8("x"))]])),
      576,
      /hashes are not those/,
    ],
    [
      of((code) =>
        superBlob([
          [0, directory(code)],
          [0x1_0000, blob(0xfade_0b01, utf8("text"))],
        ]),
      ),
      576,
      /octet/,
    ],
    [of(() => superBlob([])), 576, /0 blobs/],
  ] as const;
  for (const [file, at, reason] of cases) {
    assertNoSignature(file, at, reason);
    assert.ok(equalBytes(normal(file, true).bytes, normal(TINY).bytes), "leniently it is cut");
  }
});

test("tables that overlap, reach beyond the end or contradict each other are refused", () => {
  const with32 = (file: Uint8Array, at: number, value: number, little: boolean = true): Uint8Array => {
    const changed = file.slice();
    viewOf(changed).setUint32(at, value, little);
    return changed;
  };
  const command = 32 + 144;
  const universal = fat(SIGNED, TINY);
  const cases = [
    ["normal-form/malformed", with32(SIGNED, command + 8, 560), /does not end with the program/],
    ["normal-form/malformed", with32(SIGNED, command + 12, 0xffff_fff0), /does not end with the program/],
    ["normal-form/malformed", with32(SIGNED, command + 4, 8), /a signature|second signature|load command/],
    ["normal-form/malformed", with32(SIGNED, 32 + 72 + 48, 7), /the segment __LINKEDIT of 7 octets/],
    ["normal-form/malformed", with32(SIGNED, 16, 9), /its header says 9/],
    ["normal-form/malformed", with32(SIGNED, 36, 3), /a load command of 3 octets/],
    ["normal-form/malformed", concat(SIGNED, utf8("x")), /does not end with the program/],
    ["normal-form/malformed", with32(SIGNED, 20, 60_000), /reach beyond the program/],
    ["normal-form/too-big", with32(SIGNED, 20, 0xffff_fff0), /load commands of/],
    ["normal-form/malformed", with32(universal, 16, 0xffff_c000, false), /a slice of/],
    ["normal-form/malformed", with32(universal, 36, 16_384, false), /is not behind octet/],
    ["normal-form/malformed", with32(universal, 24, 40, false), /aligned to 2\^40/],
    ["normal-form/malformed", with32(universal, 16_384, 0), /a slice is no Mach-O file/],
    ["normal-form/malformed", with32(universal, 1_000, 1), /something stands between two slices/],
    [
      "normal-form/malformed",
      with32(universal, 24, 3, false),
      /16336 octets between two slices, more than align/,
    ],
    ["normal-form/malformed", concat(universal, utf8("x")), /behind the last slice/],
  ] as const;
  for (const [code, file, reason] of cases) {
    const found = refusal(file);
    assert.match(found.message, reason);
    assert.equal(found.code, code);
  }
});

test("numbers of 32 bits that zeros would carry beyond 4 GB are refused, not written smaller", () => {
  const reading = (size: number, front: Uint8Array): unknown =>
    runReads(normalForm(size, { lenient: false }), ({ offset, length }) => {
      const octets = new Uint8Array(length);
      octets.set(front.subarray(Math.min(offset, front.length), Math.min(front.length, offset + length)));
      return octets;
    });
  // Unsigned programs, as universal ones: of nearly 4 GB, and behind one that ends there.
  const program = tinyMachO(53).slice(0, 300);
  viewOf(program).setBigUint64(32 + 72 + 48, BigInt(2 ** 32 - 5 - 512), true);
  viewOf(program).setBigUint64(32 + 72 + 32, 2n ** 33n, true);
  const universal = concat(fat(program).subarray(0, 16_384), program);
  viewOf(universal).setUint32(20, 2 ** 32 - 5);
  assert.throws(() => reading(16_384 + 2 ** 32 - 5, universal), /would end behind the 4 GB/);
  viewOf(universal).setUint32(20, 2 ** 32 - 32);
  viewOf(universal).setBigUint64(16_384 + 32 + 72 + 48, BigInt(2 ** 32 - 32 - 512), true);
  assert.doesNotThrow(() => reading(16_384 + 2 ** 32 - 32, universal));
});

test("a class of Java's, and what only begins like a program, are files of no such format", () => {
  const java = concat(Uint8Array.of(0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 65), new Uint8Array(40));
  for (const file of [java, Uint8Array.of(0xcf, 0xfa, 0xed, 0xfe)])
    assert.equal(normal(file).format, "other");
});

test("whatever is changed, a program has a normal form of its own or is refused", () => {
  assert.ok(fuzz([TINY, SIGNED, signMachO(TINY, full, 1_500)], 3_000) > 100);
  assert.ok(fuzz([fat(SIGNED, TINY)], 600) > 0);
});
