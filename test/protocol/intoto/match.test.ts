import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { matcherOf } from "../../../protocol/intoto/match.ts";
import { naiveMatches } from "../../naive/artifact-rules.ts";

const TABLE = JSON.parse(
  readFileSync(new URL("../../vectors/in-toto/fnmatch.json", import.meta.url), "utf8"),
) as [pattern: string, name: string, matches: boolean][];

test("patterns match what Python's fnmatch says they match: a table that it made", () => {
  assert.ok(TABLE.length > 400);
  for (const [pattern, name, matches] of TABLE)
    assert.equal(matcherOf(pattern)(name), matches, JSON.stringify([pattern, name]));
});

const piece = fc.constantFrom("a", "b", "/", "?", "*", "*", "[ab]", "[!a]");
const patterns = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(""));
const names = fc.array(fc.constantFrom("a", "b", "/"), { maxLength: 8 }).map((letters) => letters.join(""));

test("patterns match what the plain second one says they match", () => {
  let matching = 0;
  fc.assert(
    fc.property(patterns, names, (pattern, name) => {
      const due = naiveMatches(pattern, name);
      if (due) matching++;
      assert.equal(matcherOf(pattern)(name), due);
    }),
    { numRuns: 5_000 },
  );
  assert.ok(matching > 200);
});

/** Signs that are looked at. */
function looks(pattern: string, name: string): number {
  let sum = 0;
  matcherOf(pattern, (signs) => {
    sum += signs;
  })(name);
  return sum;
}

test("no pattern is made to backtrack: looks at a name grow as its length times the pattern's, and no faster", () => {
  const hostile = [
    "*a*a*a*a*a*a*a*a*a*ab",
    "*?*?*?*?*?*b",
    "[!b]*[!b]*[!b]*b",
    "*aaaaaaaaaaaaaaaaaaaab",
    "*a*b*c",
  ];
  for (const pattern of hostile) {
    for (const length of [100, 1_000, 4_000]) {
      const name = "a".repeat(length);
      assert.ok(looks(pattern, name) <= (pattern.length + 1) * (length + 1), `${pattern} on ${length}`);
      const ratio = looks(pattern, name + name) / looks(pattern, name);
      assert.ok(ratio < 2.5, `${pattern}: twice the name takes ${ratio} times the looks`);
    }
  }
});

test("a sign is a code point, whatever it takes of a string", () => {
  assert.ok(matcherOf("a?c")("a\u{1f600}c"));
  assert.ok(matcherOf("[\u{1f5ff}-\u{1f610}]")("\u{1f600}"));
  assert.ok(!matcherOf("??")("\u{1f600}"));
});
