import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { stringify } from "smol-toml";
import { readToml, record } from "../../../protocol/bytes/index.ts";

const LIMITS = { maxBytes: 10_000, name: "policy.toml" };

const POLICY = `# who counts
version = 1

[builders.tu-example]
key = """
[not.a.header]
key = "neither"
"""   # "quoted" comment
operator = 'TU "Example" [x]'
roles = [
  "rebuilder", # with a comment ]
  "ci",
]

[groups]
"all.of" = { any = ["tu-example"], "k" = 1 }
universities.any = ["a"]

[[rules]]
name = "debian"
require = { k = 2, of = "role:rebuilder" }

  [[rules]]
  name = "arch"
  [rules.deep]
  x = 1
`;

test("readToml() gives Maps and lists", () => {
  const root = record(readToml(POLICY, LIMITS).value, "p");
  assert.equal(root.integer("version", 1, 1), 1);
  assert.deepEqual(
    root.list("rules", 2).map((rule) => rule.record().string("name")),
    ["debian", "arch"],
  );
  assert.equal(root.record("groups").record("all.of").integer("k", 0, 1), 1);
});

test("place() says line and column of a key, or of what it stands in", () => {
  const { place } = readToml(POLICY, LIMITS);
  const lines = POLICY.split("\n");
  const lineOf = (text: string): number => lines.findIndex((line) => line.includes(text)) + 1;
  const cases: [(string | number)[], number, number][] = [
    [["version"], 2, 1],
    [["builders"], lineOf("[builders.tu"), 1],
    [["builders", "tu-example", "key"], lineOf('key = """'), 1],
    [["builders", "tu-example", "operator"], lineOf("operator"), 1],
    [["builders", "tu-example", "roles", 1], lineOf("roles"), 1],
    [["groups", "all.of", "k"], lineOf("all.of"), 1],
    [["groups", "universities", "any"], lineOf("universities"), 1],
    [["rules", 0, "name"], lineOf('"debian"'), 1],
    [["rules", 0, "require", "of"], lineOf("require"), 1],
    [["rules", 1], lineOf('"arch"') - 1, 3],
    [["rules", 1, "name"], lineOf('"arch"'), 3],
    [["rules", 1, "deep", "x"], lineOf("x = 1"), 3],
    [["absent"], 1, 1],
    [[], 1, 1],
  ];
  for (const [path, line, column] of cases) {
    assert.ok(
      place(path).startsWith(`policy.toml:${line}:${column}: `),
      `${JSON.stringify(path)} → ${place(path)}`,
    );
  }
  assert.equal(place(["rules", 1, "deep", "x"]).split(": ")[1], "rules[1].deep.x");
});

test("the same lines with CRLF", () => {
  const { place } = readToml(POLICY.replaceAll("\n", "\r\n"), LIMITS);
  assert.equal(place(["rules", 1, "name"]), readToml(POLICY, LIMITS).place(["rules", 1, "name"]));
});

test("a fault of shape names file, line and path", () => {
  const { value, place } = readToml(POLICY, LIMITS);
  assert.throws(
    () => record(value, place).record("builders").record("tu-example").integer("operator", 0, 1),
    {
      code: "shape/wrong-type",
      message: "policy.toml:9:1: builders.tu-example.operator: an integer expected, not text",
    },
  );
});

test("bad texts have stable codes and a line", () => {
  for (const text of [
    "a = ",
    "a = 1\na = 2",
    "[a]\n[a]",
    "a = 1 b = 2",
    "a = {",
    "= 1",
    "a = 9007199254740993",
    "a = nan",
    "a = [inf]",
    "d = 2026-11-21",
    "t = 07:32:00",
    "x".repeat(50),
    "a.b = 1\na = 2",
  ]) {
    assert.throws(
      () => readToml(text, LIMITS),
      (error: Error & { code?: string }) => {
        assert.equal(error.code, "toml/bad-syntax", text);
        assert.match(error.message, /^policy\.toml:\d+:\d+: /);
        return true;
      },
    );
  }
  assert.throws(() => readToml("x".repeat(10_001), LIMITS), { code: "bytes/too-big" });
  assert.throws(() => readToml(`a = "${"é".repeat(5_000)}"`, LIMITS), { code: "bytes/too-big" });
  assert.throws(() => readToml("\ud800".repeat(10_001), LIMITS), { code: "bytes/too-big" });
  assert.throws(() => readToml(Uint8Array.of(0xff), LIMITS), { code: "bytes/bad-utf8" });
});

test("nesting is bounded, in brackets and in dotted keys", () => {
  assert.throws(() => readToml(`a = ${"[".repeat(3000)}`, LIMITS), { code: "toml/bad-syntax" });
  assert.throws(() => readToml(`${"a.".repeat(3000)}a = 1`, LIMITS), { code: "toml/bad-syntax" });
});

test("hostile names are names", () => {
  const { value } = readToml("[__proto__]\npolluted = 1\n[constructor]\nx = 1", LIMITS);
  assert.deepEqual([...record(value, "p").rest().keys()], ["__proto__", "constructor"]);
  assert.equal(Object.hasOwn(Object.prototype, "polluted"), false);
});

test("every key of any table is found on the line where it stands", () => {
  const key = fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 8 });
  const leaf = fc.oneof(
    fc.integer(),
    fc.string({ maxLength: 10 }),
    fc.boolean(),
    fc.array(fc.string({ maxLength: 5 }), { maxLength: 3 }),
  );
  const table = fc.dictionary(key, leaf, { minKeys: 1, maxKeys: 4, noNullPrototype: true });
  fc.assert(
    fc.property(fc.dictionary(key, table, { minKeys: 1, maxKeys: 4, noNullPrototype: true }), (tables) => {
      const text = stringify(tables);
      const lines = text.split("\n");
      const { place } = readToml(text, { ...LIMITS, maxBytes: 1_000_000 });
      for (const [name, members] of Object.entries(tables)) {
        for (const member of Object.keys(members)) {
          const [, number] = place([name, member]).split(":");
          const line = lines[Number(number) - 1] ?? "";
          assert.ok(
            line.startsWith(stringify({ [member]: 0 }).split(" = ")[0] ?? "?"),
            `${line} for ${member}`,
          );
        }
      }
    }),
  );
});
