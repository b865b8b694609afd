import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parsePurl } from "../../../protocol/attestation/index.ts";
import { assertPattern, matchPattern } from "../../../protocol/policy/pattern.ts";
import { vector } from "../attestation/made.ts";

interface Targets {
  readonly targets: readonly { readonly purl: string }[];
}

const CASES: readonly (readonly [pattern: string, purl: string, matches: boolean])[] = [
  ["pkg:deb/debian/*", "pkg:deb/debian/hello@2.10-3?arch=amd64", true],
  ["pkg:deb/debian/*", "pkg:deb/ubuntu/hello@2.10-3?arch=amd64", false],
  ["pkg:deb/debian/*", "pkg:deb/debian/a/b@1", false],
  ["pkg:*/*", "pkg:deb/debian/hello@1", false],
  ["pkg:generic/*", "pkg:generic/a/b@1", false],
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

/** What no package URL of the type can be: accepted, it would match nothing, and leave all to `[default]`. */
const MATCHES_NOTHING = [
  "pkg:deb/*",
  "pkg:deb/debian/main/*",
  "pkg:deb/Debian/*",
  "pkg:deb/debian/Hello",
  "pkg:deb/debian/lib_*",
  "pkg:Deb/debian/*",
  "pkg:d_b/debian/*",
  "pkg:alpm/*",
  "pkg:alpm/arch/Foo*",
  "pkg:rpm/*",
  "pkg:rpm/Fedora/*",
  "pkg:npm/JSONStream",
  "pkg:npm/angular/core",
  "pkg:npm/@angular/core/x",
];

for (const pattern of [
  ...MATCHES_NOTHING,
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

test("what names a target can be written as a pattern, and so with wildcards", () => {
  const { targets }: Targets = JSON.parse(Buffer.from(vector("attestation/targets.json")).toString());
  for (const { purl } of targets) {
    const { type, namespace, name } = parsePurl(purl);
    const parts = [...namespace.split("/"), name].filter((part) => part !== "");
    for (const some of [parts, parts.map(() => "*"), parts.map((part) => `${part.slice(0, 1)}*`)]) {
      const pattern = `pkg:${[type, ...some].join("/")}`;
      // Of names with blanks and the like there are no patterns.
      if (/[ ?[\]{}%]/.test(pattern)) continue;
      assertPattern(pattern);
      assert.ok(matchPattern(pattern, purl), pattern);
    }
  }
});

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
