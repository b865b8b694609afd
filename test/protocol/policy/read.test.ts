import assert from "node:assert/strict";
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { readFileSync } from "node:fs";
import { parse } from "smol-toml";
import { fromHex } from "../../../protocol/bytes/index.ts";
import { ProtocolError } from "../../../protocol/errors.ts";
import { NOTE_COSIGNATURE, toRebuilderdPem, toSpkiPem, toVkey } from "../../../protocol/crypto/index.ts";
import { origin } from "../../../protocol/feed/index.ts";
import {
  buildersOf,
  explainPolicy,
  isExcepted,
  ON_CONTRADICTION,
  ON_DIFFERENCE,
  readPolicy,
  rulesFor,
  tagsFor,
  wordFor,
} from "../../../protocol/policy/index.ts";
import type { GitRule } from "../../../protocol/policy/index.ts";
import { writeAge } from "../../../protocol/policy/age.ts";
import { DEMANDS } from "./demands.ts";
import { EXCEPTION, FAULTS, HEAD, KEYS, RULE, SECOND_KEY } from "./faults.ts";
import { GOOD_STEPS, STEP_FAULTS } from "./steps.ts";

const WITNESS = toVkey("example/witness", KEYS[3]?.raw ?? new Uint8Array(), NOTE_COSIGNATURE);
const FEED = origin("main", KEYS[0]?.raw ?? new Uint8Array());

test("the policy of the contract", () => {
  const policy = readPolicy(`${HEAD}
[groups.universities]
any = ["tu-example", "uni-other"]
${RULE}on_contradiction = "refuse"
on_difference = "show"
max_head_age = "30d"
max_attestation_age = "none"
view = "partial"
mode = "enforce"
[default]
mode = "warn"
`);
  assert.deepEqual([...policy.builders.keys()], ["tu-example", "uni-other"]);
  assert.equal(policy.builders.get("uni-other")?.operator, "uni-other", "its own operator");
  const rule = rulesFor(policy, "pkg:deb/debian/hello@2.10-3?arch=amd64")[0];
  assert.ok(rule);
  assert.deepEqual(rule.steps, ["rebuild"]);
  assert.equal(rule.maxHeadAgeMs, 30 * 24 * 3_600_000);
  assert.equal(rule.maxAttestationAgeMs, null);
  assert.deepEqual(
    buildersOf(rule, policy).map((builder) => builder.name),
    ["tu-example", "uni-other"],
  );
  assert.equal(rulesFor(policy, "pkg:alpm/arch/bash@5")[0], null);
  assert.ok(Object.isFrozen(policy) && Object.isFrozen(rule));
  assert.match(
    explainPolicy(policy).join("\n"),
    /2 of the 2 with the role rebuilder; an operator counts once/,
  );
});

test("the first rule that matches decides, and defaults are the strict ones", () => {
  const policy = readPolicy(`${HEAD}[[rules]]
name = "one"
match = "pkg:deb/debian/hello"
require = { k = 1, of = "tu-example" }
[[rules]]
name = "rest"
match = "pkg:deb/debian/*"
require = [{ k = 1, of = ["tu-example"] }, { k = 1, of = ["uni-other"] }]
step = "sign"
logged = true
`);
  const rule = rulesFor(policy, "pkg:deb/debian/hello@1")[0];
  assert.equal(rule?.name, "one");
  assert.deepEqual(
    [
      rule?.onContradiction.others,
      rule?.onDifference.others,
      rule?.view,
      rule?.mode,
      rule?.distinct,
      rule?.maxHeadAgeMs,
    ],
    ["refuse", "show", "partial", "enforce", ["builder"], null],
  );
  assert.equal(rule?.logged, false);
  assert.equal(rulesFor(policy, "pkg:deb/debian/sed@1")[0]?.logged, true);
  assert.match(
    explainPolicy(policy).join("\n"),
    /A claim that agrees counts only where a feed is proven to carry it/,
  );
  assert.deepEqual(rulesFor(policy, "pkg:deb/debian/sed@1")[0]?.steps, ["sign"]);
  assert.equal(policy.default.mode, "warn");
});

test("keys in every writing; two writings of one key are one key", () => {
  const [key] = KEYS;
  assert.ok(key);
  const writings = [toSpkiPem(key), toRebuilderdPem(key), toVkey("tu.example", key.raw)].map((text) =>
    JSON.stringify(text),
  );
  const policy = readPolicy(`version = 1
[builders.tu]
keys = [${writings.join(", ")}]
feeds = ["${FEED}"]
${RULE.replace("k = 2", "k = 1").replace("role:rebuilder", "tu")}`);
  assert.equal(policy.builders.get("tu")?.keys.length, 1);
  assert.deepEqual(policy.builders.get("tu")?.feeds, [FEED]);
});

test("with a country an operator counts once too, and what a builder states is explained", () => {
  const policy = readPolicy(
    HEAD.replace(
      "operator =",
      'country = "DE"\ndistribution = "debian"\narchitecture = "arm64"\noperator =',
    ).replace(`key = ${SECOND_KEY}`, `key = ${SECOND_KEY}\ncountry = "FR"`) +
      RULE.replace('"operator"', '["country"]'),
  );
  assert.deepEqual(policy.rules[0]?.distinct, ["operator", "country"]);
  const text = explainPolicy(policy).join("\n");
  assert.match(text, /tu-example: run by TU Example, rebuilder, in DE, on debian arm64, 1 key/);
  assert.match(text, /an operator and a country count once each/);
});

test("an exception is for a version or for files, and explained with its end", () => {
  const file = "ab".repeat(32);
  const policy = readPolicy(`${HEAD}${RULE}${EXCEPTION}version = "5.02-1+b1"\nsha256 = "${file}"\n`);
  const [exception] = policy.exceptions;
  assert.ok(exception);
  const about = (purl: string, hex: string): boolean => isExcepted(exception, purl, fromHex(hex));
  assert.ok(about("pkg:deb/debian/sl@5.02-1%2Bb1?arch=amd64", file));
  assert.ok(!about("pkg:deb/debian/sl@5.02-1?arch=amd64", file), "another version");
  assert.ok(!about("pkg:deb/debian/sl", file), "no version");
  assert.ok(!about("pkg:deb/debian/sl@%zz", file), "a version that is none");
  assert.ok(!about("pkg:deb/debian/sed@5.02-1%2Bb1?arch=amd64", file), "another package");
  assert.ok(!about("pkg:deb/debian/sl@5.02-1%2Bb1?arch=amd64", "cd".repeat(32)), "another file");
  assert.match(
    explainPolicy(policy).join("\n"),
    /Exception "waiting": pkg:deb\/debian\/sl 5.02-1\+b1 \(1 file by SHA-256\) is let by with a warning where votes are missing, until 2026-12-31: nobody has built it yet\./,
  );
});

for (const [what, text, code, at] of [...FAULTS, ...DEMANDS, ...STEP_FAULTS]) {
  test(`refused: ${what}`, () => {
    assert.throws(
      () => readPolicy(text),
      (error: unknown) => {
        assert.ok(error instanceof ProtocolError, String(error));
        assert.equal(error.code, code, error.message);
        if (at !== undefined) assert.ok(error.message.startsWith(at), error.message);
        return true;
      },
    );
  });
}

test("steps, words for roles, publishers and sources are read, and explained", () => {
  const [, , third] = KEYS;
  assert.ok(third);
  const policy = readPolicy(
    `${HEAD.replace('roles = ["rebuilder"]\n[', 'roles = ["rebuilder", "ci"]\n[')}[builders.author]\nkey = ${JSON.stringify(toSpkiPem(third))}\nroles = ["author"]\n${RULE.replace(
      /require = .*/,
      'require = [{ k = 1, of = "role:rebuilder" }, { k = 1, of = "role:rebuilder", step = "review" }]',
    )}on_contradiction = { ci = "warn", "*" = "majority" }\non_difference = { ci = "contradict" }\nlogged_by = "role:author"\nsource = { k = 1, of = "author" }\n`,
  );
  const [rule] = policy.rules;
  assert.ok(rule);
  assert.deepEqual(rule.steps, ["rebuild", "review"]);
  assert.deepEqual(
    buildersOf(rule, policy).map(({ name }) => name),
    ["tu-example", "uni-other", "author"],
    "publishers are heard",
  );
  const [both, other] = [...policy.builders.values()];
  assert.ok(both && other);
  assert.equal(wordFor(rule.onContradiction, both, ON_CONTRADICTION), "warn");
  assert.equal(wordFor(rule.onContradiction, other, ON_CONTRADICTION), "majority");
  assert.equal(wordFor(rule.onDifference, other, ON_DIFFERENCE), "show");
  const two = {
    others: "warn",
    roles: new Map([
      ["ci", "warn"],
      ["rebuilder", "refuse"],
    ] as const),
  } as const;
  assert.equal(wordFor(two, both, ON_CONTRADICTION), "refuse", "of several roles the strictest");
  const text = explainPolicy(policy).join("\n");
  assert.match(text, /asks who did the steps "rebuild", "review"/);
  assert.match(
    text,
    /1 of the 2 with the role rebuilder in the step "rebuild", and from 1 of the 2 with the role rebuilder in the step "review"/,
  );
  assert.match(text, /Counted: tu-example, uni-other\./);
  assert.match(text, /Of the role ci: contradicting results only warn/);
  assert.match(text, /Of the others: where results contradict each other, more must agree/);
  assert.match(text, /must be listed by anyone with the role author: a feed of its own is proven/);
  assert.match(text, /That source must be stated by author, in the step "source"/);
});

test("how long watchers wait for a rebuild is an age, and explained", () => {
  const read = (line: string): readonly [number | null | undefined, string] => {
    const policy = readPolicy(`${HEAD}${RULE}${line}`);
    return [policy.rules[0]?.rebuiltWithinMs, explainPolicy(policy).join("\n")];
  };
  const [within, text] = read('rebuilt_within = "7d"\n');
  assert.equal(within, 7 * 86_400_000);
  assert.match(text, /what a publisher lists and not enough have rebuilt within 1w\./);
  const [none, silent] = read("");
  assert.equal(none, null);
  assert.doesNotMatch(silent, /Watchers/);
});

test("a source may be stated longer ago than results may be", () => {
  const read = (age: string): readonly [number | null | undefined, string] => {
    const policy = readPolicy(
      `${HEAD}${RULE}max_attestation_age = "30d"\nsource = { k = 1, of = "tu-example"${age} }\n`,
    );
    return [policy.rules[0]?.source?.stated?.maxAttestationAgeMs, explainPolicy(policy).join("\n")];
  };
  const [as, asText] = read("");
  assert.equal(as, 30 * 86_400_000);
  assert.match(asText, /give its SHA-256, held to what is asked of claims that agree\./);
  const [any, anyText] = read(', max_attestation_age = "none"');
  assert.equal(any, null);
  assert.match(anyText, /held to what is asked of claims that agree, but of any age\./);
  assert.match(read(', max_attestation_age = "52w"')[1], /but 52w old at most\./);
});

test("a source may have to be a commit that is signed, on a branch, of a repository", () => {
  const read = (members: string): readonly [GitRule | null | undefined, string] => {
    const policy = readPolicy(`${HEAD}${RULE}source = { ${members} }\n`);
    return [policy.rules[0]?.source?.git, explainPolicy(policy).join("\n")];
  };
  const [whole, words] = read(
    'signed = { k = 2, of = ["tu-example", "uni-other"] }, tag = ["v{version}", "r"], branch = "main", repository = ["https://git.example.org/tool.git", "ssh://git.example.org/tool/"], k = 1, of = "tu-example"',
  );
  assert.deepEqual(
    [whole?.tags, whole?.branch, whole?.repositories, whole?.signed?.requirement.k],
    [["v{version}", "r"], "main", ["https://git.example.org/tool", "ssh://git.example.org/tool"], 2],
  );
  assert.deepEqual(tagsFor(whole ?? assert.fail(), "1.0"), ["v1.0", "r"]);
  assert.deepEqual(tagsFor(whole ?? assert.fail(), "1$&$$"), ["v1$&$$", "r"], "a version is no pattern");
  assert.match(
    words,
    /recorded one commit, and that it is on the branch "main" of https:\/\/git\.example\.org\/tool or ssh:/,
  );
  assert.match(
    words,
    /Tags of it by the name "v\{version\}" or "r" .* must be signed by 2 of \(tu-example, uni-other\)/,
  );
  assert.match(words, /A file beside it .* must be stated by tu-example/);
  const [plain, said] = read('repository = "https://git.example.org/tool"');
  assert.deepEqual([plain?.signed, plain?.tags, plain?.branch], [null, [], null]);
  assert.match(said, /recorded one commit, and that it is of https:\/\/git\.example\.org\/tool\./);
  assert.match(read('signed = { k = 1, of = "tu-example" }')[1], /It or tags of it must be signed by/);
});

test("ages are written as they are read", () => {
  for (const text of ["5m", "36h", "30d", "2w", "none"]) {
    const rule = readPolicy(`${HEAD}${RULE}max_head_age = "${text}"\n`).rules[0];
    assert.equal(writeAge(rule?.maxHeadAgeMs ?? null), text);
  }
});

const SCHEMA = new URL("../../../protocol/spec/policy.schema.json", import.meta.url);

/** Codes beside `shape/…` that a JSON schema can say too. */
const SHAPES: ReadonlySet<string> = new Set(["policy/bad-group", "policy/bad-exception"]);

test("the schema takes what the reader takes, and refuses what has a wrong shape", () => {
  const validate = new Ajv2020({ strict: true, strictRequired: false }).compile(
    JSON.parse(readFileSync(SCHEMA, "utf8")),
  );
  const whole = `${HEAD}[groups.g]\nk = 1\nof = ["tu-example", "uni-other"]\n${RULE}apt_origin = "Debian*"\napt_suite = ["bookworm", "bookworm-*"]\nmax_head_age = "30d"\nview = "complete"\nlogged = true\nlogged_for = "7d"\nrebuilt_within = "7d"\nlogged_by = "role:rebuilder"\nsource = { k = 1, of = ["g"], step = "source", max_attestation_age = "none", signed = { k = 1, of = ["g"] }, tag = "v{version}", branch = "main", repository = "https://git.example.org/tool" }\non_contradiction = { rebuilder = "warn", "*" = "refuse" }\n[witnesses.w]\nkey = "${WITNESS}"\n${EXCEPTION}version = "1"\nover = "contradicted"\nsha256 = ["${"ab".repeat(32)}"]\n[default]\nmode = "refuse"\n`;
  readPolicy(whole);
  assert.ok(validate(parse(whole)), JSON.stringify(validate.errors));
  const revoked = whole.replace(
    /key = ("-.*")/,
    'keys = [{ key = $1, revoked = "2026-10-01", witnesses = { k = 1 } }]',
  );
  assert.equal(readPolicy(revoked).builders.get("tu-example")?.revoked.length, 1);
  assert.ok(validate(parse(revoked)), JSON.stringify(validate.errors));
  assert.ok(validate(parse(GOOD_STEPS)), JSON.stringify(validate.errors));
  const shapes = [...FAULTS, ...DEMANDS, ...STEP_FAULTS].filter(
    ([, , code]) => SHAPES.has(code) || code.startsWith("shape/"),
  );
  assert.ok(shapes.length >= 10);
  for (const [what, text] of shapes) assert.ok(!validate(parse(text)), what);
});
