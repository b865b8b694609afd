/**
 * What in-toto's verifiers do where builders are missing or disagree (in-toto 1.3.1 and in-toto-golang 0.11.0, as observed), and what samebits
 * does: the rows of that table which are about thresholds and dissent. docs/policy.md has it for readers.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { canonicalJson, jsonObject, toHex, writeJson } from "../../../protocol/bytes/index.ts";
import { keyIdKha, keyIdPlain, toRebuilderdPem, toSpkiPem } from "../../../protocol/crypto/index.ts";
import { ProtocolError } from "../../../protocol/errors.ts";
import { readPolicy } from "../../../protocol/policy/index.ts";
import { collectFound, exitOfVerdict, judge } from "../../../protocol/verdict/index.ts";
import type { Verdict } from "../../../protocol/verdict/index.ts";
import { digest, HELLO, NETWORK, NOW, signer } from "./cast.ts";
import { Scene } from "./scene.ts";

function told(...lines: readonly string[]): Scene {
  const scene = new Scene();
  for (const line of lines) scene.tell(line);
  return scene;
}

const votes = ({ votes: all }: Verdict): readonly string[] =>
  all.map(({ builder, vote }) => `${builder} ${vote}`);

const TWO_OF_THREE = ["builder a", "builder b", "builder c"];
const rule = (k: number, more = ""): string => `rule require={ k = ${k}, of = ["a", "b", "c"] } ${more}`;

test("2 of 3 agree, third absent, threshold 2 (py: pass, go: pass): reproduced, and the absent one is named", async () => {
  const verdict = await told(...TWO_OF_THREE, rule(2), "a gives F", "b gives F", "c feed complete").verdict();
  assert.equal(exitOfVerdict(verdict), 0);
  assert.deepEqual(votes(verdict), ["a agrees", "b agrees", "c absent"]);
});

test("2 agree + 1 authorised dissent (py: fail, go: fail): the rule says, and the dissent is always shown, with a proof", async () => {
  const said = ["a gives F", "b gives F", "c gives G"];
  for (const [word, verdict, decision] of [
    ["refuse", "contradicted", "refuse"],
    ["majority", "reproduced", "allow"],
    ["warn", "reproduced", "warn"],
  ] as const) {
    const found = await told(...TWO_OF_THREE, rule(2, `on_contradiction="${word}"`), ...said).verdict();
    assert.deepEqual(
      [found.verdict, found.decision, found.contradiction],
      [verdict, decision, "split"],
      word,
    );
    assert.deepEqual(votes(found), ["a agrees", "b agrees", "c contradicts"], word);
    assert.deepEqual(
      found.evidence.map(({ kind }) => kind),
      ["disagreement"],
      word,
    );
  }
  const byDefault = await told(...TWO_OF_THREE, rule(2), ...said).verdict();
  assert.equal(exitOfVerdict(byDefault), 1);
});

test("threshold 1, two disagreeing links (py: pass, not compared; go: fail): contradicted", async () => {
  const verdict = await told(...TWO_OF_THREE, rule(1), "a gives F", "b gives G").verdict();
  assert.equal(exitOfVerdict(verdict), 1);
  assert.deepEqual(votes(verdict).slice(0, 2), ["a agrees", "b contradicts"]);
});

test("one key under KHA+plain keyid, threshold 2 (py: pass; go: fail): one vote, and no policy can list one key twice", async () => {
  const { key } = signer("a");
  const verdict = await told(
    ...TWO_OF_THREE,
    rule(2),
    `a gives F age=1h keyid=${keyIdKha(key)}`,
    `a gives F age=2h keyid=${keyIdPlain(key)}`,
  ).verdict();
  assert.equal(exitOfVerdict(verdict), 2);
  assert.equal(verdict.agreeing, 1);
  const one = (name: string, pem: string): string => `[builders.${name}]\nkey = ${JSON.stringify(pem)}\n`;
  const twice = `version = 1\n${one("a", toSpkiPem(key))}${one("b", toRebuilderdPem(key))}[[rules]]\nname = "r"\nmatch = "pkg:deb/debian/*"\nrequire = { k = 2, of = ["a", "b"] }\n`;
  assert.throws(
    () => readPolicy(twice),
    (error: unknown) => error instanceof ProtocolError && error.code === "policy/shared-key",
  );
});

test("link.name ≠ step name (py: pass, unchecked; go: pass): the step that was signed counts, and no other", async () => {
  const verdict = await told(...TWO_OF_THREE, rule(2), "a gives F", "b gives F step=package").verdict();
  assert.equal(exitOfVerdict(verdict), 2);
  assert.deepEqual(votes(verdict).slice(0, 2), ["a agrees", "b silent"]);
  assert.match(verdict.votes[1]?.reason ?? "", /it got this file in the step "package", which is no vote/);
});

test("sha256+sha512 link vs sha256-only other link (py: fail, go: fail): SHA-256 is compared, and nothing else", async () => {
  const scene = told(...TWO_OF_THREE, rule(2), "a gives F");
  const both = jsonObject({
    sha256: toHex(digest("F")),
    sha512: createHash("sha512").update("F").digest("hex"),
  });
  const signed = jsonObject({
    _type: "link",
    name: `rebuild ${HELLO.file}`,
    materials: jsonObject({}),
    products: jsonObject({ [HELLO.file]: both }),
    environment: null,
    byproducts: jsonObject({}),
    command: [],
  });
  const { key, sign } = signer("b");
  const signature = jsonObject({ keyid: keyIdKha(key), sig: toHex(sign(canonicalJson(signed))) });
  const link = writeJson(jsonObject({ signatures: [signature], signed }));
  const raw = scene.raw();
  const policy = scene.policy();
  const collected = await collectFound(
    { ...raw, envelopes: [...raw.envelopes, link] },
    { policy, network: NETWORK, strict: true },
  );
  const verdict = judge(scene.artifact(), { ...collected, ...scene.rest() }, policy, NOW);
  assert.equal(exitOfVerdict(verdict), 0);
  assert.deepEqual(votes(verdict).slice(0, 2), ["a agrees", "b agrees"]);
});
