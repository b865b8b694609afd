/** Verdicts as SLSA Verification Summaries: what is written, what is read, and whether it follows (protocol/spec/vsa.md). */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  parseAttestation,
  readVsa,
  sealEnvelope,
  vsaOf,
  verifyWith,
} from "../../../protocol/attestation/index.ts";
import { readJson, toHex, utf8, writeJson } from "../../../protocol/bytes/index.ts";
import { sha256Hex } from "../../../protocol/crypto/index.ts";
import { ProtocolError } from "../../../protocol/errors.ts";
import { MAX_ENTRY_BYTES, MAX_VSA_LEVELS } from "../../../protocol/limits.ts";
import { differencesFrom, policyUriOf, summarizeVerdict } from "../../../protocol/verdict/index.ts";
import type { Verdict } from "../../../protocol/verdict/index.ts";
import { digest, HELLO, NETWORK, signer } from "./cast.ts";
import { Scene } from "./scene.ts";

const BY = { id: "https://ci.example/verifier", version: "0.1.0", network: NETWORK, policyUri: null };

function told(...lines: readonly string[]): Promise<Verdict> {
  const scene = new Scene();
  for (const line of lines) scene.tell(line);
  return scene.verdict();
}

const RULE = 'rule require={ k = 2, of = ["a", "b"] }';
const AGREED = ["builder a", "builder b", "a gives F", "b gives F", RULE] as const;

/** The statement's members, for tests that change them. */
function membersOf(statement: Uint8Array): Record<string, unknown> & { predicate: Record<string, unknown> } {
  return JSON.parse(new TextDecoder().decode(statement)) as ReturnType<typeof membersOf>;
}

const written = (members: object): Uint8Array => utf8(JSON.stringify(members));

test("a verdict is one statement about one file, with all that it rests on", async () => {
  const verdict = await told(...AGREED);
  const statement = summarizeVerdict(verdict, { ...BY, policyUri: "https://example.org/policy.toml" });
  const { subject, predicateType, predicate } = membersOf(statement);
  assert.deepEqual(subject, [{ name: HELLO.file, uri: HELLO.purl, digest: { sha256: toHex(digest("F")) } }]);
  assert.equal(predicateType, "https://slsa.dev/verification_summary/v1");
  assert.deepEqual(
    { ...predicate, inputAttestations: [] },
    {
      verifier: { id: BY.id, version: { samebits: "0.1.0" } },
      timeVerified: "2026-11-21T14:30:00Z",
      resourceUri: HELLO.purl,
      policy: { uri: "https://example.org/policy.toml", digest: { sha256: verdict.policy } },
      inputAttestations: [],
      verificationResult: "PASSED",
      verifiedLevels: ["SAMEBITS_REPRODUCED"],
      slsaVersion: "1.0",
      "https://samebits.dev/verdict/v1": {
        verdict: "reproduced",
        decision: "allow",
        rule: "debian",
        needed: 2,
        agreeing: 2,
        view: "partial",
        network: NETWORK,
      },
    },
  );
  assert.deepEqual(
    predicate["inputAttestations"],
    verdict.attestations.map(({ id, bytes }) => ({
      uri: `urn:samebits:claim:${id}`,
      digest: { sha256: sha256Hex(bytes) },
    })),
  );
  assert.equal(verdict.attestations.length, 2);
});

test("what is not reproduced has FAILED, whatever the mode lets by", async () => {
  for (const [about, ...lines] of [
    ["contradicted", "b gives G"],
    ["pending", "default warn"],
  ]) {
    const verdict = await told("builder a", "builder b", "a gives F", `${RULE} mode="warn"`, ...lines);
    const vsa = readVsa(summarizeVerdict(verdict, BY));
    assert.equal(vsa.outcome?.verdict, about);
    assert.equal(vsa.passed, false);
    assert.deepEqual(vsa.levels, ["FAILED"]);
  }
  const misfit = await told(
    "builder a",
    "a gives F",
    'rule require={ k = 1, of = "a" }',
    "file inside=arm64",
  );
  assert.equal(readVsa(summarizeVerdict(misfit, BY)).passed, false);
  const nameless = await told("builder a", 'rule require={ k = 1, of = "a" }', "file target=none");
  assert.equal(readVsa(summarizeVerdict(nameless, BY)).resource, `urn:sha256:${toHex(digest("F"))}`);
});

test("it rests on dissent, retractions, publishers and who states the source too", async () => {
  const verdict = await told(
    "builder a",
    "builder b",
    "builder p role=publisher",
    "builder w role=author",
    'rule require={ k = 1, of = ["a", "b"] } on_contradiction="warn" logged_by="p" source={ k = 1, of = "w" }',
    "a gives F inputs=S1",
    "b gives G inputs=S1",
    "a gives H",
    "a takes-back 3",
    "p gives F step=publish",
    "w gives S1 step=source as=pkg:generic/hello-source@2.10-3",
    "w gives S2 step=source as=pkg:generic/hello-source@2.10-3",
    "strangers 2 F",
  );
  assert.equal(verdict.verdict, "reproduced", verdict.reasons.join("; "));
  const steps = verdict.attestations.map(({ claims }) => `${claims[0]?.kind} ${claims[0]?.step}`).toSorted();
  assert.deepEqual(steps, [
    "positive publish",
    "positive rebuild",
    "positive rebuild",
    "positive rebuild",
    "positive source",
    "retraction retract",
  ]);
});

test("a summary makes no claim, and is found in its envelope", async () => {
  const { key, sign } = signer("verifier");
  const envelope = sealEnvelope(summarizeVerdict(await told(...AGREED), BY), sign, null);
  const attestation = parseAttestation(envelope);
  assert.deepEqual(attestation.claims, []);
  assert.ok(await verifyWith(attestation, key));
  assert.equal(vsaOf(attestation)?.verifier, BY.id);
  const other = parseAttestation((await told(...AGREED)).attestations[0]?.bytes ?? new Uint8Array());
  assert.equal(vsaOf(other), null);
});

test("it follows from the same policy, bundle and time, and from nothing else", async () => {
  const verdict = await told(...AGREED);
  const vsa = readVsa(summarizeVerdict(verdict, BY));
  assert.deepEqual(
    differencesFrom(vsa, await told("builder a", "builder b", "b gives F", "a gives F", RULE), NETWORK),
    [],
  );
  const fewer = await told("builder a", "builder b", "a gives F", RULE);
  const differences = differencesFrom(vsa, fewer, NETWORK).join("\n");
  assert.match(differences, /result: the summary says PASSED, here it is FAILED/);
  assert.match(differences, /levels: the summary says SAMEBITS_REPRODUCED, here it is FAILED/);
  assert.match(differences, /verdict: the summary says reproduced, here it is pending/);
  assert.match(differences, /agreeing: the summary says 2, here it is 1/);
  assert.match(differences, /attestation [0-9a-f]{64} is not here/);
  const more = await told(...AGREED, "b fails x");
  assert.match(
    differencesFrom(vsa, more, NETWORK).join("\n"),
    /attestation [0-9a-f]{64} is not in the summary/,
  );
  const otherPolicy = await told(...AGREED.slice(0, 4), `${RULE} mode="warn"`);
  assert.match(differencesFrom(vsa, otherPolicy, NETWORK).join("\n"), /^policy's SHA-256: the summary says/);
  assert.match(
    differencesFrom(vsa, verdict, "other").join("\n"),
    /^network: the summary says test, here it is other/,
  );
});

test("one that somebody changed does not follow", async () => {
  const verdict = await told(...AGREED);
  const statement = summarizeVerdict(verdict, BY);
  const { predicate, ...rest } = membersOf(statement);
  const changed = (members: object): readonly string[] =>
    differencesFrom(readVsa(written({ ...rest, predicate: { ...predicate, ...members } })), verdict, NETWORK);
  assert.deepEqual(changed({ more: "members of others are ignored" }), []);
  assert.equal(changed({ verifiedLevels: ["SLSA_BUILD_LEVEL_3"] }).length, 1);
  assert.equal(changed({ resourceUri: "pkg:deb/debian/hello@2.10-4?arch=amd64" }).length, 1);
  assert.equal(changed({ inputAttestations: [] }).length, 2);
  assert.equal(changed({ verificationResult: "FAILED" }).length, 1);
});

test("another verifier's summary is read: what it says beside is ignored, and no digest is no fault", () => {
  const vsa = readVsa(
    written({
      _type: "https://in-toto.io/Statement/v1",
      subject: [{ name: "out/example-1.2.3.tar.gz", digest: { sha256: toHex(digest("F")) } }],
      predicateType: "https://slsa.dev/verification_summary/v1",
      predicate: {
        verifier: { id: "https://example.com/publication_verifier" },
        timeVerified: "1985-04-12T23:20:50Z",
        resourceUri: "https://example.com/example-1.2.3.tar.gz",
        policy: { uri: "https://example.com/example_tarball.policy" },
        inputAttestations: [{ uri: "https://example.com/provenances/example-1.2.3.tar.gz.intoto.jsonl" }],
        verificationResult: "PASSED",
        verifiedLevels: ["SLSA_BUILD_LEVEL_3"],
        dependencyLevels: { SLSA_BUILD_LEVEL_3: 5 },
      },
    }),
  );
  assert.equal(vsa.outcome, null);
  assert.deepEqual(vsa.inputs, [{ claim: null, sha256: null }]);
  assert.equal(vsa.policy.sha256, null);
});

test("what is no summary has a code", async () => {
  const members = membersOf(summarizeVerdict(await told(...AGREED), BY));
  const { predicate } = members;
  const [subject] = members["subject"] as readonly object[];
  const outcome = predicate["https://samebits.dev/verdict/v1"] as object;
  const bad: readonly (readonly [object, ProtocolError["code"]])[] = [
    [{ ...members, predicateType: "https://slsa.dev/provenance/v1" }, "statement/unknown-type"],
    [{ ...members, subject: [subject, subject] }, "statement/bad-subjects"],
    [{ ...members, predicate: { ...predicate, verificationResult: "MAYBE" } }, "shape/out-of-range"],
    [{ ...members, predicate: { ...predicate, timeVerified: "yesterday" } }, "attestation/bad-time"],
    [{ ...members, predicate: { ...predicate, resourceUri: "a\u0000b" } }, "attestation/bad-name"],
    [{ ...members, predicate: { ...predicate, verifier: {} } }, "shape/missing"],
    [
      { ...members, predicate: { ...predicate, verifiedLevels: Array(MAX_VSA_LEVELS + 1).fill("X") } },
      "shape/out-of-range",
    ],
    [
      { ...members, predicate: { ...predicate, inputAttestations: Array.from({ length: 300 }, () => ({})) } },
      "statement/too-many-materials",
    ],
    [
      {
        ...members,
        predicate: { ...predicate, "https://samebits.dev/verdict/v1": { ...outcome, more: 1 } },
      },
      "shape/unknown-member",
    ],
  ];
  for (const [value, code] of bad) {
    assert.throws(
      () => readVsa(written(value)),
      (error: unknown) => error instanceof ProtocolError && error.code === code,
      code,
    );
  }
  const whole = writeJson(readJson(written(members), { maxBytes: MAX_ENTRY_BYTES }));
  for (let end = 0; end < whole.length; end += 17)
    assert.throws(() => readVsa(whole.subarray(0, end)), ProtocolError);
});

test("what was taken back of a source is among what a verdict rests on: without it another one would follow", async () => {
  const verdict = await told(
    "builder a",
    "builder w role=author",
    'rule require={ k = 1, of = ["a"] } source={ k = 1, of = "role:author" }',
    "a gives F inputs=S1",
    "w gives S1 step=source as=pkg:generic/hello-source@2.10-3",
    "w takes-back 2 because=leaked as=pkg:generic/hello-source@2.10-3",
  );
  assert.equal(verdict.verdict, "pending");
  const kinds = verdict.attestations.map(({ claims }) => `${claims[0]?.kind}`).toSorted();
  assert.deepEqual(kinds, ["positive", "positive", "retraction"]);
});

test("a policy that a trust domain states has a name that says which one, and of which release", () => {
  const fingerprint = "2f".repeat(32);
  const named = (role: string): string => policyUriOf({ fingerprint, version: 7, role });
  assert.equal(named(""), `urn:samebits:policy:${fingerprint}:7:policy.toml`);
  assert.equal(named("debian/security"), `urn:samebits:policy:${fingerprint}:7:debian/security/policy.toml`);
  assert.equal(named("a b:ü#?"), `urn:samebits:policy:${fingerprint}:7:a%20b%3A%C3%BC%23%3F/policy.toml`);
  assert.ok(URL.canParse(named("debian")));
});
