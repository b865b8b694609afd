import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { assertPattern, matchPattern } from "../../../protocol/policy/pattern.ts";

const CASES: readonly (readonly [pattern: string, purl: string, matches: boolean])[] = [
  ["pkg:deb/debian/*", "pkg:deb/debian/hello@2.10-3?arch=amd64", true],
  ["pkg:deb/debian/*", "pkg:deb/ubuntu/hello@2.10-3?arch=amd64", false],
  ["pkg:deb/debian/*", "pkg:deb/debian/a/b@1", false],
  ["pkg:deb/*", "pkg:deb/debian/hello@1", false],
  ["pkg:*/*/*", "pkg:deb/debian/hello@1", true],
  ["pkg:deb/debian/lib*-dev", "pkg:deb/debian/libfoo-dev@1", true],
  ["pkg:deb/debian/lib*-dev", "pkg:deb/debian/lib-dev@1", true],
  ["pkg:deb/debian/lib*-dev", "pkg:deb/debian/libdev@1", false],
  ["pkg:deb/debian/a*a", "pkg:deb/debian/a@1", false],
  ["pkg:deb/debian/*a*b*", "pkg:deb/debian/xxbaab@1", true],
  ["pkg:deb/debian/*ab*ab", "pkg:deb/debian/ab@1", false],
  ["pkg:deb/debian/libstdc++6", "pkg:deb/debian/libstdc%2B%2B6@12", true],
  ["pkg:npm/@angular/*", "pkg:npm/%40angular/core@1.0.0", true],
  ["pkg:generic/*", "pkg:generic/bitcoin@27.0", true],
  ["pkg:generic/*", "pkg:generic/a%2Fb@1", false],
  ["pkg:generic/x", "pkg:generic/x?checksum=1", true],
  ["pkg:generic/*", "pkg:generic/%zz", false],
  ["pkg:generic/*", "https://generic/x", false],
  ["pkg:generic/*", "", false],
];

for (const [pattern, purl, matches] of CASES) {
  test(`${pattern} ${matches ? "matches" : "does not match"} ${purl || "nothing"}`, () => {
    assertPattern(pattern);
    assert.equal(matchPattern(pattern, purl), matches);
  });
}

for (const pattern of [
  "",
  "deb/debian/*",
  "pkg:deb",
  "pkg:deb/",
  "pkg:deb//hello",
  "pkg:deb/**",
  "pkg:deb/debian/[a-z]*",
  "pkg:deb/debian/hell?",
  "pkg:deb/debian/hello@2.10-3",
  "pkg:npm/@angular/*@1",
  "pkg:deb/debian/libstdc%2B%2B6",
  "pkg:deb/debian/a b",
  "pkg:deb/debian/a\u0000",
  "pkg:deb/debian/e\u0301",
  `pkg:deb/debian/${"*a".repeat(9)}`,
  `pkg:deb/debian/${"a".repeat(250)}`,
]) {
  test(`no pattern: ${JSON.stringify(pattern).slice(0, 60)}`, () => {
    assert.throws(() => assertPattern(pattern), { code: "policy/bad-pattern" });
  });
}

/** Tries every split of the text: slow and obvious. */
function naive(pattern: string, text: string): boolean {
  if (pattern === "") return text === "";
  if (pattern[0] !== "*") return pattern[0] === text[0] && naive(pattern.slice(1), text.slice(1));
  return Array.from({ length: text.length + 1 }, (_, cut) => cut).some((cut) =>
    naive(pattern.slice(1), text.slice(cut)),
  );
}

test("one segment agrees with trying every split", () => {
  const word = fc.string({ unit: fc.constantFrom("a", "b"), minLength: 1, maxLength: 8 });
  const glob = fc.string({ unit: fc.constantFrom("a", "b", "*"), minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(glob, word, (pattern, text) => {
      assert.equal(matchPattern(`pkg:generic/${pattern}`, `pkg:generic/${text}`), naive(pattern, text));
    }),
    { numRuns: 2_000 },
  );
});
