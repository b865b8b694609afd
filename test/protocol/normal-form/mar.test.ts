import assert from "node:assert/strict";
import { test } from "node:test";
import { concat, equalBytes, u32be, u64be, utf8, viewOf } from "../../../protocol/bytes/index.ts";
import { assertEachCounts, assertOneForm, assertStreams, fuzz, normal, refusal, vector } from "./rig.ts";

/** Made by Mozilla's own writer. */
const TOOL = {
  unsigned: vector("mar/tool.mar"),
  sha1: vector("mar/tool.sha1.mar"),
  sha384: vector("mar/tool.sha384.mar"),
};

/** With a number of 4 octets. */
function with32(file: Uint8Array, at: number, value: number): Uint8Array {
  const changed = file.slice();
  viewOf(changed).setUint32(at, value);
  return changed;
}

/** The unsigned archive with these octets as `count` signatures. */
function signed(count: number, ...signatures: readonly Uint8Array[]): Uint8Array {
  const [bare, block] = [TOOL.unsigned, concat(...signatures)];
  const index = viewOf(bare).getUint32(4);
  const file = concat(
    utf8("MAR1"),
    u32be(index + block.length),
    u64be(bare.length + block.length),
    u32be(count),
    block,
    bare.subarray(20),
  );
  const view = viewOf(file);
  for (let at = index + block.length + 4; at < file.length; at = file.indexOf(0, at + 12) + 1) {
    view.setUint32(at, view.getUint32(at) + block.length);
  }
  return file;
}

const signature = (algorithm: number, length: number): Uint8Array =>
  concat(u32be(algorithm), u32be(length), new Uint8Array(length).fill(7));

test("an archive has one normal form, which is the unsigned archive, whoever signed and how often", () => {
  const form = assertOneForm({ ...TOOL, twice: signed(2, signature(1, 256), signature(2, 512)) });
  assert.ok(equalBytes(form, TOOL.unsigned));
  assert.deepEqual(normal(TOOL.sha384).signatures, [
    { kind: "mar", at: 20, length: 520, detail: "RSA of 4096 bits, SHA-384" },
  ]);
  assert.equal(normal(TOOL.unsigned).format, "mar");
});

test("every octet outside of the signatures counts", () => {
  assertEachCounts(TOOL.unsigned, []);
  assertEachCounts(TOOL.sha1, []);
});

test("the edits stream, whatever the chunks", () => {
  for (const file of Object.values(TOOL)) assertStreams(file);
});

test("an archive of the old kind has no signatures", () => {
  const old = concat(
    utf8("MAR1"),
    u32be(12),
    utf8("data"),
    u32be(14),
    u32be(8),
    u32be(4),
    u32be(0o644),
    utf8("a\0"),
  );
  const { bytes, format } = normal(old);
  assert.ok(equalBytes(bytes, old));
  assert.equal(format, "mar");
});

test("a signature that is none is refused", () => {
  for (const file of [
    signed(1, signature(3, 256)),
    signed(1, signature(1, 100)),
    signed(1, signature(1, 0)),
  ]) {
    const { code, message } = refusal(file);
    assert.equal(code, "normal-form/not-a-signature");
    assert.match(message, /^octet 20: a signature of/);
    assert.ok(equalBytes(normal(file, true).bytes, TOOL.unsigned));
  }
});

test("tables that overlap, reach beyond the end or do not add up are refused", () => {
  const index = viewOf(TOOL.sha1).getUint32(4);
  const cases = [
    ["normal-form/malformed", with32(TOOL.sha1, 24, 0xffff_fff0), /overlaps the files/],
    ["normal-form/malformed", with32(TOOL.sha1, 12, 7), /says another size than the 385 octets/],
    ["normal-form/malformed", with32(TOOL.sha1, 4, 0xffff_fff0), /beyond the file's end/],
    ["normal-form/too-big", with32(TOOL.sha1, 4, 0), /an index of/],
    ["normal-form/malformed", with32(TOOL.sha1, index + 4, 0xffff_fff0), /is not before the index/],
    ["normal-form/malformed", with32(TOOL.sha1, index + 4, 12), /within the header/],
    ["normal-form/malformed", with32(TOOL.sha1, 16, 2), /overlaps the files/],
    ["normal-form/malformed", concat(TOOL.sha1, utf8("x")), /does not end with the file/],
    ["normal-form/malformed", with32(TOOL.unsigned, 24, 4), /an additional section of 4 octets/],
    ["normal-form/malformed", with32(TOOL.unsigned, 20, 0), /nothing says what the 17 octets/],
    ["normal-form/too-big", with32(TOOL.sha1, 16, 9), /in signatures/],
    ["normal-form/too-big", with32(TOOL.unsigned, 20, 9), /in additional sections/],
    ["normal-form/too-big", with32(TOOL.sha1, index, 0xffff_fff0), /an index/],
    ["normal-form/malformed", utf8("MAR1"), /beyond the file's end/],
  ] as const;
  for (const [code, file, reason] of cases) {
    const found = refusal(file);
    assert.match(found.message, reason);
    assert.equal(found.code, code);
  }
});

test("whatever is changed, an archive has a normal form of its own or is refused", () => {
  assert.ok(fuzz(Object.values(TOOL), 3_000) > 100);
});
