/** Policies made to hurt: a clear error with its place, and soon. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { publicFromSeed, toVkey } from "../../../protocol/crypto/index.ts";
import { ProtocolError } from "../../../protocol/errors.ts";
import { MAX_POLICY_BYTES } from "../../../protocol/limits.ts";
import { matchPattern, readPolicy } from "../../../protocol/policy/index.ts";

const KEY = toVkey("a.example", publicFromSeed(new Uint8Array(32).fill(1)));
const BUILDER = `version = 1\n[builders.a]\nkey = "${KEY}"\n`;
const RULE = '[[rules]]\nname = "r"\nmatch = "pkg:deb/debian/*"\nrequire = { k = 1, of = "a" }\n';
const many = (count: number, of: (index: number) => string): string =>
  Array.from({ length: count }, (_, i) => of(i)).join("");

/** Far more than the slowest of these takes on a busy machine: only what grows without bound fails. */
const SOON_MS = 120_000;

const HOSTILE: readonly (readonly [what: string, text: string, code: string, at: RegExp])[] = [
  [
    "10,000 groups",
    `${BUILDER}${many(10_000, (i) => `[groups.g${i}]\nany = ["a"]\n`)}${RULE}`,
    "shape/out-of-range",
    /^policy.toml:4:\d+: groups: at most 256 members/,
  ],
  [
    "a group of itself",
    `${BUILDER}[groups.g]\nany = ["a", "g"]\n${RULE}`,
    "policy/circular-group",
    /^policy.toml:5:\d+: groups.g.any\[1\]: .*: g, which has g$/,
  ],
  [
    "a circle of three, of which one stands above",
    `${BUILDER}[groups.g]\nany = ["a", "h"]\n[groups.h]\nall = ["i"]\n[groups.i]\nk = 1\nof = ["a", "g"]\n${RULE}`,
    "policy/circular-group",
    /^policy.toml:5:\d+: groups.g.any\[1\]: .*: g, which has h, which has i, which has g$/,
  ],
  [
    "a group that stands below, in no circle",
    `${BUILDER}[groups.g]\nany = ["h"]\n[groups.h]\nany = ["a"]\n${RULE}`,
    "policy/unknown-name",
    /^policy.toml:5:\d+: groups.g.any\[0\]: the group "h" stands below/,
  ],
  [
    "a group that stands below and has a circle of its own",
    `${BUILDER}[groups.g]\nany = ["h"]\n[groups.h]\nany = ["i"]\n[groups.i]\nany = ["h"]\n${RULE}`,
    "policy/unknown-name",
    /^policy.toml:5:\d+: groups.g.any\[0\]: the group "h" stands below/,
  ],
  [
    "one that each of 200 levels doubles",
    `${BUILDER}[groups.g0]\nk = 1\nof = ["a"]\n${many(200, (i) => `[groups.g${i + 1}]\nall = ["g${i}", "a"]\n`)}${RULE.replace('"a"', '"g200"')}`,
    "policy/too-complex",
    /^policy.toml:\d+:1: rules\[0\].require: /,
  ],
  [
    "tables as deep as the file is long",
    `${BUILDER}${RULE}x = ${"[".repeat(200_000)}${"]".repeat(200_000)}\n`,
    "toml/bad-syntax",
    /^policy.toml:/,
  ],
  [
    "names of 20,000 parts",
    `${BUILDER}${RULE}${"x.".repeat(20_000)}x = 1\n`,
    "toml/bad-syntax",
    /^policy.toml:/,
  ],
  [
    "a member twice",
    `${BUILDER}${RULE}mode = "warn"\nmode = "ignore"\n`,
    "toml/bad-syntax",
    /^policy.toml:9:/,
  ],
  ["a table twice", `${BUILDER}[builders.a]\nroles = ["x"]\n${RULE}`, "toml/bad-syntax", /^policy.toml:4:/],
  [
    "a pattern of stars",
    `${BUILDER}${RULE.replace("debian/*", "*a".repeat(100))}`,
    "policy/bad-pattern",
    /^policy.toml:6:1: rules\[0\].match/,
  ],
  [
    "a list as long as the file",
    `${BUILDER}${RULE.replace('"a"', `[${'"a",'.repeat(100_000)}]`)}`,
    "shape/out-of-range",
    /^policy.toml:7:1: rules\[0\].require.of: a list of at most 256/,
  ],
  [
    "10,000 steps",
    `${BUILDER}${RULE.replace(/require = .*/, `require = [${many(10_000, (i) => `{ k = 1, of = "a", step = "s${i}" },`)}]`)}`,
    "shape/out-of-range",
    /^policy.toml:7:1: rules\[0\].require: a list of at most 16/,
  ],
  [
    "words for 10,000 roles",
    `${BUILDER}${RULE}on_contradiction = { ${many(10_000, (i) => `r${i} = "warn", `)}x = "warn" }\n`,
    "shape/out-of-range",
    /^policy.toml:8:\d+: rules\[0\].on_contradiction: at most 64 members/,
  ],
  [
    "a step with a control character",
    `${BUILDER}${RULE.replace('of = "a"', 'of = "a", step = "a\\u001b[2J"')}`,
    "policy/bad-name",
    /^policy.toml:7:1: rules\[0\].require.step: \P{Cc}*$/u,
  ],
  [
    "tables in the word for a role",
    `${BUILDER}${RULE}on_difference = { a = ${"{ a = ".repeat(200)}1${" }".repeat(200)} }\n`,
    "toml/bad-syntax",
    /^policy.toml:8:/,
  ],
  [
    "a source of sources",
    `${BUILDER}${RULE}source = { k = 1, of = "a", step = { k = 1 } }\n`,
    "shape/wrong-type",
    /^policy.toml:8:\d+: rules\[0\].source.step/,
  ],
  [
    "an age without end",
    `${BUILDER}${RULE}max_head_age = "${"9".repeat(100_000)}d"\n`,
    "policy/bad-age",
    /^policy.toml:8:1: /,
  ],
];

for (const [what, text, code, at] of HOSTILE) {
  test(`refused soon: ${what}`, { timeout: SOON_MS }, () => {
    assert.ok(text.length <= MAX_POLICY_BYTES);
    assert.throws(
      () => readPolicy(text),
      (error: unknown) => {
        assert.ok(error instanceof ProtocolError, String(error));
        assert.equal(error.code, code, error.message);
        assert.match(error.message, at);
        assert.ok(error.message.length < 1_000, "and short");
        return true;
      },
    );
  });
}

test("a pattern that would blow up elsewhere takes linear time", { timeout: SOON_MS }, () => {
  const pattern = `pkg:deb/debian/${"*a".repeat(8)}b`;
  for (let i = 0; i < 100; i++)
    assert.equal(matchPattern(pattern, `pkg:deb/debian/${"a".repeat(50_000)}@1`), false);
});

/** Words of the language in any order: what comes out is a policy, or an error with a code. */
test("whatever words stand where, it is a policy or a fault with a code", () => {
  const word = fc.constantFrom(
    "a",
    "g",
    "h",
    "role:x",
    "any",
    "all",
    "of",
    "k",
    "builder",
    "operator",
    "country",
    "30d",
    "pkg:deb/debian/*",
    "2026-12-31",
  );
  const value: fc.Arbitrary<string> = fc.oneof(
    word.map((text) => JSON.stringify(text)),
    fc.integer({ min: -1, max: 70 }).map(String),
    fc.boolean().map(String),
    fc.array(word, { maxLength: 3 }).map((words) => JSON.stringify(words)),
    fc
      .tuple(fc.integer({ min: 0, max: 3 }), word)
      .map(([k, of]) => `{ k = ${k}, of = ${JSON.stringify(of)} }`),
  );
  const member = fc.tuple(
    fc.constantFrom(
      "any",
      "all",
      "of",
      "k",
      "name",
      "match",
      "require",
      "step",
      "on_contradiction",
      "on_difference",
      "logged_by",
      "source",
      "mode",
      "view",
      "logged",
      "witnesses",
      "country",
      "until",
      "over",
      "sha256",
    ),
    value,
  );
  const table = fc.tuple(
    fc.constantFrom(
      "[groups.g]",
      "[groups.h]",
      "[[rules]]",
      "[[exceptions]]",
      "[default]",
      "[builders.a]",
      "[witnesses.w]",
    ),
    fc.uniqueArray(member, { maxLength: 5, selector: ([name]) => name }),
  );
  fc.assert(
    fc.property(fc.uniqueArray(table, { maxLength: 4, selector: ([name]) => name }), (tables) => {
      const text = tables.map(
        ([head, members]) => `${head}\n${members.map(([name, is]) => `${name} = ${is}\n`).join("")}`,
      );
      try {
        readPolicy(`${BUILDER}${text.join("")}`);
      } catch (error) {
        assert.ok(error instanceof ProtocolError, String(error));
        assert.match(error.message, /^policy.toml/);
      }
    }),
    { numRuns: 500 },
  );
});
