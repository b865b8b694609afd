/** Layouts in a policy: how they are named, what a rule by one may say, and who is heard because of them. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { parse } from "smol-toml";
import {
  ed25519Key,
  keyIdKha,
  NOTE_COSIGNATURE,
  publicFromSeed,
  signDomain,
  toSpkiPem,
  toVkey,
} from "../../../protocol/crypto/index.ts";
import type { PublicKey } from "../../../protocol/crypto/index.ts";
import { ProtocolError } from "../../../protocol/errors.ts";
import { buildLayout, sealMetablock } from "../../../protocol/intoto/index.ts";
import {
  attachLayouts,
  buildersOf,
  explainPolicy,
  layoutFilesOf,
  readPolicy,
  rulesFor,
  stepsOf,
} from "../../../protocol/policy/index.ts";
import type { Policy } from "../../../protocol/policy/index.ts";

const seed = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const key = (byte: number): PublicKey => ed25519Key(publicFromSeed(seed(byte)));
const pem = (byte: number): string => JSON.stringify(toSpkiPem(key(byte)));
const id = (byte: number): string => keyIdKha(key(byte)).slice(0, 8);

const LAYOUT = `[layouts.hello]
file = "layouts/hello.layout"
keys = [${pem(1)}]
`;
const RULE = `[[rules]]
name = "hello"
match = "pkg:deb/debian/hello"
layout = "hello"
`;
const HEAD = `version = 1\n${LAYOUT}`;
const WITNESS = `[witnesses.w]\nkey = "${toVkey("example/w", key(9).raw, NOTE_COSIGNATURE)}"\n`;

/** Steps by the keys of these numbers; signed by the owner of number 1. */
function layout(steps: Readonly<Record<string, readonly number[]>>): Uint8Array {
  const signed = buildLayout({
    readme: "",
    expires: Date.UTC(2030, 0),
    steps: Object.entries(steps).map(([name, functionaries]) => ({
      name,
      threshold: 1,
      functionaries: functionaries.map(key),
      expectedCommand: [],
      expectedMaterials: [],
      expectedProducts: [
        { kind: "match", pattern: "*", source: "out", with: "products", destination: null, step: name },
        { kind: "disallow", pattern: "*" },
      ],
    })),
    inspections: [
      { name: "unpack", run: ["tar", "xf", "a.tar"], expectedMaterials: [], expectedProducts: [] },
    ],
  });
  return sealMetablock(signed, [{ key: key(1), sig: signDomain(seed(1), signed) }]);
}

const validate = new Ajv2020({ strict: false }).compile(
  JSON.parse(readFileSync(new URL("../../../protocol/spec/policy.schema.json", import.meta.url), "utf8")),
);

function codeOf(text: string): string {
  try {
    readPolicy(text);
    return "good";
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return `${error.code} ${error.message}`;
  }
}

test("a layout is named with its owners, and a rule leaves the decision to it", () => {
  const policy = readPolicy(
    `${HEAD}k = 1\nparameters = { SUITE = "bookworm", V = "1.0-1+b2~x" }\n${RULE}logged = true\nmode = "warn"\n`,
  );
  const { layouts, rules } = policy;
  const hello = layouts.get("hello");
  assert.deepEqual(hello?.file, "layouts/hello.layout");
  assert.deepEqual([...(hello?.parameters ?? [])].flat(), ["SUITE", "bookworm", "V", "1.0-1+b2~x"]);
  assert.equal(hello?.owners.k, 1);
  assert.equal(hello?.found.kind, "absent");
  assert.equal(rules[0]?.layout, hello);
  assert.equal(rules[0]?.logged, true);
  assert.equal(rules[0]?.mode, "warn");
  assert.deepEqual(layoutFilesOf(policy), ["layouts/hello.layout"]);
  assert.match(
    explainPolicy(policy).join("\n"),
    /hello: layouts\/hello.layout \(NOT HERE\), signed by 1 of 1 key/,
  );
  assert.match(
    explainPolicy(policy).join("\n"),
    /its file layouts\/hello.layout is not here: nothing is let by/,
  );
});

const FAULTS: readonly (readonly [what: string, text: string, code: string])[] = [
  ["a rule by no layout", HEAD + RULE.replace('layout = "hello"', 'layout = "x"'), "policy/unknown-name"],
  ["no owner", HEAD.replace(/keys = .*/, "keys = []") + RULE, "policy/bad-key"],
  [
    "an owner twice",
    HEAD.replace(/keys = .*/, `keys = [${pem(1)}, ${pem(1)}]`) + RULE,
    "policy/duplicate-name",
  ],
  ["an owner that is none", HEAD.replace(/keys = .*/, 'keys = ["x"]') + RULE, "policy/bad-key"],
  ["more owners than there are", `${HEAD}k = 2\n${RULE}`, "policy/never-met"],
  ["k = 0", `${HEAD}k = 0\n${RULE}`, "shape/out-of-range"],
  ["an unknown member", `${HEAD}url = "x"\n${RULE}`, "shape/unknown-member"],
  ["no file", HEAD.replace(/file = .*/, "") + RULE, "shape/missing"],
  ["neither builders nor layouts", `version = 1\n${RULE}`, "shape/missing"],
  ...["../hello.layout", "/etc/hello.layout", "a/../b", "", "a//b", "a/", ".hidden", "a\\\\b", "a b"].map(
    (file) =>
      [`the file ${file}`, HEAD.replace("layouts/hello.layout", file) + RULE, "policy/bad-name"] as const,
  ),
  ...["a b", "$(x)", "{X}", "", "a;b", "a\\nb", "x".repeat(257)].map(
    (value) =>
      [`the value ${value}`, `${HEAD}parameters = { X = "${value}" }\n${RULE}`, "policy/bad-name"] as const,
  ),
  ["a parameter's name", `${HEAD}parameters = { "X Y" = "1" }\n${RULE}`, "policy/bad-name"],
  ...[
    "require = { k = 1, of = [] }",
    'step = "build"',
    'on_contradiction = "warn"',
    'on_difference = "show"',
    'max_head_age = "1d"',
    'max_attestation_age = "1d"',
    'view = "complete"',
    'logged_by = "x"',
    'source = "same"',
    'rebuilt_within = "1d"',
  ].map((member) => [member, `${HEAD}${RULE}${member}\n`, "policy/bad-rule"] as const),
];

for (const [what, text, code] of FAULTS) {
  test(`no policy: ${what}`, () => {
    assert.match(codeOf(text), new RegExp(`^${code} policy.toml:[0-9]+:[0-9]+`));
    if (code !== "policy/unknown-name" && code !== "policy/duplicate-name" && code !== "policy/never-met")
      assert.equal(
        what === "an owner that is none" || !validate(parse(text)),
        true,
        "the schema refuses it too",
      );
  });
}

test("the schema takes what is read", () => {
  for (const text of [HEAD + RULE, HEAD + WITNESS + RULE + "witnesses = { k = 1 }\n"])
    assert.ok(validate(parse(text)), JSON.stringify(validate.errors));
});

test("functionaries are heard: under the policy's name for their key, else as the layout's", async () => {
  const text = `version = 1\n[builders.tu]\nkey = ${pem(2)}\noperator = "TU"\n${LAYOUT}${RULE}`;
  const policy = await attachLayouts(readPolicy(text), (file) =>
    file === "layouts/hello.layout" ? layout({ build: [2, 3], sign: [4, 2] }) : null,
  );
  assert.deepEqual([...policy.builders.keys()], ["tu", `hello:${id(3)}`, `hello:${id(4)}`]);
  const [rule] = rulesFor(policy, "pkg:deb/debian/hello@1");
  assert.ok(rule);
  assert.deepEqual(rule.steps, ["build", "sign"]);
  assert.deepEqual(
    buildersOf(rule, policy).map(({ name }) => [name, stepsOf(rule, name).join()]),
    [
      ["tu", "build,sign"],
      [`hello:${id(3)}`, "build"],
      [`hello:${id(4)}`, "sign"],
    ],
  );
  assert.ok(Object.isFrozen(policy));
  const words = explainPolicy(policy).join("\n");
  assert.match(
    words,
    new RegExp(
      `Step 1 "build": the same link from 1 of tu, hello:${id(3)}; products: match \\* in out with products from build, disallow \\*\\.`,
    ),
  );
  assert.match(words, /Inspection "unpack" runs tar xf a.tar: only with --allow-inspections/);
});

test("what can't be used is part of the policy: other rules hold, and nobody is heard because of it", async () => {
  const other = `[[rules]]\nname = "all"\nmatch = "pkg:deb/debian/*"\nlayout = "good"\n`;
  const text = `${HEAD}[layouts.good]\nfile = "good"\nkeys = [${pem(1)}]\n${WITNESS}${RULE}${other}`;
  const attach = (bytes: Uint8Array): Promise<Policy> =>
    attachLayouts(readPolicy(text), (file) => (file === "good" ? layout({ build: [5] }) : bytes));
  const bad: readonly (readonly [bytes: Uint8Array, code: string])[] = [
    [new Uint8Array(), "json/bad-syntax"],
    [layout({ build: [9] }), "policy/shared-key"],
  ];
  for (const [bytes, code] of bad) {
    const policy = await attach(bytes);
    const { found } = policy.layouts.get("hello") ?? {};
    assert.equal(found?.kind === "bad" ? found.code : found?.kind, code);
    assert.deepEqual([...policy.builders.keys()], [`good:${id(5)}`]);
    assert.match(explainPolicy(policy).join("\n"), /CAN'T BE USED/);
  }
});

test("two layouts that name one key hear one builder", async () => {
  const text = `${HEAD}[layouts.other]\nfile = "other"\nkeys = [${pem(1)}]\n${RULE}`;
  const policy = await attachLayouts(readPolicy(text), () => layout({ build: [3] }));
  assert.deepEqual([...policy.builders.keys()], [`hello:${id(3)}`]);
});
