import assert from "node:assert/strict";
import { test } from "node:test";
import {
  environmentDigest,
  inputsDigest,
  LINK_V03,
  RETRACTION_V1,
  SLSA_V1,
  STATEMENT_V01,
  TEST_RESULT_V01,
} from "../../../protocol/attestation/index.ts";
import type { Claim } from "../../../protocol/attestation/index.ts";
import { toHex } from "../../../protocol/bytes/index.ts";
import type { ProtocolCode } from "../../../protocol/errors.ts";
import { digest, hello, readPayload, rebuilt, throwsCode } from "./made.ts";

const STATEMENT = "https://in-toto.io/Statement/v1";
const product = toHex(digest("product"));
const subject = { name: hello.file, uri: hello.purl, digest: { sha256: product } };
const environment = { architecture: "amd64", packages: toHex(digest("packages")) };

type Json = Record<string, unknown>;

function statement(predicateType: string, predicate: unknown, members: Json = {}): Json {
  return { _type: STATEMENT, subject: [subject], predicateType, predicate, ...members };
}

const read = (value: Json): readonly Claim[] => readPayload(value).claims;

function only(claims: readonly Claim[]): Claim {
  assert.equal(claims.length, 1);
  return claims[0] ?? assert.fail();
}

const refuses = (value: Json, code: ProtocolCode): void =>
  throwsCode(() => readPayload(value), code, JSON.stringify(value));

const link = (members: Json = {}): Json => ({ name: "rebuild", ...members });
const retraction = (members: Json = {}): Json => ({
  retracts: ["a".repeat(64)],
  reason: "wrong disk",
  ...members,
});

test("a link is a positive claim", () => {
  const materials = [{ name: "/tmp/x/hello.dsc", digest: { sha256: toHex(digest("dsc")), md5: "x" } }];
  const byproducts = {
    samebits: { how: "compared", time: "2026-11-21T03:25:00Z", environment },
    stdout: "ok",
  };
  const claim = only(read(statement(LINK_V03, link({ materials, byproducts, command: ["make"], later: 1 }))));
  assert.deepEqual(claim, {
    kind: "positive",
    step: "rebuild",
    how: "compared",
    target: hello,
    file: hello.file,
    sha256: digest("product"),
    inputs: inputsDigest([{ name: "", uri: null, sha256: digest("dsc"), gitCommit: null, gitTag: null }], []),
    environment: environmentDigest(rebuilt.environment ?? assert.fail()),
    time: Date.UTC(2026, 10, 21, 3, 25),
    reason: null,
    retracts: [],
    replacedBy: null,
    source: { commit: null, tag: null, files: [toHex(digest("dsc"))] },
  });
  assert.ok(Object.isFrozen(claim));
});

test("a link that does not say how is imported; others' environments are unknown", () => {
  const claim = only(
    read(statement(LINK_V03, link({ environment: { PATH: "/bin" }, byproducts: { samebits2: 1 } }))),
  );
  assert.deepEqual([claim.how, claim.environment, claim.inputs, claim.time], ["imported", null, null, null]);
});

test("inputs: names, order and repetition do not matter; .buildinfo and the product itself are no inputs", () => {
  const material = (name: string, text: string): Json => ({ name, digest: { sha256: toHex(digest(text)) } });
  const inputs = (...materials: Json[]): string | null =>
    only(read(statement(LINK_V03, link({ materials })))).inputs;
  const expected = inputs(material("a", "1"), material("b", "2"));
  assert.ok(expected !== null);
  assert.equal(inputs(material("/x/b", "2"), material("a", "1"), material("c", "1")), expected);
  assert.equal(inputs(material("a", "1"), material("b", "2"), material("x.buildinfo", "3")), expected);
  assert.equal(inputs(material("a", "1"), material("b", "2"), material("self", "product")), expected);
  assert.notEqual(inputs(material("a", "1")), expected);
  assert.equal(inputs(material("x.buildinfo", "3")), null);
  assert.equal(inputs(material("self", "product")), null);
  assert.equal(inputs({ name: "only others' digests", digest: { md5: "00" } }), null);
  assert.notEqual(inputs({ name: "git", digest: { gitCommit: "a".repeat(40) } }), null);
});

test("subjects: several, repeated, without SHA-256, without package URL, of other types", () => {
  const all = (...subjects: unknown[]): readonly Claim[] =>
    read(statement(LINK_V03, link(), { subject: subjects }));
  assert.equal(all(subject, subject).length, 1);
  const other = { ...subject, digest: { sha256: toHex(digest("other")) } };
  assert.equal(all(subject, other).length, 2, "one target twice with two digests: both are said, and shown");
  assert.equal(all({ ...subject, digest: { sha512: "00" } }).length, 0);
  assert.equal(only(all({ name: "x", digest: { sha256: product } })).target, null);
  assert.equal(only(all({ digest: { sha256: product } })).file, "");
  assert.equal(
    only(all({ name: "rake", uri: "pkg:gem/rake@13.2.1", digest: { sha256: product } })).target,
    null,
  );
  assert.equal(
    only(all({ name: "x", uri: "https://example.org/x", digest: { sha256: product } })).target,
    null,
  );
});

test("bad subjects have codes", () => {
  const subjects = (...list: unknown[]): Json => statement(LINK_V03, link(), { subject: list });
  refuses(subjects(), "statement/bad-subjects");
  refuses(subjects(...Array.from({ length: 65 }, () => subject)), "statement/bad-subjects");
  refuses(subjects({ ...subject, uri: `${hello.purl}&distro=bookworm` }), "target/bad-purl");
  refuses(subjects({ ...subject, uri: hello.purl.replace("pkg:deb", "pkg:Deb") }), "target/bad-purl");
  refuses(subjects({ ...subject, name: "curl_1_amd64.deb" }), "target/file-mismatch");
  refuses(subjects({ uri: hello.purl, digest: { sha256: product } }), "target/bad-file-name");
  refuses(subjects({ ...subject, name: `dir/${hello.file}` }), "target/bad-file-name");
  refuses(subjects({ name: "a\u0000b", digest: {} }), "attestation/bad-name");
  refuses(subjects({ name: "", digest: {} }), "attestation/bad-name");
  refuses(subjects({ name: "x".repeat(5000), digest: {} }), "shape/out-of-range");
  refuses(subjects({ name: "x" }), "shape/missing");
  refuses(subjects({ name: "x", digest: { sha256: product.toUpperCase() } }), "bytes/bad-hex");
  refuses(subjects({ name: "x", digest: { sha256: product.slice(2) } }), "bytes/bad-hex");
  refuses(subjects({ name: "x", digest: { sha256: 1 } }), "shape/wrong-type");
  refuses(subjects("x"), "shape/wrong-type");
});

test("bad links have codes", () => {
  const materials = Array.from({ length: 257 }, (_, i) => ({ name: `m${i}`, digest: { sha256: product } }));
  refuses(statement(LINK_V03, link({ materials })), "statement/too-many-materials");
  refuses(statement(LINK_V03, {}), "shape/missing");
  refuses(statement(LINK_V03, link({ name: "re\nbuild" })), "attestation/bad-name");
  refuses(statement(LINK_V03, link({ name: "x".repeat(129) })), "shape/out-of-range");
  refuses(statement(LINK_V03, link({ materials: [{ digest: { gitCommit: "main" } }] })), "bytes/bad-hex");
  refuses(statement(LINK_V03, null), "shape/wrong-type");
  refuses(statement("", link()), "attestation/bad-name");
  const said = (samebits: unknown): Json => statement(LINK_V03, link({ byproducts: { samebits } }));
  refuses(said({ how: "guessed" }), "shape/out-of-range");
  refuses(said({ how: "built", why: "x" }), "shape/unknown-member");
  refuses(said({ environment: { ...environment, kernel: "x" } }), "shape/unknown-member");
  refuses(said({ environment: { architecture: "amd64" } }), "shape/missing");
  refuses(said([]), "shape/wrong-type");
  for (const time of [
    "2026-11-21",
    "2026-11-21T03:25:00+00:00",
    "2026-02-30T00:00:00Z",
    "1969-12-31T23:59:59Z",
    "2026-11-21T24:00:00Z",
    "2026-11-21T03:25:00.5Z",
  ]) {
    refuses(said({ time }), "attestation/bad-time");
  }
});

test("SLSA provenance v1 is a positive claim of the rebuild", () => {
  const provenance = (definition: Json, details: Json = {}): Json =>
    statement(SLSA_V1, {
      buildDefinition: { buildType: "https://x", externalParameters: {}, ...definition },
      runDetails: { builder: { id: "https://x" }, ...details },
    });
  const claim = only(
    read(
      provenance(
        { resolvedDependencies: [{ uri: "git+https://x", digest: { gitCommit: "a".repeat(40) } }] },
        { metadata: { finishedOn: "2026-11-21T03:25:00Z" } },
      ),
    ),
  );
  assert.deepEqual(
    [claim.kind, claim.step, claim.how, claim.time],
    ["positive", "rebuild", "built", Date.UTC(2026, 10, 21, 3, 25)],
  );
  assert.equal(claim.source?.commit, "a".repeat(40));
  assert.equal(
    only(read(provenance({}, { metadata: { finishedOn: "2026-11-21T03:25:00.123+01:00" } }))).time,
    null,
  );
  const ours = only(read(provenance({ internalParameters: { samebits: { how: "compared", environment } } })));
  assert.equal(ours.how, "compared");
  assert.ok(ours.environment !== null);
  refuses(statement(SLSA_V1, { runDetails: {} }), "shape/missing");
  assert.deepEqual(read(statement("https://slsa.dev/provenance/v0.2", { anything: 1 })), []);
});

test("a failed test-result is a failure, or a difference from the file that it names", () => {
  const failed = (members: Json = {}, subjects: unknown[] = [subject]): Json =>
    statement(
      TEST_RESULT_V01,
      { result: "FAILED", failedTests: ["rebuild"], ...members },
      { subject: subjects },
    );
  const differs = only(read(failed({ samebits: { how: "built", reason: "another year compiled in" } })));
  assert.deepEqual(
    [differs.kind, differs.step, differs.how, differs.reason, differs.sha256],
    ["differs", "rebuild", "built", "another year compiled in", digest("product")],
  );
  const none = { ...subject, digest: { samebitsTarget: hello.keyHex } };
  const broken = only(read(failed({}, [none])));
  assert.deepEqual(
    [broken.kind, broken.target, broken.sha256, broken.how],
    ["failed", hello, null, "imported"],
  );
  assert.deepEqual(read(failed({ result: "PASSED" })), []);
  assert.deepEqual(read(failed({ result: "WARNED" })), []);
  assert.deepEqual(read(failed({ failedTests: [] })), []);
  assert.deepEqual(read(failed({ failedTests: ["unit", "lint"] })), []);
  assert.deepEqual(read(statement(TEST_RESULT_V01, { result: "FAILED" })), []);
  refuses(failed({ result: "MAYBE" }), "shape/out-of-range");
  refuses(failed({ samebits: { reason: "a\nb" } }), "attestation/bad-name");
  refuses(failed({ samebits: { reason: "x".repeat(1025) } }), "shape/out-of-range");
  refuses(failed({}, [{ ...none, digest: { samebitsTarget: "a".repeat(64) } }]), "shape/out-of-range");
});

test("a retraction names claims, one or more, and is read exactly", () => {
  const id = "b".repeat(64);
  const claim = only(
    read(statement(RETRACTION_V1, retraction({ replacedBy: id, time: "2026-11-21T03:25:00Z" }))),
  );
  assert.deepEqual(
    [claim.kind, claim.target, claim.retracts, claim.replacedBy, claim.reason, claim.sha256],
    ["retraction", hello, ["a".repeat(64)], id, "wrong disk", null],
  );
  refuses(statement(RETRACTION_V1, retraction({ retracts: [] })), "attestation/bad-claim-id");
  refuses(statement(RETRACTION_V1, retraction({ retracts: [id, id] })), "attestation/bad-claim-id");
  refuses(statement(RETRACTION_V1, retraction({ retracts: ["B".repeat(64)] })), "attestation/bad-claim-id");
  refuses(statement(RETRACTION_V1, retraction({ replacedBy: "a".repeat(64) })), "attestation/bad-claim-id");
  refuses(statement(RETRACTION_V1, retraction({ retracts: Array(65).fill(id) })), "shape/out-of-range");
  refuses(statement(RETRACTION_V1, { retracts: [id] }), "shape/missing");
  refuses(statement(RETRACTION_V1, retraction({ also: 1 })), "shape/unknown-member");
  refuses(statement(RETRACTION_V1, retraction(), { extra: 1 }), "shape/unknown-member");
  refuses(statement(RETRACTION_V1, retraction(), { _type: STATEMENT_V01 }), "statement/unknown-type");
});

test("unknown predicates are carried and say nothing, whatever is in them", () => {
  const strange = readPayload(
    statement("https://example.org/x/v1", [1, null, { deep: true }], { subject: "nobody" }),
  );
  assert.equal(strange.predicateType, "https://example.org/x/v1");
  assert.deepEqual(strange.claims, []);
  const old = readPayload({ ...statement(LINK_V03, link()), _type: STATEMENT_V01 });
  assert.equal(old.claims.length, 1);
});

test("hostile names are names", () => {
  const claim = only(
    read(
      statement(LINK_V03, link({ name: "__proto__" }), {
        subject: [{ name: "constructor", digest: { sha256: product } }],
      }),
    ),
  );
  assert.deepEqual([claim.step, claim.file], ["__proto__", "constructor"]);
});

test("a name or reason is one line that a screen shows as it stands", () => {
  const subject = (name: string): Json => ({ subject: [{ name, digest: { sha256: product } }] });
  for (const bad of [
    "\u0000",
    "\n",
    "\u001b[2J",
    "\u007f",
    "\u009b",
    "\u2028",
    "\u2029",
    "\u202e",
    "\u2066",
  ]) {
    const name = `a${bad}b`;
    const what = JSON.stringify(name);
    throwsCode(() => read(statement(LINK_V03, link(), subject(name))), "attestation/bad-name", what);
    throwsCode(() => read(statement(LINK_V03, link({ name }))), "attestation/bad-name", what);
  }
  assert.equal(only(read(statement(LINK_V03, link(), subject("שלום-مرحبا.deb")))).file, "שלום-مرحبا.deb");
});

test("limits count octets, not characters", () => {
  const subject = (name: string): Json => ({ subject: [{ name, digest: { sha256: product } }] });
  assert.equal(only(read(statement(LINK_V03, link(), subject("é".repeat(2_048))))).file.length, 2_048);
  throwsCode(() => read(statement(LINK_V03, link(), subject("é".repeat(2_049)))), "shape/out-of-range");
});
