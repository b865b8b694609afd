import assert from "node:assert/strict";
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { buildLink, debTarget, pae } from "../../../protocol/attestation/index.ts";
import { fromHex, fromUtf8, jsonObject, toBase64, utf8, writeJson } from "../../../protocol/bytes/index.ts";
import { keyIdKha, parsePublicKey } from "../../../protocol/crypto/index.ts";
import { readPolicy } from "../../../protocol/policy/index.ts";
import { collectFound, judge } from "../../../protocol/verdict/index.ts";
import type { RawFindings } from "../../../protocol/verdict/index.ts";
import { digest, HELLO, legacyLink, NETWORK, NOW, signer } from "./cast.ts";
import { Scene } from "./scene.ts";

const EMPTY: RawFindings = { entries: [], envelopes: [], heads: [], evidence: [] };
const REST = {
  settled: "all",
  asked: { local: 1, mirrors: 0, peers: 0, dht: 0 },
  memory: new Map(),
} as const;

function scene(...lines: readonly string[]): Scene {
  const told = new Scene();
  for (const line of lines) told.tell(line);
  return told;
}

const TWO = ["builder a", "builder b", 'rule require={ k = 2, of = ["a", "b"] }'] as const;

test("junk is dropped, counted by code, and decides nothing", async () => {
  const told = scene(...TWO, "a gives F", "b gives F");
  const policy = told.policy();
  const raw = told.raw();
  const [first] = raw.entries;
  assert.ok(first);
  const junk: RawFindings = {
    entries: [
      { ...first, entry: utf8("{") },
      { ...first, entry: utf8('{"payload":"","payloadType":"x","signatures":[]}') },
      { ...first, checkpoint: utf8("nonsense") },
      { ...first, index: 7 },
      ...raw.entries,
    ],
    envelopes: [utf8("null"), new Uint8Array(70_000)],
    heads: [{ checkpoint: utf8("x\n"), timed: utf8("y\n"), complete: true }, ...raw.heads],
    evidence: [utf8("{}"), ...raw.evidence],
  };
  const collected = await collectFound(junk, { policy, network: NETWORK, strict: false });
  const clean = await collectFound(raw, { policy, network: NETWORK, strict: false });
  const verdict = judge(told.artifact(), { ...collected, ...REST }, policy, NOW);
  assert.deepEqual(verdict, judge(told.artifact(), { ...clean, ...REST }, policy, NOW));
  assert.equal(verdict.verdict, "reproduced");
  assert.equal(clean.junk.size, 0);
  const dropped = [...collected.junk.values()].reduce((a, b) => a + b, 0);
  assert.equal(dropped, 9, JSON.stringify([...collected.junk]));
  assert.equal(collected.junk.get("attestation/too-big"), 1);
});

test("an envelope whose proof fails still proves itself, without a place in a feed", async () => {
  const told = scene(...TWO, "a gives F");
  const [entry] = told.raw().entries;
  assert.ok(entry);
  const raw = { ...EMPTY, entries: [{ ...entry, index: entry.index + 1 }] };
  const { entries } = await collectFound(raw, { policy: told.policy(), network: NETWORK, strict: false });
  assert.deepEqual(
    entries.map(({ builder, head, index }) => [builder, head, index]),
    [["a", null, null]],
  );
});

test("feeds of other networks are junk", async () => {
  const told = scene(...TWO, "a gives F");
  const { entries, heads } = await collectFound(told.raw(), {
    policy: told.policy(),
    network: "main",
    strict: false,
  });
  assert.equal(heads.length, 0);
  assert.deepEqual(
    entries.map(({ head }) => head),
    [null],
  );
});

test("a signature by another key than the one named is nobody's vote", async () => {
  const told = scene(...TWO, "a gives F");
  const [entry] = told.raw().entries;
  assert.ok(entry);
  const raw = { ...EMPTY, entries: [{ ...entry, signer: signer("b").key.raw }] };
  const collected = await collectFound(raw, { policy: told.policy(), network: NETWORK, strict: false });
  assert.deepEqual(
    collected.entries.map(({ builder }) => builder),
    ["a"],
    "the key id leads to the true signer",
  );
  const forged = scene(...TWO, "mallory gives F");
  const [other] = forged.raw().entries;
  assert.ok(other);
  const claimed = await collectFound(
    { ...EMPTY, entries: [{ ...other, signer: signer("b").key.raw }] },
    { policy: told.policy(), network: NETWORK, strict: false },
  );
  assert.deepEqual([...claimed.junk], [["verdict/bad-signature", 1]]);
  assert.equal(claimed.entries.length, 0);
});

test("a link with the signatures of two builders is a claim of both", async () => {
  const told = scene("builder worker", "builder instance", 'rule require={ k = 1, of = "worker" }');
  const { bytes } = legacyLink(HELLO.file, digest("F"), [signer("worker"), signer("instance")]);
  const { entries } = await collectFound(
    { ...EMPTY, envelopes: [bytes] },
    { policy: told.policy(), network: NETWORK, strict: true },
  );
  assert.deepEqual(entries.map(({ builder }) => builder).toSorted(), ["instance", "worker"]);
});

test("a key id is a hint also where it names another builder of the policy", async () => {
  const told = scene(...TWO);
  const { bytes } = legacyLink(HELLO.file, digest("F"), [signer("a")]);
  const link = JSON.parse(fromUtf8(bytes)) as { signatures: { keyid: string }[] };
  const [signature] = link.signatures;
  assert.ok(signature !== undefined);
  signature.keyid = keyIdKha(signer("b").key);
  const options = { policy: told.policy(), network: NETWORK, strict: true };
  const envelopes = [utf8(JSON.stringify(link))];
  const { entries } = await collectFound({ ...EMPTY, envelopes }, options);
  assert.deepEqual(
    entries.map(({ builder }) => builder),
    ["a"],
  );
  const both = legacyLink(HELLO.file, digest("F"), [signer("a"), signer("b")]).bytes;
  const unnamed = fromUtf8(both).replaceAll(keyIdKha(signer("b").key), "?");
  const found = await collectFound({ ...EMPTY, envelopes: [utf8(unnamed)] }, options);
  assert.deepEqual(found.entries.map(({ builder }) => builder).toSorted(), ["a", "b"]);
  const forged = legacyLink(HELLO.file, digest("F"), [signer("mallory")]).bytes;
  const named = fromUtf8(forged).replaceAll(keyIdKha(signer("mallory").key), keyIdKha(signer("b").key));
  await assert.rejects(collectFound({ ...EMPTY, envelopes: [utf8(named)] }, options), {
    code: "verdict/bad-signature",
  });
});

test("what the user named must be right to the last octet, whoever signed it", async () => {
  const told = scene(...TWO, "a gives F", "stranger gives F");
  const policy = told.policy();
  const raw = told.raw();
  const strict = { policy, network: NETWORK, strict: true };
  const collected = await collectFound(raw, strict);
  assert.equal(collected.strangers, 1);
  for (const [index, entry] of raw.entries.entries()) {
    const bad = {
      ...entry,
      entry: entry.entry.map((octet, at) => (at === entry.entry.length - 9 ? octet ^ 1 : octet)),
    };
    await assert.rejects(collectFound({ ...raw, entries: [bad] }, strict), `entry ${index}`);
    await assert.rejects(collectFound({ ...raw, entries: [{ ...entry, index: 5 }] }, strict), {
      code: "tree/bad-index",
    });
  }
  await assert.rejects(collectFound({ ...raw, evidence: [utf8("{}")] }, strict), { code: "shape/missing" });
  await assert.rejects(
    collectFound({ ...raw, heads: [{ checkpoint: utf8("x"), timed: null, complete: false }] }, strict),
  );
});

test("builders with RSA and P-256 keys vote like others", async () => {
  const pairs = [
    generateKeyPairSync("rsa", { modulusLength: 2048 }),
    generateKeyPairSync("ec", { namedCurve: "P-256" }),
  ];
  const statement = buildLink([{ file: HELLO.file, target: HELLO, sha256: digest("F") }], {
    step: "rebuild",
    materials: [],
    command: [],
    how: "built",
    time: NOW,
    environment: null,
  });
  const pems = pairs.map(({ publicKey }) => publicKey.export({ type: "spki", format: "pem" }).toString());
  const policy = readPolicy(
    `version = 1\n${pems.map((pem, index) => `[builders.b${index}]\nkey = ${JSON.stringify(pem)}\n`).join("")}[[rules]]\nname = "r"\nmatch = "pkg:deb/*/*"\nrequire = { k = 2, of = ["b0", "b1"] }\n`,
  );
  const envelopes = pairs.map(({ privateKey }) =>
    writeJson(
      jsonObject({
        payload: toBase64(statement),
        payloadType: "application/vnd.in-toto+json",
        signatures: [
          jsonObject({ sig: toBase64(new Uint8Array(sign("sha256", pae(statement), privateKey))) }),
        ],
      }),
    ),
  );
  const collected = await collectFound({ ...EMPTY, envelopes }, { policy, network: NETWORK, strict: true });
  const artifact = { sha256: digest("F"), name: HELLO.file, target: HELLO, inside: null };
  const verdict = judge(artifact, { ...collected, ...REST }, policy, NOW);
  assert.deepEqual(
    verdict.votes.map(({ vote }) => vote),
    ["agrees", "agrees"],
  );
  assert.equal(verdict.verdict, "reproduced");
  assert.deepEqual(
    verdict.votes.map(({ view }) => view),
    ["partial", "partial"],
    "a key without a feed is never complete",
  );
  assert.equal(pems.map((pem) => parsePublicKey(pem).type).join(), "rsa,ecdsa-p256");
});

test("a real link of reproduce.debian.net is a vote on its file, and no vote on another", async () => {
  const folder = new URL("../../vectors/rebuilderd/", import.meta.url);
  const link = readFileSync(new URL("librust-as-slice-dev_0.2.1-1+b2_amd64.in-toto.link", folder));
  const key = readFileSync(new URL("../keys/reproduce-debian-net-amd64.pub", folder), "utf8");
  const policy = readPolicy(
    `version = 1\n[builders.debian]\nkey = ${JSON.stringify(key)}\n[[rules]]\nname = "r"\nmatch = "pkg:deb/debian/*"\nrequire = { k = 1, of = "debian" }\n`,
  );
  const target = debTarget({
    namespace: "debian",
    name: "librust-as-slice-dev",
    version: "0.2.1-1+b2",
    arch: "amd64",
  });
  const collected = await collectFound(
    { ...EMPTY, envelopes: [new Uint8Array(link)] },
    { policy, network: NETWORK, strict: true },
  );
  const product = /"librust-as-slice-dev_0\.2\.1-1\+b2_amd64\.deb":\{[^}]*"sha256":"([0-9a-f]{64})"/.exec(
    link.toString(),
  );
  const sha256 = fromHex(product?.[1] ?? "");
  const found = { ...collected, ...REST };
  const own = judge({ sha256, name: target.file, target, inside: target }, found, policy, NOW);
  assert.equal(own.verdict, "reproduced");
  assert.equal(own.votes[0]?.how, "imported");
  const other = new Uint8Array(createHash("sha256").update("other").digest());
  const wrong = judge({ sha256: other, name: target.file, target, inside: target }, found, policy, NOW);
  assert.deepEqual([wrong.verdict, wrong.contradiction], ["contradicted", "file"]);
});
