import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { record } from "../../../protocol/bytes/index.ts";
import { ProtocolError } from "../../../protocol/errors.ts";
import { readRules, wordsOfRule } from "../../../protocol/intoto/rule.ts";
import { applyRules } from "../../../protocol/intoto/rules.ts";
import type { Applied, Flow, Side } from "../../../protocol/intoto/rules.ts";
import type { ArtifactRule } from "../../../protocol/intoto/index.ts";
import { naiveRulesHold } from "../../naive/artifact-rules.ts";
import { artifacts, artifactsJson, jsonOf } from "./world.ts";
import type { Files } from "./world.ts";

type Words = readonly string[];

function rulesOf(rules: readonly Words[]): readonly ArtifactRule[] {
  return readRules(record(jsonOf({ rules }), "layout").member("rules"));
}

interface Sides {
  readonly materials?: Files;
  readonly products?: Files;
}

function flowOf({ materials = {}, products = {} }: Sides): Flow {
  return { materials: artifacts(materials), products: artifacts(products) };
}

/** On the side of the products, unless it is said. */
function applied(
  rules: readonly Words[],
  sides: Sides,
  others: Readonly<Record<string, Sides>> = {},
  side: Side = "products",
): Applied {
  const flows = new Map(Object.entries(others).map(([name, one]) => [name, flowOf(one)]));
  return applyRules(rulesOf(rules), side, flowOf(sides), { flows, spend: () => undefined });
}

/** What stands in front of the last rule, which consumes nothing. */
function left(...args: Parameters<typeof applied>): number {
  const { fault, left: count } = applied(...args);
  assert.equal(fault, null);
  return count;
}

test("ALLOW takes what fits; DISALLOW fails on what fits and is left, and names three of it", () => {
  const files = { a: "1", b: "2", c: "3", d: "4", e: "5" };
  assert.equal(left([["ALLOW", "a"]], { products: files }), 4);
  assert.equal(
    applied(
      [
        ["ALLOW", "a"],
        ["DISALLOW", "*"],
      ],
      { products: files },
    ).fault,
    'DISALLOW *: "b", "c", "d" and 1 more may not be there',
  );
  assert.equal(
    applied(
      [
        ["ALLOW", "*"],
        ["DISALLOW", "*"],
      ],
      { products: files },
    ).fault,
    null,
  );
  // The first rule that fits has it: a DISALLOW in front of the ALLOW fails.
  assert.match(
    applied(
      [
        ["DISALLOW", "b"],
        ["ALLOW", "*"],
      ],
      { products: files },
    ).fault ?? "",
    /^DISALLOW b: /,
  );
});

test("CREATE, DELETE and MODIFY take what came, went and changed, on either side", () => {
  const sides = {
    materials: { kept: "1", gone: "2", changed: "3" },
    products: { kept: "1", changed: "4", new: "5" },
  };
  assert.equal(left([["CREATE", "*"]], sides), 2);
  assert.equal(left([["CREATE", "*"]], sides, {}, "materials"), 3);
  assert.equal(left([["DELETE", "*"]], sides), 3);
  assert.equal(left([["DELETE", "*"]], sides, {}, "materials"), 2);
  assert.equal(left([["MODIFY", "*"]], sides), 2);
  assert.equal(left([["MODIFY", "*"]], sides, {}, "materials"), 2);
  assert.equal(
    applied(
      [
        ["CREATE", "new"],
        ["MODIFY", "changed"],
        ["DISALLOW", "*"],
      ],
      sides,
    ).fault,
    'DISALLOW *: "kept" may not be there',
  );
});

test("MODIFY takes what is shown to have changed: not what can't be compared", () => {
  const sides = {
    materials: {
      same: { sha256: "aa", sha512: "bb" },
      no: { sha256: "aa" },
      weak: { md5: "aa" },
      md5: { md5: "aa" },
    },
    products: { same: { sha256: "aa" }, no: { sha512: "bb" }, weak: { md5: "aa" }, md5: { md5: "ab" } },
  };
  assert.equal(
    applied(
      [
        ["MODIFY", "*"],
        ["DISALLOW", "*"],
      ],
      sides,
    ).fault,
    'DISALLOW *: "no", "same", "weak" may not be there',
  );
});

test("REQUIRE takes nothing, and fails where the file is not there or was taken", () => {
  assert.equal(left([["REQUIRE", "a"]], { products: { a: "1" } }), 1);
  assert.equal(applied([["REQUIRE", "b"]], { products: { a: "1" } }).fault, 'REQUIRE b: "b" is not there');
  assert.match(
    applied(
      [
        ["ALLOW", "*"],
        ["REQUIRE", "a"],
      ],
      { products: { a: "1" } },
    ).fault ?? "",
    /REQUIRE a/,
  );
});

test("MATCH takes what the other step has, under the same name with the same content", () => {
  const rule = [["MATCH", "*", "WITH", "PRODUCTS", "FROM", "build"]];
  const build = { products: { a: "1", b: "2" }, materials: { c: "3" } };
  assert.equal(left(rule, { products: { a: "1", b: "other", c: "3" } }, { build }), 2);
  const materials = [["MATCH", "*", "WITH", "MATERIALS", "FROM", "build"]];
  assert.equal(left(materials, { products: { a: "1", c: "3" } }, { build }), 1);
  assert.equal(left(rule, { products: { a: "1" } }), 1, "a step that is not there matches nothing");
});

test("MATCH with prefixes: the pattern is about what stands behind them, and they are no patterns", () => {
  const build = { products: { "out/a.deb": "1", "a.deb": "2", "o*t/a.deb": "3" } };
  const match = (...words: readonly string[]): Words => ["MATCH", "a.*", ...words, "FROM", "build"];
  const here = { products: { "in/a.deb": "1", "in/sub/a.deb": "1", "inx/a.deb": "1" } };
  assert.equal(left([match("IN", "in", "WITH", "PRODUCTS", "IN", "out")], here, { build }), 2);
  assert.equal(left([match("IN", "in/", "WITH", "PRODUCTS", "IN", "out/")], here, { build }), 2);
  assert.equal(left([match("IN", "in", "WITH", "PRODUCTS")], here, { build }), 3);
  assert.equal(
    left([match("IN", "in", "WITH", "PRODUCTS")], { products: { "in/a.deb": "2" } }, { build }),
    0,
  );
  const star = [match("WITH", "PRODUCTS", "IN", "o*t")];
  assert.equal(left(star, { products: { "a.deb": "1" } }, { build }), 1);
  assert.equal(left(star, { products: { "a.deb": "3" } }, { build }), 0);
});

test("keywords are read in any case and written in capitals; names that are keywords are names", () => {
  const words = ["match", "IN", "in", "WITH", "with", "products", "In", "FROM", "from", "match"];
  const [rule] = rulesOf([words]);
  assert.deepEqual(rule, {
    kind: "match",
    pattern: "IN",
    source: "WITH",
    with: "products",
    destination: "FROM",
    step: "match",
  });
  assert.ok(rule !== undefined);
  assert.deepEqual(wordsOfRule(rule), [
    "MATCH",
    "IN",
    "IN",
    "WITH",
    "WITH",
    "PRODUCTS",
    "IN",
    "FROM",
    "FROM",
    "match",
  ]);
});

test("what is no rule is refused with its place", () => {
  const bad: readonly Words[] = [
    [],
    ["ALLOW"],
    ["ALLOW", "a", "b"],
    ["PERMIT", "a"],
    ["MATCH", "a"],
    ["MATCH", "a", "WITH", "PRODUCTS"],
    ["MATCH", "a", "WITH", "THINGS", "FROM", "b"],
    ["MATCH", "a", "IN", "WITH", "PRODUCTS", "FROM", "b"],
    ["MATCH", "a", "WITH", "PRODUCTS", "FROM", "b", "c"],
    ["MATCH", "a", "FROM", "b", "WITH", "PRODUCTS"],
  ];
  for (const words of bad) {
    assert.throws(
      () => rulesOf([["ALLOW", "*"], words]),
      (error: unknown) =>
        error instanceof ProtocolError &&
        error.code === "layout/bad-document" &&
        error.message.startsWith("layout.rules[1]: "),
      words.join(" "),
    );
  }
});

const names = fc.constantFrom("a", "b", "d/a", "d/b", "e/a");
const files = fc.dictionary(names, fc.constantFrom("1", "2"), { maxKeys: 4 }).map(artifactsJson);
const flow = fc.record({ materials: files, products: files });
const pattern = fc.constantFrom("*", "a", "d/*", "?", "[ab]", "*/a", "[!a]*");
const simple = fc
  .tuple(fc.constantFrom("CREATE", "DELETE", "MODIFY", "ALLOW", "DISALLOW", "REQUIRE"), pattern)
  .map((words): Words => words);
const prefix = fc.constantFrom([], ["IN", "d"], ["IN", "e"]);
const match = fc
  .tuple(pattern, prefix, fc.constantFrom("MATERIALS", "PRODUCTS"), prefix, fc.constantFrom("s", "t", "no"))
  .map(([about, from, type, to, step]): Words => [
    "MATCH",
    about,
    ...from,
    "WITH",
    type,
    ...to,
    "FROM",
    step,
  ]);
const ruleLists = fc.array(fc.oneof(simple, match), { maxLength: 5 });

test("rules hold where the plain second implementation says that they do", () => {
  const count = { true: 0, false: 0 };
  fc.assert(
    fc.property(
      ruleLists,
      flow,
      flow,
      fc.constantFrom<Side>("materials", "products"),
      (rules, s, t, side) => {
        const due = naiveRulesHold(rules, side, s, { s, t });
        count[`${due}`]++;
        assert.equal(applied(rules, s, { s, t }, side).fault === null, due);
      },
    ),
    { numRuns: 5_000 },
  );
  assert.ok(count.true > 300 && count.false > 300);
});
