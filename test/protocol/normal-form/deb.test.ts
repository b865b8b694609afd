import assert from "node:assert/strict";
import { test } from "node:test";
import { concat, equalBytes, utf8 } from "../../../protocol/bytes/index.ts";
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

/** A package of 3 members, signed by debsigs with an Ed25519 key, and with an RSA key before it. */
const TINY = {
  unsigned: vector("deb/tiny.deb"),
  origin: vector("deb/tiny.origin.deb"),
  twice: vector("deb/tiny.twice.deb"),
};
const END = TINY.unsigned.length;
const [ED, ED_SIGNED] = [vector("deb/ed_1.19-1_amd64.deb"), vector("deb/ed_1.19-1_amd64.gpgorigin.deb")];

/** A member of an ar archive, padded. */
function member(name: string, body: Uint8Array, size: number = body.length): Uint8Array {
  const header = `${name.padEnd(16)}${"0".padEnd(12)}${"0".padEnd(6)}${"0".padEnd(6)}${"100644".padEnd(8)}${String(size).padEnd(10)}\`\n`;
  return concat(utf8(header), body, utf8(body.length % 2 === 0 ? "" : "\n"));
}

/** The octets of the signature in tiny.origin.deb. */
const SIGNATURE = TINY.origin.subarray(END + 60, END + 60 + 139);
/** Where it says who signed, without having signed that: two octets of length, then a subpacket of 9 octets of kind 16. */
const ISSUER =
  SIGNATURE.findIndex((_, i) => equalBytes(SIGNATURE.subarray(i, i + 4), Uint8Array.of(0, 10, 9, 16))) + 3;

test("a package has one normal form, the unsigned file, whoever signed it and however often", () => {
  assert.ok(equalBytes(assertOneForm(TINY), TINY.unsigned));
  assert.ok(equalBytes(assertOneForm({ ED, ED_SIGNED }), ED));
  assert.equal(normal(ED).format, "deb");
  assert.deepEqual(normal(ED_SIGNED).signatures, [
    { kind: "openpgp", at: 58_056, length: 180, detail: "_gpgorigin: OpenPGP, 1 signed" },
  ]);
  assert.deepEqual(
    normal(TINY.twice).signatures.map(({ detail }) => detail),
    ["_gpgmaint: OpenPGP, 1 signed", "_gpgorigin: OpenPGP, 1 signed"],
  );
});

test("a signature is found wherever it stands, and by the name that GNU ar writes, too", () => {
  const behind = concat(TINY.origin, member("_note", utf8("kept")));
  assert.ok(equalBytes(normal(behind).bytes, concat(TINY.unsigned, member("_note", utf8("kept")))));
  const slash = concat(TINY.unsigned, member("_gpgorigin/", SIGNATURE));
  assert.ok(equalBytes(normal(slash).bytes, TINY.unsigned));
});

test("every octet outside of the signatures counts", () => {
  assertEachCounts(TINY.twice, []);
  assertEachCounts(TINY.unsigned, []);
});

test("the edits stream, whatever the chunks", () => {
  for (const file of Object.values(TINY)) assertStreams(file);
});

test("what is no whole OpenPGP signature is refused, with the octet where it stands", () => {
  const start = END + 60;
  const changed = (at: number, octet: number): Uint8Array => {
    const file = TINY.origin.slice();
    file[at] = octet;
    return file;
  };
  const text = utf8("-----BEGIN PGP SIGNATURE-----\n\niHUE\n-----END PGP SIGNATURE-----\n");
  // Its packet, one octet longer than its numbers.
  const longer = concat(Uint8Array.of(0x88, SIGNATURE.length - 1), SIGNATURE.subarray(2), utf8("x"));
  const cases = [
    [concat(TINY.unsigned, member("_gpgorigin", longer)), start, /1 octets after the last field/],
    [concat(TINY.unsigned, member("_gpgorigin", utf8("anything"))), start, /other than signatures/],
    [
      concat(TINY.unsigned, member("_gpgorigin", concat(SIGNATURE, utf8("x")))),
      start,
      /other than signatures/,
    ],
    [concat(TINY.unsigned, member("_gpgorigin", SIGNATURE.subarray(0, -1))), start, /octets wanted/],
    [concat(TINY.unsigned, member("_gpgorigin", text)), start, /armored/],
    [concat(TINY.unsigned, member("_gpgorigin", new Uint8Array(0))), start, /0 signatures/],
    [concat(TINY.unsigned, member("_gpg_", SIGNATURE)), END, /no role's/],
    [changed(END + 16, 0x41), END + 16, /says more than time, owner and mode/],
    [changed(start + 139, 0x41), start + 139, /padding behind _gpgorigin/],
    [changed(start + 2, 9), start, /version 9/],
    [changed(start + 4, 99), start, /algorithm 99/],
    // The subpacket that nobody signed: the issuer (16) as a notation (20), which may say anything.
    [changed(start + ISSUER, 20), start, /subpacket 20/],
  ] as const;
  for (const [file, at, reason] of cases) {
    assertNoSignature(file, at, reason);
    assert.ok(equalBytes(normal(file, true).bytes, TINY.unsigned), "leniently it is cut");
    assert.equal(normal(file, true).remarks.length, 1);
  }
});

test("members beyond the end, broken headers, too many or too long ones are refused", () => {
  const cases = [
    ["normal-form/malformed", concat(TINY.unsigned, member("_gpgorigin", SIGNATURE, 4_000_000_000))],
    ["normal-form/malformed", TINY.origin.slice(0, -100)],
    ["normal-form/malformed", concat(TINY.origin, utf8("x"))],
    ["normal-form/malformed", concat(TINY.origin, new Uint8Array(60))],
    ["normal-form/too-big", concat(TINY.unsigned, member("_gpgorigin", new Uint8Array(20_000)))],
    [
      "normal-form/too-big",
      concat(TINY.unsigned, ...Array.from({ length: 17 }, () => member("_gpgorigin", SIGNATURE))),
    ],
    [
      "normal-form/too-big",
      concat(TINY.unsigned, ...Array.from({ length: 64 }, () => member("_x", SIGNATURE))),
    ],
  ] as const;
  for (const [code, file] of cases) assert.equal(refusal(file).code, code);
});

test("an archive that is no package is a file of no such format", () => {
  for (const file of [utf8("!<arch>\n"), concat(utf8("!<arch>\n"), member("x.o/", utf8("object")))]) {
    assert.equal(normal(file).format, "other");
  }
});

test("whatever is changed, a package has a normal form of its own or is refused", () => {
  assert.ok(fuzz(Object.values(TINY), 3_000) > 100);
});
