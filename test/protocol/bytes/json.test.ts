import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isJsonObject, readJson, utf8, writeJson } from "../../../protocol/bytes/index.ts";
import type { JsonValue } from "../../../protocol/bytes/index.ts";
import { MAX_JSON_DEPTH } from "../../../protocol/limits.ts";

const LIMITS = { maxBytes: 100_000 };

/** What JSON.parse gives, with Maps. */
function mapped(value: unknown): JsonValue {
  if (Array.isArray(value)) return value.map(mapped);
  if (typeof value === "object" && value !== null) {
    return new Map(Object.entries(value).map(([name, member]) => [name, mapped(member)]));
  }
  if (value === null || typeof value === "string" || typeof value === "boolean" || typeof value === "number")
    return value;
  throw new TypeError("no JSON");
}

function code(
  text: string | Uint8Array,
  limits: { maxBytes: number; integersOnly?: boolean } = LIMITS,
): string {
  try {
    readJson(text, limits);
    return "fine";
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : `unexpected: ${String(error)}`;
  }
}

/** Integers beyond 2^53 - 1 are not read where they stand digit by digit; from 10^21 on JSON.stringify writes an exponent. */
function isRead(number: number): boolean {
  return !Number.isInteger(number) || Number.isSafeInteger(number) || Math.abs(number) >= 1e21;
}

test("readJson() reads what JSON.parse() reads, with Maps for objects", () => {
  // Names without whole numbers, which plain objects would sort, and without __proto__, which they would lose.
  const name = fc.string().filter((text) => !/^\d+$/.test(text) && text !== "__proto__");
  const { tree } = fc.letrec<{ tree: unknown; leaf: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      tie("leaf"),
      fc.array(tie("tree"), { maxLength: 5 }),
      fc.dictionary(name, tie("tree"), { maxKeys: 5 }),
    ),
    leaf: fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.constant(null),
      fc.boolean(),
      fc.maxSafeInteger(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).filter(isRead),
    ),
  }));
  fc.assert(
    fc.property(tree, fc.constantFrom(undefined, 1, "\t\r\n "), (value, space) => {
      const text = JSON.stringify(value, null, space);
      assert.deepEqual(readJson(text, LIMITS), mapped(JSON.parse(text)));
      assert.deepEqual(readJson(utf8(text), LIMITS), mapped(JSON.parse(text)));
    }),
    { numRuns: 500 },
  );
});

test("readJson() never accepts what JSON.parse() refuses, and throws nothing but codes", () => {
  const text = fc.string({
    unit: fc.constantFrom(...Array.from('{}[],:"\\ue0129-+.Etrnfalsx \n\t\u0000é')),
    maxLength: 16,
  });
  fc.assert(
    fc.property(text, (candidate) => {
      const answer = code(candidate);
      if (answer !== "fine") {
        assert.match(answer, /^(json|bytes)\//);
        return;
      }
      assert.deepEqual(readJson(candidate, LIMITS), mapped(JSON.parse(candidate)));
    }),
    { numRuns: 5000 },
  );
});

test("writeJson() and readJson() are inverse and keep the order of names", () => {
  const value: JsonValue = new Map<string, JsonValue>([
    ["z", 1],
    ["10", [true, null, "é\n\u{1F600}"]],
    ["__proto__", new Map([["constructor", -0.5]])],
  ]);
  const text = writeJson(value);
  assert.equal(
    new TextDecoder().decode(text),
    '{"z":1,"10":[true,null,"é\\n😀"],"__proto__":{"constructor":-0.5}}',
  );
  assert.deepEqual(readJson(text, LIMITS), value);
});

test("hostile names are names", () => {
  const value = readJson('{"__proto__":{"polluted":true},"constructor":1,"toString":2}', LIMITS);
  assert.ok(isJsonObject(value));
  assert.deepEqual([...value.keys()], ["__proto__", "constructor", "toString"]);
  assert.equal(Object.hasOwn(Object.prototype, "polluted"), false);
});

test("a name that occurs twice is refused, also when it is written differently", () => {
  assert.equal(code('{"a":1,"a":1}'), "json/duplicate-key");
  assert.equal(code('{"a":1,"\\u0061":2}'), "json/duplicate-key");
  assert.equal(code('[{"x":{"b":1,"c":2,"b":3}}]'), "json/duplicate-key");
  assert.equal(code('[{"a":1},{"a":1}]'), "fine");
});

test("malformed texts have stable codes, and the message names the octet", () => {
  const bad: Record<string, string[]> = {
    "json/bad-syntax": [
      "",
      " ",
      "{",
      "[",
      "[1",
      "[1,",
      "[1,]",
      "[,1]",
      '{"a"',
      '{"a":',
      '{"a":1',
      '{"a":1,',
      '{"a":1,}',
      "{,}",
      "{a:1}",
      "{'a':1}",
      "01",
      "-",
      "+1",
      ".5",
      "1.",
      "1e",
      "1e+",
      "0x10",
      "NaN",
      "Infinity",
      "tru",
      "TRUE",
      "nul",
      "undefined",
      "// x\n1",
      "1 2",
      "{}{}",
      "[]]",
      '"',
      '"a',
      '"\\',
      '"\\x"',
      '"\\u12"',
      '"\\u12g4"',
      '"\\ud800"',
      '"\\udc00\\ud800"',
      '"a\nb"',
      '"\t"',
      '"\u0000"',
      "\uFEFF{}",
      "\u00a01",
    ],
    "json/bad-number": ["9007199254740992", "-9007199254740992", "1e999", "-1e999", "1".repeat(400)],
    "json/duplicate-key": ['{"":1,"":2}'],
  };
  for (const [wanted, texts] of Object.entries(bad)) {
    for (const text of texts) assert.equal(code(text), wanted, JSON.stringify(text));
  }
  assert.throws(() => readJson('{"é":01}', LIMITS), /octet 7:/);
});

test("octets that are no UTF-8 are refused, and so is a text with half a surrogate pair", () => {
  assert.equal(code(Uint8Array.of(0x22, 0xff, 0x22)), "bytes/bad-utf8");
  assert.equal(code(Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22)), "bytes/bad-utf8");
  assert.equal(code('"\ud800"'), "bytes/bad-utf8");
});

test("size is checked before anything is parsed", () => {
  assert.equal(code("x".repeat(101), { maxBytes: 100 }), "bytes/too-big");
  assert.equal(code(new Uint8Array(101).fill(0xff), { maxBytes: 100 }), "bytes/too-big");
  assert.equal(code(`"${"é".repeat(50)}"`, { maxBytes: 101 }), "bytes/too-big");
  assert.equal(code(`"${"é".repeat(49)}"`, { maxBytes: 100 }), "fine");
});

test("depth is bounded: a megabyte of brackets neither overflows the stack nor is read", () => {
  const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
  assert.equal(code(nested(MAX_JSON_DEPTH)), "fine");
  assert.equal(code(nested(MAX_JSON_DEPTH + 1)), "json/too-deep");
  assert.equal(code('{"a":'.repeat(MAX_JSON_DEPTH + 1)), "json/too-deep");
  assert.equal(code("[".repeat(1_000_000), { maxBytes: 2_000_000 }), "json/too-deep");
});

test("integersOnly refuses whatever canonical JSON could not have written", () => {
  for (const text of ["1.0", "1e2", "0.5", "-0", "[1E0]"]) {
    assert.equal(code(text, { ...LIMITS, integersOnly: true }), "json/bad-number", text);
    assert.equal(code(text), "fine");
  }
  assert.equal(code("[-1,0,9007199254740991]", { ...LIMITS, integersOnly: true }), "fine");
});

test("truncated anywhere, a text is refused", () => {
  const text = '{"payload":"eyJ4IjoxfQ==","signatures":[{"keyid":null,"sig":"AA\\u00e9=="}],"n":-12.5e3}';
  for (let length = 0; length < text.length; length++) {
    assert.match(code(text.slice(0, length)), /^json\//, text.slice(0, length));
  }
});
