import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  counted,
  fromBase64,
  fromBase64Either,
  fromDecimal,
  fromHex,
  fromUtf8,
  quote,
  toBase64,
  toDecimal,
  toHex,
  utf8,
} from "../../../protocol/bytes/index.ts";

const bytes = (): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength: 100 });
const ascii = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code));

test("hex: round trip, and the same as Buffer's", () => {
  fc.assert(
    fc.property(bytes(), (value) => {
      assert.equal(toHex(value), Buffer.from(value).toString("hex"));
      assert.deepEqual(fromHex(toHex(value), value.length), value);
    }),
  );
});

test("fromHex() takes lowercase digits in pairs and nothing else", () => {
  for (const junk of [...ascii, "é", "０", "\u{1F600}"]) {
    if (/^[0-9a-f]$/.test(junk)) assert.equal(fromHex(`0${junk}`).length, 1);
    else assert.throws(() => fromHex(`0${junk}`), { code: "bytes/bad-hex" }, JSON.stringify(junk));
  }
  for (const text of ["0", "abc", " 00", "0x00", "00\n"]) {
    assert.throws(() => fromHex(text), { code: "bytes/bad-hex" });
  }
  assert.throws(() => fromHex("0000", 1), { code: "bytes/bad-hex" });
  assert.deepEqual(fromHex(""), new Uint8Array());
});

test("base64: round trip, and the same as Buffer's in both alphabets", () => {
  fc.assert(
    fc.property(bytes(), (value) => {
      const text = toBase64(value);
      const url = Buffer.from(value).toString("base64url");
      assert.equal(text, Buffer.from(value).toString("base64"));
      assert.deepEqual(fromBase64(text), value);
      assert.deepEqual(fromBase64Either(text), value);
      assert.deepEqual(fromBase64Either(url), value);
      assert.deepEqual(fromBase64Either(url.padEnd(text.length, "=")), value);
    }),
  );
});

test("fromBase64() refuses every character outside the alphabet, wherever it stands", () => {
  for (const junk of [...ascii, "é", "Ａ"]) {
    if (/^[A-Za-z0-9+/]$/.test(junk)) continue;
    for (const text of [`${junk}AAA`, `A${junk}AA`, `AA${junk}A`, `${junk}A==`]) {
      assert.throws(() => fromBase64(text), { code: "bytes/bad-base64" }, JSON.stringify(text));
    }
  }
});

test("base64 has one spelling: padding and trailing bits are exact", () => {
  for (const text of [
    "A",
    "AA",
    "AAA",
    "AA=",
    "A===",
    "====",
    "=",
    "AAAA=",
    "AA==AAAA",
    "AB==",
    "AAB=",
    "AAAAA",
  ]) {
    assert.throws(() => fromBase64(text), { code: "bytes/bad-base64" }, text);
  }
  for (const text of ["A", "AB", "AAB", "AB==", "A===", "AA=", "A-/A", "A_+A", "AAAAA"]) {
    assert.throws(() => fromBase64Either(text), { code: "bytes/bad-base64" }, text);
  }
  assert.throws(() => fromBase64("__8="), { code: "bytes/bad-base64" });
  assert.deepEqual(fromBase64Either("__8="), Uint8Array.of(255, 255));
});

test("any text that decodes is the one that its octets encode to", () => {
  const text = fc.string({ unit: fc.constantFrom(...Array.from("AB+/-_=w8")), maxLength: 12 });
  fc.assert(
    fc.property(text, (candidate) => {
      let decoded: Uint8Array;
      try {
        decoded = fromBase64(candidate);
      } catch {
        return;
      }
      assert.equal(toBase64(decoded), candidate);
    }),
    { numRuns: 2000 },
  );
});

test("decimal: round trip of safe integers; no sign, zeros, exponent, space or other digits", () => {
  fc.assert(fc.property(fc.maxSafeNat(), (value) => assert.equal(fromDecimal(toDecimal(value)), value)));
  for (const text of [
    "",
    "00",
    "01",
    "+1",
    "-1",
    "-0",
    "1.0",
    "1e3",
    " 1",
    "1 ",
    "0x1",
    "٣",
    "9007199254740992",
    "1".repeat(400),
    "Infinity",
    "NaN",
  ]) {
    assert.throws(() => fromDecimal(text), { code: "bytes/bad-decimal" }, text);
  }
  assert.throws(() => fromDecimal("256", 255), { code: "bytes/bad-decimal" });
  for (const value of [-1, 1.5, 2 ** 53, Number.NaN, -0]) {
    assert.throws(() => toDecimal(value), { code: "bytes/bad-decimal" });
  }
});

test("UTF-8: round trip of well-formed text; a byte order mark stays; bad octets are refused", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      assert.equal(fromUtf8(utf8(text)), text);
    }),
  );
  assert.equal(fromUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x41)), "\uFEFFA");
  for (const bad of [[0x80], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82]]) {
    assert.throws(() => fromUtf8(Uint8Array.from(bad)), { code: "bytes/bad-utf8" });
  }
  assert.throws(() => utf8("\ud800"), { code: "bytes/bad-utf8" });
});

test("counted() says one of one, and many of all else", () => {
  const words = [0, 1, 2].map((count) => counted(count, "entry"));
  assert.deepEqual(words, ["0 entries", "1 entry", "2 entries"]);
  assert.deepEqual(
    ["rule", "key", "process", "hash"].map((noun) => counted(2, noun)),
    ["2 rules", "2 keys", "2 processes", "2 hashes"],
  );
  assert.equal(counted(2, "proof of misdeeds", "proofs of misdeeds"), "2 proofs of misdeeds");
});

test("quote() escapes controls and cuts", () => {
  assert.equal(quote("a\n\u001b"), '"a\\n\\u001b"');
  // What JSON.stringify() leaves alone and a terminal obeys: DEL, C1 (0x9b begins an escape), line ends, right-to-left.
  assert.equal(quote("\u007f\u009b\u2028\u202e\u2066\ufeff"), '"\\u007f\\u009b\\u2028\\u202e\\u2066\\ufeff"');
  assert.equal(quote("hällo 文 \ud83d\ude00 \ud83d"), '"hällo 文 \ud83d\ude00 \\ud83d"');
  assert.ok(quote("x".repeat(10_000_000)).length <= 70);
});
