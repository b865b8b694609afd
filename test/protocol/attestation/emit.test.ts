import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  buildFailed,
  buildLink,
  buildProvenance,
  buildRetraction,
  debTarget,
  environmentDigest,
  inputsDigest,
  LINK_V03,
  parseAttestation,
  RETRACTION_V1,
  SLSA_V1,
  TEST_RESULT_V01,
} from "../../../protocol/attestation/index.ts";
import type { Claim, Descriptor, LinkPredicate, Product } from "../../../protocol/attestation/index.ts";
import { fromUtf8 } from "../../../protocol/bytes/index.ts";
import { alice, digest, dsc, hello, rebuilt, throwsCode } from "./made.ts";

const product: Product = { target: hello, file: hello.file, sha256: digest("product") };
const claims = (statement: Uint8Array): readonly Claim[] => parseAttestation(alice.seal(statement)).claims;
const typeOf = (statement: Uint8Array): string => parseAttestation(alice.seal(statement)).predicateType;

test("a link is written as the specification shows", () => {
  assert.deepEqual(JSON.parse(fromUtf8(buildLink([product], rebuilt))), {
    _type: "https://in-toto.io/Statement/v1",
    subject: [
      {
        name: "hello_2.10-3_amd64.deb",
        uri: "pkg:deb/debian/hello@2.10-3?arch=amd64",
        digest: { sha256: Buffer.from(digest("product")).toString("hex") },
      },
    ],
    predicateType: LINK_V03,
    predicate: {
      name: "rebuild",
      command: ["dpkg-buildpackage", "-us", "-uc", "-b"],
      materials: [
        { name: "hello_2.10-3.dsc", digest: { sha256: Buffer.from(digest("dsc")).toString("hex") } },
      ],
      byproducts: {
        samebits: {
          how: "built",
          time: "2026-11-21T03:25:00Z",
          environment: { architecture: "amd64", packages: Buffer.from(digest("packages")).toString("hex") },
        },
      },
      environment: {},
    },
  });
});

const hex = (length: number): fc.Arbitrary<string> =>
  fc
    .uint8Array({ minLength: length, maxLength: length })
    .map((octets) => Buffer.from(octets).toString("hex"));
const octets32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const line = fc.stringMatching(/^[A-Za-z0-9 ._+~é:/-]{1,40}$/);
const material: fc.Arbitrary<Descriptor> = fc.record({
  name: line,
  uri: fc.option(line),
  sha256: fc.option(octets32),
  gitCommit: fc.option(hex(20)),
  gitTag: fc.option(hex(32)),
});
/** What is said only of git's things. */
const ofGit: fc.Arbitrary<Descriptor> = fc.record({
  name: line,
  uri: fc.option(line.map((text) => `git+https://${text}`)),
  sha256: fc.option(octets32),
  gitCommit: hex(20),
  gitTag: fc.option(hex(20)),
  gitTree: hex(20),
  content: fc.uint8Array({ maxLength: 40 }),
  said: fc.record({ branch: fc.option(line), isDirty: fc.boolean(), isSubmodule: fc.boolean() }),
});
const said: fc.Arbitrary<LinkPredicate> = fc.record({
  step: line,
  materials: fc.array(fc.oneof(material, ofGit), { maxLength: 5 }),
  command: fc.array(line, { maxLength: 3 }),
  how: fc.constantFrom("built", "compared", "imported"),
  time: fc.option(fc.integer({ min: 0, max: 2 ** 31 }).map((seconds) => seconds * 1000)),
  environment: fc.option(fc.record({ architecture: line, packages: octets32 })),
});

test("what is written reads back: links and provenance", () => {
  fc.assert(
    fc.property(said, octets32, (said, sha256) => {
      const subject = { ...product, sha256 };
      const expected = {
        kind: "positive",
        how: said.how,
        target: hello,
        sha256,
        inputs: inputsDigest(said.materials, [subject]),
        environment: said.environment === null ? null : environmentDigest(said.environment),
        time: said.time,
      };
      const [link] = claims(buildLink([subject], said));
      assert.deepEqual({ ...link, ...expected, step: said.step }, link);
      const [slsa] = claims(
        buildProvenance([subject], { ...said, builder: "https://samebits.dev/builder/x" }),
      );
      assert.deepEqual({ ...slsa, ...expected, step: "rebuild" }, slsa);
      assert.deepEqual([slsa?.source, slsa?.git], [link?.source, link?.git]);
      const octets = said.materials.filter(
        ({ content, gitTag, said: about }) => content && gitTag === null && about?.isSubmodule === false,
      );
      assert.deepEqual(
        link?.git?.objects.map(({ bytes }) => bytes) ?? [],
        octets.map(({ content }) => content),
      );
    }),
  );
});

test("what is written reads back: failures and retractions", () => {
  const failed = { ...rebuilt, reason: "does not build: a test fails" };
  const [broken] = claims(buildFailed([{ target: hello, file: hello.file, sha256: null }], failed));
  assert.deepEqual(
    [broken?.kind, broken?.sha256, broken?.reason, broken?.target],
    ["failed", null, failed.reason, hello],
  );
  const [differs] = claims(buildFailed([product], failed));
  assert.deepEqual([differs?.kind, differs?.sha256, differs?.how], ["differs", product.sha256, "built"]);
  const retraction = {
    retracts: ["a".repeat(64)],
    reason: "built from the wrong tag",
    replacedBy: null,
    time: null,
  };
  const [retracted] = claims(buildRetraction([product], retraction));
  assert.deepEqual(
    [retracted?.kind, retracted?.retracts, retracted?.reason],
    ["retraction", retraction.retracts, retraction.reason],
  );
  assert.equal(typeOf(buildLink([product], rebuilt)), LINK_V03);
  assert.equal(typeOf(buildFailed([product], failed)), TEST_RESULT_V01);
  assert.equal(typeOf(buildRetraction([product], retraction)), RETRACTION_V1);
  assert.equal(typeOf(buildProvenance([product], { ...rebuilt, builder: "https://x" })), SLSA_V1);
});

test("more subjects or materials than a statement takes are refused, and the message says what to do", () => {
  const products = Array.from({ length: 65 }, (_, i) => {
    const target = debTarget({ namespace: "debian", name: `p${i}`, version: "1", arch: "all" });
    return { target, file: target.file, sha256: digest("x") };
  });
  assert.equal(claims(buildLink(products.slice(0, 64), rebuilt)).length, 64);
  throwsCode(() => buildLink(products, rebuilt), "statement/bad-subjects");
  throwsCode(() => buildLink([], rebuilt), "statement/bad-subjects");
  const materials = (count: number): LinkPredicate => ({
    ...rebuilt,
    materials: Array.from({ length: count }, () => dsc),
  });
  assert.equal(claims(buildLink([product], materials(256))).length, 1);
  assert.throws(() => buildLink([product], materials(257)), {
    code: "statement/too-many-materials",
    message: /\.buildinfo/,
  });
});

test("one target twice is refused: names in a list may repeat, targets may not", () => {
  const twice = [product, { ...product, sha256: digest("other") }];
  throwsCode(() => buildLink(twice, rebuilt), "statement/target-twice");
  const nameless = twice.map((subject) => ({ ...subject, target: null }));
  throwsCode(() => buildLink(nameless, rebuilt), "statement/target-twice");
});

test("what in-toto tools sign or read differently is not written", () => {
  for (const text of ["a\tb", "a\nb", "a\\nb", "\u001b[31m"]) {
    throwsCode(() => buildLink([product], { ...rebuilt, command: [text] }), "json/not-canonical");
    throwsCode(() => buildLink([product], { ...rebuilt, step: text }), "json/not-canonical");
  }
  throwsCode(() => buildLink([product], { ...rebuilt, step: "" }), "attestation/bad-name");
  throwsCode(() => buildLink([product], { ...rebuilt, step: "x".repeat(129) }), "shape/out-of-range");
  throwsCode(() => buildLink([product], { ...rebuilt, time: -1 }), "attestation/bad-time");
  throwsCode(() => buildLink([{ ...product, sha256: new Uint8Array(31) }], rebuilt), "bytes/bad-hex");
  throwsCode(
    () => buildRetraction([product], { retracts: [], reason: "x", replacedBy: null, time: null }),
    "attestation/bad-claim-id",
  );
});
