import assert from "node:assert/strict";
import { test } from "node:test";
import { concat, equalBytes, fromHex, toHex, u32be, utf8, viewOf } from "../../../protocol/bytes/index.ts";
import { sha256 } from "../../../protocol/crypto/index.ts";
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

/** One package, signed with an Ed25519 key, signed again with an RSA key, and with its signature taken off again by rpmsign. */
const FILES = {
  unsigned: vector("rpm/spike-hello.unsigned.rpm"),
  signed: vector("rpm/spike-hello.signed.rpm"),
  resigned: vector("rpm/spike-hello.resigned.rpm"),
  delsign: vector("rpm/spike-hello.after-delsign.rpm"),
};
const MAIN = 4_504;
const INDEX = 112;
const STORE = INDEX + 16 * 8;
const SIGNATURE = FILES.signed.subarray(STORE, STORE + 119);

interface Tag {
  readonly tag: number;
  readonly type: number;
  readonly count: number;
  readonly octets: Uint8Array;
}

/** A package with this signature header. */
function packaged(tags: readonly Tag[], more: Uint8Array = new Uint8Array(0)): Uint8Array {
  const align = (type: number): number =>
    new Map([
      [4, 4],
      [5, 8],
    ]).get(type) ?? 1;
  const index: Uint8Array[] = [];
  let store = new Uint8Array(0);
  for (const { tag, type, count, octets } of tags) {
    const pad = (align(type) - (store.length % align(type))) % align(type);
    store = new Uint8Array(concat(store, new Uint8Array(pad)));
    index.push(concat(u32be(tag), u32be(type), u32be(store.length), u32be(count)));
    store = new Uint8Array(concat(store, octets));
  }
  store = new Uint8Array(concat(store, more));
  const intro = concat(fromHex("8eade80100000000"), u32be(tags.length), u32be(store.length));
  const padding = new Uint8Array((8 - (store.length % 8)) % 8);
  return concat(FILES.signed.subarray(0, 96), intro, ...index, store, padding, FILES.signed.subarray(MAIN));
}

const openPgp = (octets: Uint8Array): Tag => ({ tag: 268, type: 7, count: octets.length, octets });
const texts = (tag: number, ...all: readonly string[]): Tag => ({
  tag,
  type: 8,
  count: all.length,
  octets: utf8(all.map((text) => `${text}\0`).join("")),
});

test("a package has one normal form, main header and payload, whoever signed it", () => {
  const form = assertOneForm(FILES);
  assert.ok(equalBytes(form, FILES.signed.subarray(MAIN)));
  assert.equal(toHex(sha256(form)), "737c763ee023f15c7dca65fb2b464cfeff25b6d18c691bcad762788c682fae1a");
  assert.deepEqual(normal(FILES.unsigned).signatures, []);
  assert.deepEqual(normal(FILES.signed).signatures, [
    { kind: "rpm-header", at: 0, length: MAIN, detail: "lead and signature header, 1 signed" },
  ]);
  assert.equal(normal(form).format, "rpm");
});

test("every octet of main header and payload counts", () => {
  assertEachCounts(FILES.signed, []);
});

test("the edits stream, whatever the chunks", () => {
  for (const file of Object.values(FILES)) assertStreams(file);
});

test("all that rpm writes into a signature header is read: files' signatures, sizes in 64 bits, several signatures", () => {
  const size = FILES.signed.length - MAIN;
  const file = packaged([
    openPgp(SIGNATURE),
    { tag: 1_005, type: 7, count: SIGNATURE.length, octets: SIGNATURE },
    { tag: 270, type: 5, count: 1, octets: concat(new Uint8Array(4), u32be(size)) },
    { tag: 1_000, type: 4, count: 1, octets: u32be(size) },
    texts(274, "0302", "", "ff"),
    { tag: 275, type: 4, count: 1, octets: u32be(2) },
    texts(276, "AAAA"),
    texts(278, Buffer.from(SIGNATURE).toString("base64")),
    { tag: 999, type: 7, count: 3, octets: new Uint8Array(3) },
  ]);
  assert.equal(normal(file).signatures[0]?.detail, "lead and signature header, 6 signed");
  assert.ok(equalBytes(normal(file).bytes, FILES.signed.subarray(MAIN)));
});

test("nothing hides in lead or signature header", () => {
  const changed = (at: number, octet: number): Uint8Array => {
    const file = FILES.signed.slice();
    file[at] = octet;
    return file;
  };
  const cases = [
    [changed(5, 1), 4, /a lead of version 3\.1/],
    [changed(60, 0x41), 10, /name in the lead/],
    [changed(12, 0x1b), 10, /name in the lead/],
    [changed(90, 1), 78, /the lead does not end/],
    [changed(STORE + 300, 1), STORE + 252, /room for signatures is not empty/],
    [changed(STORE + 119, 0x5a), STORE + 119, /40 hex digits/],
    [changed(STORE + 231, 9), STORE + 228, /of a package of \d+ octets, and 1628 follow/],
    [changed(INDEX + 16 + 3, 66), STORE, /tag 66|tag 322 of type 7 is not read/],
    [changed(INDEX + 16 + 11, 1), STORE + 1, /stands at 1 of its store, not at 0/],
    [changed(STORE + 4_244 + 15, 17), STORE + 4_244, /trailer/],
    [changed(MAIN - 1, 1), MAIN - 4, /padding behind the signature header/],
    [packaged([openPgp(utf8("anything at all"))]), 128, /other than signatures/],
    [
      packaged([openPgp(SIGNATURE)], utf8("hidden!")),
      247,
      /7 octets of the signature header belong to no tag/,
    ],
    [packaged([texts(274, "not hex")]), 128, /no hex/],
    [packaged([texts(278, "AAAA")]), 128, /other than signatures|signature/],
    [packaged([{ tag: 267, type: 7, count: 4_000_000_000, octets: SIGNATURE }]), 128, /beyond the store/],
    [packaged([{ ...texts(274, "00"), count: 3 }]), 128, /does not end/],
    [packaged([{ ...texts(274, "00"), count: 70_000 }]), 128, /70000 texts/],
    [packaged([{ tag: 1_000, type: 4, count: 2, octets: new Uint8Array(8) }]), 128, /2 values/],
    [packaged([{ tag: 1_004, type: 7, count: 17, octets: new Uint8Array(17) }]), 128, /MD5/],
  ] as const;
  for (const [file, at, reason] of cases) {
    assertNoSignature(file, at, reason);
    assert.ok(equalBytes(normal(file, true).bytes, FILES.signed.subarray(MAIN)), "leniently it is cut");
  }
});

test("headers that are none, beyond the end, too long or with too many tags are refused", () => {
  const with32 = (at: number, value: number): Uint8Array => {
    const file = FILES.signed.slice();
    viewOf(file).setUint32(at, value);
    return file;
  };
  const cases = [
    ["normal-form/malformed", with32(96, 0)],
    ["normal-form/malformed", with32(MAIN, 0)],
    ["normal-form/malformed", with32(108, 8_000_000)],
    ["normal-form/malformed", with32(108, 4_300)],
    ["normal-form/malformed", FILES.signed.slice(0, 80)],
    ["normal-form/malformed", FILES.signed.slice(0, MAIN)],
    ["normal-form/too-big", with32(108, 0xffff_fff0)],
    ["normal-form/too-big", with32(104, 65)],
  ] as const;
  for (const [code, file] of cases) assert.equal(refusal(file).code, code);
});

test("whatever is changed, an RPM has a normal form of its own or is refused", () => {
  const headers = Object.values(FILES).map((file) =>
    concat(file.subarray(0, INDEX + 400), file.subarray(MAIN - 300)),
  );
  assert.ok(
    fuzz([...Object.values(FILES), ...headers, packaged([openPgp(SIGNATURE), texts(274, "00")])], 3_000) >
      100,
  );
});
