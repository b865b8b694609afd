/**
 * Writes test/vectors/json/texts.json for `protocol/spec/json.md`: texts with the canonical JSON of what they say, and texts that are
 * refused, with their codes. Same output every time.
 */
import { canonicalJson, ProtocolError, readJson, toHex, utf8 } from "../../protocol/index.ts";
import { writeVectors } from "./write.ts";

const LIMITS = { maxBytes: 1_000, integersOnly: true };

const valid: readonly (readonly [about: string, text: string])[] = [
  ["words, numbers and texts", ' {"b" : [ null, true, false ], "a":\t-17 }\n'],
  ["the largest integers", "[9007199254740991,-9007199254740991,0]"],
  ["escapes", '"\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e9\\ud83d\\ude00"'],
  ["controls that canonical JSON writes as they are", '"\\u0000\\u001b\\u007f"'],
  ["names by code point, not by UTF-16", '{"\u{10000}":1,"\uffff":2,"\ue000":3,"é":4,"z":5,"":6}'],
  ["names that are properties elsewhere", '{"__proto__":{"constructor":[]},"toString":{}}'],
  ["a byte order mark within a text", '"\ufeffx"'],
  ["32 levels", "[".repeat(32) + "]".repeat(32)],
];

const refused: readonly (readonly [about: string, text: string | Uint8Array])[] = [
  ["nothing", ""],
  ["a byte order mark in front", "\ufeff{}"],
  ["two values", "{}{}"],
  ["a comma too many", "[1,]"],
  ["a name without quotation marks", "{a:1}"],
  ["a leading zero", "01"],
  ["a plus sign", "+1"],
  ["a word that JSON has not", "NaN"],
  ["an unknown escape", '"\\x41"'],
  ["half a surrogate pair, escaped", '"\\ud800"'],
  ["a pair the wrong way round", '"\\ude00\\ud83d"'],
  ["a line feed in a text", '"a\nb"'],
  ["a text that does not end", '"abc'],
  ["a name twice", '{"a":1,"b":2,"a":1}'],
  ["a name twice, once escaped", '{"a":1,"\\u0061":2}'],
  ["an integer beyond 2^53 - 1", "9007199254740992"],
  ["an overflow", "1e999"],
  ["a fraction", "0.5"],
  ["an exponent", "1e2"],
  ["minus zero", "-0"],
  ["33 levels", "[".repeat(33) + "]".repeat(33)],
  ["1,001 octets", `"${"x".repeat(999)}"`],
  ["octets that are no UTF-8", Uint8Array.of(0x22, 0xc3, 0x28, 0x22)],
  ["an overlong form", Uint8Array.of(0x22, 0xc0, 0xaf, 0x22)],
  ["a surrogate in UTF-8", Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22)],
];

const octets = (text: string | Uint8Array): Uint8Array => (typeof text === "string" ? utf8(text) : text);

function codeOf(text: Uint8Array): string {
  try {
    readJson(text, LIMITS);
  } catch (error) {
    if (error instanceof ProtocolError) return error.code;
    throw error;
  }
  throw new Error(`not refused: ${toHex(text)}`);
}

const vectors = {
  limits: LIMITS,
  valid: valid.map(([about, text]) => ({
    about,
    hex: toHex(utf8(text)),
    canonical: toHex(canonicalJson(readJson(text, LIMITS))),
  })),
  refused: refused.map(([about, text]) => {
    const bytes = octets(text);
    return { about, hex: toHex(bytes), code: codeOf(bytes) };
  }),
};
writeVectors("json/texts.json", vectors);
