import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import {
  assertEmittable,
  canonicalJson,
  compareCodePoints,
  fromUtf8,
  isJsonObject,
  jsonObject,
  readJson,
  toHex,
  utf8,
  writeJson,
} from "../../../protocol/bytes/index.ts";
import type { JsonValue } from "../../../protocol/bytes/index.ts";

const text = (value: JsonValue): string => fromUtf8(canonicalJson(value));

test("canonicalJson() writes in-toto-golang's corner cases octet for octet", () => {
  const link = readJson(readFileSync(new URL("../../vectors/json/canonical-test.link", import.meta.url)), {
    maxBytes: 10_000,
  });
  assert.ok(isJsonObject(link));
  // The octets that securesystemslib wrote, from in-toto-golang's TestMetablockGetSignableRepresentation.
  assert.equal(
    toHex(canonicalJson(link.get("signed") ?? null)),
    "7b225f74797065223a226c696e6b222c22627970726f6475637473223a7b7d2c22636f6d6d616e64223a5b5d2c22656e7669726f6e6d656e74223a7b" +
      "2261223a22575446222c2262223a747275652c2263223a66616c73652c2264223a6e756c6c2c2265223a312c2266223a221befbfbf465c5c6e5c2222" +
      "7d2c226d6174657269616c73223a7b7d2c226e616d65223a2274657374222c2270726f6475637473223a7b7d7d",
  );
});

test("canonicalJson() escapes nothing but quotation mark and backslash", () => {
  assert.equal(text('a"b\\c\n\t\u0000é\u{1F600}'), '"a\\"b\\\\c\n\t\u0000é\u{1F600}"');
});

test("canonicalJson() sorts names by code point, not by UTF-16", () => {
  const names = ["\u{10000}", "\uFFFF", "\uE000", "é", "z", "a", "aa", "", "Z"];
  const value = new Map(names.map((name) => [name, 0]));
  assert.equal(text(value), '{"":0,"Z":0,"a":0,"aa":0,"z":0,"é":0,"\uE000":0,"\uFFFF":0,"\u{10000}":0}');
});

const word = fc.string({
  unit: fc.constantFrom("a", "b", "é", "\uD7FF", "\uE000", "\uFFFF", "\u{10000}", "\u{10FFFF}"),
  maxLength: 4,
});

test("canonicalJson() sorts names that come in any order, in order, or in UTF-16's", () => {
  fc.assert(
    fc.property(fc.uniqueArray(word, { maxLength: 5 }), (names) => {
      const sorted = names.toSorted((a, b) => Buffer.compare(utf8(a), utf8(b)));
      const expected = `{${sorted.map((name) => `"${name}":0`).join(",")}}`;
      for (const order of [names, sorted, names.toSorted()]) {
        assert.equal(text(new Map(order.map((name) => [name, 0]))), expected);
      }
    }),
  );
});

test("compareCodePoints() is the order of the UTF-8 octets", () => {
  fc.assert(
    fc.property(word, word, (a, b) => {
      assert.equal(Math.sign(compareCodePoints(a, b)), Buffer.compare(utf8(a), utf8(b)));
    }),
  );
});

test("canonicalJson() refuses fractions, -0, unsafe integers and unpaired surrogates", () => {
  for (const value of [0.5, -0, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => canonicalJson([value]), { code: "json/not-canonical" });
  }
  assert.throws(() => canonicalJson("\ud800"), { code: "bytes/bad-utf8" });
  assert.throws(() => canonicalJson(new Map([["\udfff", 1]])), { code: "bytes/bad-utf8" });
});

test("what assertEmittable() lets pass is canonical JSON that JSON readers read back", () => {
  const name = fc.string({ unit: "grapheme-ascii" });
  const value = fc.dictionary(
    name,
    fc.oneof(fc.string({ unit: "binary" }), fc.maxSafeInteger(), fc.array(fc.boolean())),
  );
  fc.assert(
    fc.property(value, (members) => {
      const object = new Map<string, JsonValue>(Object.entries(members));
      try {
        assertEmittable(object);
      } catch (error) {
        assert.match(JSON.stringify(members), /\\/);
        assert.equal((error as { code?: string }).code, "json/not-canonical");
        return;
      }
      const read = readJson(canonicalJson(object), { maxBytes: 100_000, integersOnly: true });
      assert.ok(isJsonObject(read));
      assert.deepEqual(new Map(read), object);
    }),
  );
});

test("assertEmittable() refuses what the dialects sign differently, at any depth", () => {
  const inside = (value: JsonValue): JsonValue => new Map([["a", [new Map([["b", value]])]]]);
  for (const bad of ["a\nb", "\t", "\u0000", "\u001f", "a\\b", "\\n", 0.5, -0, 2 ** 53]) {
    assert.throws(() => assertEmittable(inside(bad)), { code: "json/not-canonical" }, JSON.stringify(bad));
  }
  for (const name of ["é", "\u{10000}", "\uFFFF", "a\\", "\r"]) {
    assert.throws(() => assertEmittable(inside(new Map([[name, 1]]))), { code: "json/not-canonical" }, name);
  }
  assert.doesNotThrow(() => assertEmittable(inside(['é "quoted" \u{1F600}', 1, true, null])));
});

test("writeJson() refuses what no JSON reader takes back", () => {
  for (const value of [Number.NaN, Number.NEGATIVE_INFINITY, "\ud800"]) {
    assert.throws(() => writeJson([value]), { code: "json/not-canonical" });
  }
  assert.equal(fromUtf8(writeJson([-0, 1e21, 5e-324])), "[-0,1e+21,5e-324]");
});

test("jsonObject() keeps the order and leaves out what is undefined", () => {
  assert.equal(fromUtf8(writeJson(jsonObject({ b: 1, a: undefined, c: null }))), '{"b":1,"c":null}');
});
