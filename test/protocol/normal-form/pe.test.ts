import assert from "node:assert/strict";
import { test } from "node:test";
import { concat, equalBytes, toHex } from "../../../protocol/bytes/index.ts";
import { sha256 } from "../../../protocol/crypto/index.ts";
import { applyEdits, authenticodeEdits, runReads } from "../../../protocol/normal-form/index.ts";
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

/** Made by test/vectors/unsign/README.md's commands: two keys, two programs that sign, in both orders. */
const TINY = {
  unsigned: vector("pe/tiny.efi"),
  osslsigncode: vector("pe/tiny.a.efi"),
  nested: vector("pe/tiny.ab.efi"),
  sbsign: vector("pe/tiny.b.efi"),
  twice: vector("pe/tiny.ba.efi"),
};
const [BARE, SIGNED] = [vector("pe/fbx64.efi"), vector("pe/fbx64.efi.signed")];
const HEADER = 64;
const CHECK_SUM = HEADER + 24 + 64;
const ENTRY = HEADER + 24 + 112 + 32;

/** The file with a number of 4 octets at `at`. */
function with32(file: Uint8Array, at: number, value: number): Uint8Array {
  const changed = file.slice();
  new DataView(changed.buffer).setUint32(at, value, true);
  return changed;
}

function read32(file: Uint8Array, at: number): number {
  return new DataView(file.buffer, file.byteOffset).getUint32(at, true);
}

function authenticode(file: Uint8Array): string {
  const edits = runReads(authenticodeEdits(file.length), ({ offset, length }) =>
    file.slice(offset, offset + length),
  );
  return toHex(sha256(concat(...[...applyEdits(edits, [file])].map((piece) => piece.slice()))));
}

test("a PE file has one normal form: unsigned, signed by either program, twice, nested", () => {
  const form = assertOneForm(TINY);
  assert.equal(form.length, 544, "541 octets and zeros up to a multiple of 8");
  const expected = TINY.unsigned.slice();
  expected.fill(0, CHECK_SUM, CHECK_SUM + 4);
  assert.ok(equalBytes(form, concat(expected, new Uint8Array(3))));
});

test("Debian's fallback loader and its signed twin have one normal form", () => {
  assertOneForm({ BARE, SIGNED });
  const { signatures, format } = normal(SIGNED);
  assert.equal(format, "pe");
  assert.deepEqual(signatures, [
    { kind: "authenticode", at: 117_360, length: 1_471, detail: "PKCS #7, 1 signed" },
  ]);
});

test("each signature is found: two in the table, or one inside the other", () => {
  assert.deepEqual(
    normal(TINY.twice).signatures.map(({ at, detail }) => [at, detail]),
    [
      [544, "PKCS #7, 1 signed"],
      [2_104, "PKCS #7, 1 signed"],
    ],
  );
  assert.deepEqual(
    normal(TINY.nested).signatures.map(({ detail }) => detail),
    ["PKCS #7, 2 signed"],
  );
});

test("the digest that Authenticode signs is what osslsigncode says of these files", () => {
  for (const file of Object.values(TINY)) {
    assert.equal(authenticode(file), "547bfda78c26484334b2d706d41d597baa5f7b2af310ba104beaf9d7e392880e");
  }
  for (const file of [BARE, SIGNED]) {
    assert.equal(authenticode(file), "f08e1ed5914bd0f4d1dd8731e53c8bc54ad0ce7daf49bfbea01d760b249b136f");
  }
  assert.throws(() => authenticode(new Uint8Array(100)), /no PE file/);
});

test("every octet outside of CheckSum, the table's entry and the table counts", () => {
  // Alignment behind a certificate stands in the table; so does nothing else.
  assertEachCounts(TINY.unsigned, [
    [CHECK_SUM, CHECK_SUM + 4],
    [ENTRY, ENTRY + 8],
  ]);
  assertEachCounts(TINY.twice, [
    [CHECK_SUM, CHECK_SUM + 4],
    [ENTRY, ENTRY + 8],
    [544, TINY.twice.length],
  ]);
});

test("the edits stream, whatever the chunks", () => {
  for (const file of Object.values(TINY)) assertStreams(file);
});

test("a certificate table that overlaps what is before it, or reaches beyond the end, is refused", () => {
  const cases = [
    [with32(TINY.osslsigncode, ENTRY, 512), /overlaps what is before octet 541/],
    [with32(TINY.osslsigncode, ENTRY, 0), /overlaps/],
    [with32(TINY.osslsigncode, ENTRY + 4, 0xffff_fff0), /is not within the file/],
    [with32(TINY.osslsigncode, ENTRY, 0xffff_fff0), /is not within the file/],
    [with32(TINY.osslsigncode, ENTRY + 4, 0), /is not within the file/],
    [TINY.osslsigncode.slice(0, -8), /is not within the file/],
  ] as const;
  for (const [file, reason] of cases) {
    const { code, message } = refusal(file);
    assert.equal(code, "normal-form/malformed");
    assert.match(message, reason);
    assert.match(message, new RegExp(`^octet ${ENTRY}: `));
  }
});

test("nothing hides in what is cut: behind the table, in the padding, behind the signature, as another type", () => {
  const table = TINY.osslsigncode.subarray(544);
  const hidden = concat(table.subarray(0, 8), table.subarray(8), new Uint8Array(16).fill(0x41));
  const grown = concat(TINY.osslsigncode.subarray(0, 544), hidden);
  const behind = concat(TINY.osslsigncode, new Uint8Array(16).fill(0x41));
  const inside = with32(with32(grown, ENTRY + 4, hidden.length), 544, hidden.length);
  const padded = concat(TINY.twice.subarray(0, 2_101), Uint8Array.of(0x41), TINY.twice.subarray(2_102));
  const other = TINY.osslsigncode.slice();
  other[550] = 1; // X.509
  const second = with32(grown, ENTRY + 4, hidden.length);
  const cases = [
    [behind, 2_016, /16 octets stand behind the certificate table/],
    [inside, 2_009, /23 octets stand behind the signature in its certificate/],
    [padded, 2_101, /padding behind a certificate is not zero/],
    [other, 544, /type 1/],
    [second, 2_016, /a certificate of 1094795585 octets where 16 are left/],
  ] as const;
  for (const [file, at, reason] of cases) {
    assertNoSignature(file, at, reason);
    const { remarks } = normal(file, true);
    assert.match(remarks.join(), reason, "leniently it is told");
  }
  assert.equal(normal(behind, true).size, 560, "what is outside the table is never cut");
});

test("a table of more octets, or certificates, than any is refused by its size", () => {
  const long = concat(with32(TINY.osslsigncode, ENTRY + 4, 2_000_000), new Uint8Array(2_000_000));
  assert.equal(refusal(long).code, "normal-form/too-big");
  const many = concat(...Array.from({ length: 17 }, () => TINY.osslsigncode.subarray(544)));
  const file = concat(TINY.osslsigncode.subarray(0, 544), many);
  assert.equal(refusal(with32(file, ENTRY + 4, many.length)).code, "normal-form/too-big");
  assert.equal(read32(TINY.osslsigncode, ENTRY + 4), 1_472);
});

test("a signature with an attribute that nobody signed is refused: anybody could put anything there", () => {
  // The attribute of a nested signature, its name changed: 1.3.6.1.4.1.311.2.4.1 -> 1.3.6.1.4.1.311.2.4.9
  const name = Uint8Array.of(0x2b, 6, 1, 4, 1, 0x82, 0x37, 2, 4, 1);
  const file = TINY.nested.slice();
  const at = file.findIndex((_, i) => equalBytes(file.subarray(i, i + name.length), name));
  file[at + 9] = 9;
  assert.match(refusal(file).message, /an attribute that nobody signed \(1\.3\.6\.1\.4\.1\.311\.2\.4\.9\)/);
});

test("DOS programs and what only begins like one are files of no such format", () => {
  for (const file of [
    concat(TINY.unsigned.subarray(0, 60), new Uint8Array(40).fill(0xff)),
    Uint8Array.of(0x4d, 0x5a),
  ]) {
    const form = normal(file);
    assert.equal(form.format, "other");
    assert.ok(equalBytes(form.bytes, file));
  }
});

test("whatever is changed, a PE file has a normal form of its own or is refused", () => {
  assert.ok(fuzz(Object.values(TINY), 3_000) > 100);
});
