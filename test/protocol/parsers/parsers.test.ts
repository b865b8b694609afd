/**
 * What holds for every parser of foreign octets, whatever comes: a value or a stable code, nothing else; one writing where the
 * format has one; size before everything; messages that can be shown. Each format's own tests say what its values are.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import * as core from "../../../protocol/index.ts";
import { jsonMutants } from "./mutants.ts";
import type { Parser } from "./parser.ts";
import { OF_ROWS, PARSERS } from "./table.ts";

/** The longest message: some names cut to 64 characters, a purl and what to do. */
const MAX_MESSAGE_CHARS = 2_000;
const LINE_FEED = 0x0a;
// oxlint-disable-next-line no-control-regex -- what a terminal would obey, and what turns text around
const UNSHOWABLE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

/** Made once: an arbitrary of such strings and of many constants costs more to make than its values. */
const JUNK: readonly fc.Arbitrary<Uint8Array>[] = [
  fc.uint8Array({ maxLength: 9 }),
  fc.string({ unit: "binary", maxLength: 9 }).map((text) => core.utf8(text)),
  fc.constantFrom("__proto__", "\u0000", "\u001b[2J", "\u202e", "%00", "\\u0000", "{", "\n\n").map(core.utf8),
];

/** Reads; null for a value, which then has one writing, or the code. Anything else that is thrown fails the test. */
function outcome({ name, read, again, lineEnd, codes }: Parser, bytes: Uint8Array): core.ProtocolCode | null {
  let value: unknown;
  try {
    value = read(bytes);
  } catch (error) {
    if (!(error instanceof core.ProtocolError)) throw error;
    const { code, message } = error;
    const isSaid = [...codes, "bytes/bad-utf8"].some(
      (said) => code === said || (said.endsWith("/") && code.startsWith(said)),
    );
    assert.ok(isSaid, `${name}: ${code} ${message}`);
    assert.doesNotMatch(error.message, UNSHOWABLE, name);
    assert.ok(error.message.length <= MAX_MESSAGE_CHARS, `${name}: a message of ${error.message.length}`);
    return error.code;
  }
  if (again === undefined) return null;
  const exact = lineEnd === true && bytes.at(-1) === LINE_FEED ? bytes.subarray(0, -1) : bytes;
  assert.deepEqual(again(value as never), exact, `${name} reads two writings of one value`);
  return null;
}

/** Numbers of octets to look at: all of a short text, some hundred of a long one. */
function* steps(length: number): Generator<number> {
  for (let at = 0; at < length; at += 1 + Math.floor(length / 400)) yield at;
}

test("the table has every parser behind the door", () => {
  const names = Object.keys(core).filter((name) => /^(parse|read)[A-Z]/.test(name));
  const known = new Set([...PARSERS.map(({ name }) => name), ...OF_ROWS]);
  assert.deepEqual(
    names.filter((name) => !known.has(name)),
    [],
  );
});

for (const parser of PARSERS) {
  const { name, samples, limit } = parser;

  test(`${name}() reads its samples, which are not changed by it`, () => {
    assert.ok(samples.length > 0);
    for (const sample of samples) {
      const given = sample.slice();
      parser.read(given);
      assert.deepEqual(given, sample);
    }
  });

  test(`${name}() takes what is cut short, lengthened or changed for another exact writing, or has a code`, () => {
    for (const sample of samples) {
      for (const length of steps(sample.length)) outcome(parser, sample.slice(0, length));
      for (const extra of [0x00, 0x0a, 0x20, 0x7d, 0xff])
        outcome(parser, core.concat(sample, Uint8Array.of(extra)));
      for (const at of steps(sample.length)) {
        for (const mask of [1, 0x20, 0x80, 0xff]) {
          const changed = sample.slice();
          changed[at] = (changed[at] ?? 0) ^ mask;
          outcome(parser, changed);
        }
      }
    }
  });

  test(`${name}() ends in a value or a code for any octets and any text`, () => {
    const pieces = samples.flatMap((sample) =>
      [...steps(sample.length)].map((at) => sample.slice(at, at + 9)),
    );
    const piece = fc.oneof(
      fc.nat(pieces.length - 1).map((at) => pieces[at] ?? new Uint8Array(0)),
      ...JUNK,
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (parts) => {
        outcome(parser, core.concat(...parts));
      }),
    );
  });

  if (limit !== undefined) {
    const [bytes, ...codes] = limit;
    test(`${name}() refuses more than ${bytes} octets by their number, 10 MB too`, () => {
      const [sample = new Uint8Array(0)] = samples;
      for (const size of [bytes + 1, 10_000_000]) {
        // Such as parse well up to there, and such as are nothing at all.
        const long = new Uint8Array(size).fill(0x61);
        const isBySize = (): boolean => codes.some((code) => outcome(parser, long) === code);
        assert.ok(isBySize());
        long.set(sample);
        assert.ok(isBySize());
      }
    });
  }
}

for (const parser of PARSERS.filter(({ json }) => json === true)) {
  test(`${parser.name}() ends in a value or a code whatever stands in the place of any member`, () => {
    const codes = new Map<string | null, number>();
    for (const sample of parser.samples) {
      for (const line of core.fromUtf8(sample).split(/\n(?=\{)/)) {
        if (line.trim() === "") continue;
        for (const text of jsonMutants(line)) {
          const code = outcome(parser, new TextEncoder().encode(text));
          codes.set(code, (codes.get(code) ?? 0) + 1);
        }
      }
    }
    assert.ok((codes.get("json/duplicate-key") ?? 0) > 0, "a member that stands twice is found");
    assert.equal("polluted" in {}, false);
  });
}
