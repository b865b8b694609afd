/** Witnesses in a policy: how they are named, and what a rule may ask of them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ed25519Key,
  NOTE_COSIGNATURE,
  publicFromSeed,
  toSpkiPem,
  toVkey,
} from "../../../protocol/crypto/index.ts";
import { explainPolicy, readPolicy } from "../../../protocol/policy/index.ts";

const [K1, K2, K3] = [1, 2, 3].map((byte) =>
  JSON.stringify(toSpkiPem(ed25519Key(publicFromSeed(new Uint8Array(32).fill(byte))))),
);
const HEAD = `version = 1
[builders.tu-example]
key = ${K1}
roles = ["rebuilder"]
[builders.uni-other]
key = ${K2}
roles = ["rebuilder"]
`;
const RULE = `[[rules]]
name = "debian"
match = "pkg:deb/debian/*"
require = { k = 2, of = "role:rebuilder", distinct = "operator" }
`;

/** Verifier key of a witness made of a number, or of the first builder. */
function witnessKey(byte: number): string {
  return toVkey(`test/witness-${byte}`, publicFromSeed(new Uint8Array(32).fill(byte)), NOTE_COSIGNATURE);
}

const [W1, BUILDERS_VKEY] = [witnessKey(7), witnessKey(1)];
const WITNESSES = `[witnesses.v]
key = "${W1}"
operator = "O"
[witnesses.w]
key = "${witnessKey(8)}"
operator = "O"
[witnesses.x]
key = "${witnessKey(9)}"
`;
test("witnesses are named with their keys, and a rule asks for some of them, an operator once", () => {
  const policy = readPolicy(
    `${HEAD}${WITNESSES}${RULE}witnesses = { k = 1, of = ["w"] }\n[[rules]]\nname = "all"\nmatch = "pkg:alpm/arch/*"\nrequire = { k = 1, of = "tu-example" }\nwitnesses = { k = 2 }\nmax_head_age = "7d"\n`,
  );
  assert.deepEqual(
    [...policy.witnesses.values()].map(({ name, operator, cosigner }) => [name, operator, cosigner.name]),
    [
      ["v", "O", "test/witness-7"],
      ["w", "O", "test/witness-8"],
      ["x", "x", "test/witness-9"],
    ],
  );
  const named = policy.rules.map((rule) => [rule.witnesses?.k, rule.witnesses?.of.map(({ name }) => name)]);
  assert.deepEqual(named, [
    [1, ["w"]],
    [2, ["v", "w", "x"]],
  ]);
  const text = explainPolicy(policy).join("\n");
  assert.match(text, /witnesses:\n {2}v: run by O\n {2}w: run by O\n {2}x: its own operator/);
  assert.match(
    text,
    /only where 2 witnesses have cosigned a head of a feed that carries it, of v, w, x; an operator/,
  );
  assert.match(text, /When a feed was heard is the witnesses' word/);
});

test("a rule asks for a time in a feed of the witnesses that it names, else of more than half of all operators", () => {
  const policy = readPolicy(
    `${HEAD}${WITNESSES}${RULE}logged_for = "7d"\n[[rules]]\nname = "all"\nmatch = "pkg:alpm/arch/*"\nrequire = { k = 1, of = "tu-example" }\nwitnesses = { k = 1, of = ["x"] }\nlogged_for = "12h"\n[[rules]]\nname = "none"\nmatch = "pkg:generic/*"\nrequire = { k = 1, of = "tu-example" }\nlogged_for = "none"\n`.replace(
      "pkg:generic/*",
      "pkg:generic/x",
    ),
  );
  const asked = policy.rules.map(({ loggedForMs, witnesses }) => [
    loggedForMs,
    witnesses?.k,
    witnesses?.of.map(({ name }) => name),
  ]);
  assert.deepEqual(asked, [
    [7 * 86_400_000, 2, ["v", "w", "x"]],
    [12 * 3_600_000, 1, ["x"]],
    [null, undefined, undefined],
  ]);
  assert.match(explainPolicy(policy).join("\n"), /They must have done so 1w ago at least, by their clocks/);
});

test("a key is revoked as of a day or a time, by the word of some witnesses, of more than half, or of none", () => {
  const revoked = (text: string): string =>
    HEAD.replace(`key = ${K1}`, `keys = [{ key = ${K1}, ${text} }, ${K3}]`);
  const keys = (text: string): readonly unknown[] =>
    (readPolicy(text).builders.get("tu-example")?.revoked ?? []).map(({ key, atMs, witnesses }) => [
      key.raw[0],
      new Date(atMs).toISOString(),
      witnesses?.k ?? null,
    ]);
  const first = publicFromSeed(new Uint8Array(32).fill(1))[0];
  assert.deepEqual(keys(revoked('revoked = "2026-10-01"') + WITNESSES + RULE), [
    [first, "2026-10-01T00:00:00.000Z", 2],
  ]);
  assert.deepEqual(
    keys(
      `${revoked('revoked = "2026-10-01T12:00:00Z", witnesses = { k = 1, of = ["x"] }')}${WITNESSES}${RULE}`,
    ),
    [[first, "2026-10-01T12:00:00.000Z", 1]],
  );
  const alone = revoked('revoked = "2026-10-01"') + RULE;
  assert.deepEqual(keys(alone), [[first, "2026-10-01T00:00:00.000Z", null]]);
  assert.equal(readPolicy(alone).builders.get("tu-example")?.keys.length, 2, "it is a key of it still");
  assert.match(
    explainPolicy(readPolicy(alone)).join("\n"),
    /is revoked as of 2026-10-01: from then on nothing of it counts/,
  );
  const proven = explainPolicy(readPolicy(revoked('revoked = "2026-10-01"') + WITNESSES + RULE)).join("\n");
  assert.match(
    proven,
    /from then on of it counts only what 2 witnesses of v, w, x had seen in a feed before/,
  );
});

const REFUSED: readonly (readonly [why: string, text: string, code: string])[] = [
  [
    "a witness with a builder's key",
    `${HEAD}[witnesses.w]\nkey = "${W1.replace(/\+.*/, "")}"\n${RULE}`,
    "policy/bad-key",
  ],
  [
    "a witness key of a builder",
    `${HEAD}[witnesses.w]\nkey = "${BUILDERS_VKEY}"\n${RULE}`,
    "policy/shared-key",
  ],
  [
    "one key, two witnesses",
    `${HEAD}[witnesses.v]\nkey = "${W1}"\n[witnesses.w]\nkey = "${W1}"\n${RULE}`,
    "policy/shared-key",
  ],
  [
    "a rule for a witness that is none",
    `${HEAD}${RULE}witnesses = { k = 1, of = ["w"] }\n`,
    "policy/unknown-name",
  ],
  ["witnesses, and none are named", `${HEAD}${RULE}witnesses = { k = 1 }\n`, "policy/never-met"],
  [
    "two witnesses of one operator",
    `${HEAD}${WITNESSES}${RULE}witnesses = { k = 2, of = ["v", "w"] }\n`,
    "policy/never-met",
  ],
  [
    "a witness twice",
    `${HEAD}${WITNESSES}${RULE}witnesses = { k = 1, of = ["v", "v"] }\n`,
    "policy/duplicate-name",
  ],
  [
    "witnesses that are no list",
    `${HEAD}${WITNESSES}${RULE}witnesses = { k = 1, of = "v" }\n`,
    "policy/bad-group",
  ],
];

for (const [why, text, code] of REFUSED) {
  test(`refused: ${why}`, () => {
    assert.throws(
      () => readPolicy(text),
      (error: unknown) => {
        assert.ok(error instanceof Error && "code" in error);
        assert.equal(error.code, code);
        assert.match(error.message, /^policy\.toml:\d+:\d+: /);
        return true;
      },
    );
  });
}
