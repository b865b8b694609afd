/** Links and layouts in each form, what their places say, and the round trip of what is written. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { LINK_V03, pae, parseAttestation } from "../../../protocol/attestation/index.ts";
import { toBase64, utf8 } from "../../../protocol/bytes/index.ts";
import { keyIdKha, signDomain } from "../../../protocol/crypto/index.ts";
import { ProtocolError } from "../../../protocol/errors.ts";
import {
  asDocument,
  buildLayout,
  buildStepLink,
  checkSigners,
  layoutPayload,
  linkFileName,
  parseDocument,
  placeOfFile,
  sealLayoutEnvelope,
  sealMetablock,
} from "../../../protocol/intoto/index.ts";
import type { Document, Link } from "../../../protocol/intoto/index.ts";
import { artifacts, ended, judged, layoutJson, linkJson, NOW, OWNER, sha256Of, signer } from "./world.ts";

const A = signer("a");

function envelope(payload: object): Uint8Array {
  const octets = utf8(JSON.stringify(payload, null, 1));
  return utf8(
    JSON.stringify({
      payload: toBase64(octets),
      payloadType: "application/vnd.in-toto+json",
      signatures: [{ keyid: "", sig: toBase64(signDomain(A.seed, pae(octets))) }],
    }),
  );
}

function linkOf({ content }: Document): Link {
  assert.ok(content.kind === "link");
  return content;
}

const DIGEST = { sha256: sha256Of("x") };
const STATEMENT = {
  _type: "https://in-toto.io/Statement/v1",
  subject: [{ name: "f", digest: DIGEST }],
  predicateType: LINK_V03,
  predicate: {
    name: "s",
    command: ["make"],
    materials: [{ uri: "git+https://example.org/x", digest: { gitCommit: "ab".repeat(20) } }],
    byproducts: {},
    environment: {},
    more: "is ignored",
  },
};

test("a bare link in an envelope, and a Statement, are links; the signatures are over the payload as it stands", async () => {
  const bare = parseDocument(envelope(linkJson("s", { products: { f: "x" } })));
  const statement = parseDocument(envelope(STATEMENT));
  assert.deepEqual([bare.form, statement.form], ["dsse", "statement"]);
  for (const document of [bare, statement]) {
    assert.deepEqual([...linkOf(document).products], [["f", new Map(Object.entries(DIGEST))]]);
    assert.equal((await checkSigners(document, [A.key], placeOfFile("x"))).signers.length, 1);
  }
  assert.deepEqual([...linkOf(statement).materials.keys()], ["git+https://example.org/x"]);
  assert.deepEqual(linkOf(statement).command, ["make"]);
  const layout = layoutJson([{ name: "s", by: [A] }]);
  assert.equal(ended(await judged({ layout, loose: [envelope(STATEMENT)] })), "passed");
});

test("Statements of other predicates, and such that name a file twice, are no links", () => {
  for (const [statement, code] of [
    [{ ...STATEMENT, predicateType: "https://slsa.dev/provenance/v1" }, "layout/bad-document"],
    [{ ...STATEMENT, subject: [...STATEMENT.subject, ...STATEMENT.subject] }, "layout/bad-document"],
    [{ ...STATEMENT, subject: [{ name: "../f", digest: DIGEST }] }, "layout/bad-document"],
    [{ ...STATEMENT, _type: "https://in-toto.io/Statement/v2" }, "shape/out-of-range"],
  ] as const)
    assert.throws(
      () => parseDocument(envelope(statement)),
      (error: unknown) => error instanceof ProtocolError && error.code === code,
      code,
    );
});

test("what a feed carries is the same document; what is no link and no layout is none", () => {
  const path = new URL("../../vectors/in-toto/chain-3step/tag.90545b09.link", import.meta.url);
  const bytes = new Uint8Array(readFileSync(path));
  assert.deepEqual(asDocument(parseAttestation(bytes)), parseDocument(bytes));
  const other = { ...STATEMENT, predicateType: "https://example.org/other" };
  assert.equal(asDocument(parseAttestation(envelope(other))), null);
});

test("a file's path says its step and its folder, and is nothing but a hint", () => {
  for (const [path, step, folder] of [
    ["s.0123abcd.link", "s", ""],
    ["a.b.0123abcd.link", "a.b", ""],
    ["s.0123abcd/t.89abcdef.link", "t", "s.0123abcd"],
    ["a/b/t.89abcdef.link", "t", "a/b"],
    ["s.0123ABCD.link", null, ""],
    ["s.link", null, ""],
    [".0123abcd.link", null, ""],
    ["root.layout", null, ""],
  ] as const)
    assert.deepEqual(placeOfFile(path), { label: path, step, folder }, path);
  assert.equal(linkFileName("s", A.key), `s.${keyIdKha(A.key).slice(0, 8)}.link`);
});

test("what is written is read again, in both forms, and judged", async () => {
  const rule = {
    kind: "match",
    pattern: "*",
    source: "in",
    with: "products",
    destination: null,
    step: "s",
  } as const;
  const step = { name: "s", threshold: 1, functionaries: [A.key], expectedCommand: ["make"] };
  const layout = buildLayout({
    readme: "How it is made",
    expires: NOW + 3_600_000,
    steps: [
      {
        ...step,
        expectedMaterials: [],
        expectedProducts: [
          { kind: "require", pattern: "f" },
          { kind: "allow", pattern: "f" },
        ],
      },
    ],
    inspections: [
      {
        name: "look",
        run: ["true"],
        expectedMaterials: [rule, { kind: "disallow", pattern: "*" }],
        expectedProducts: [],
      },
    ],
  });
  const signed = buildStepLink({
    name: "s",
    materials: new Map(),
    products: artifacts({ f: "x" }),
    command: ["make"],
    byproducts: new Map([["return-value", 0]]),
  });
  const link = sealMetablock(signed, [{ key: A.key, sig: signDomain(A.seed, signed) }]);
  for (const root of [
    sealMetablock(layout, [{ key: OWNER.key, sig: signDomain(OWNER.seed, layout) }]),
    sealLayoutEnvelope(layout, [{ key: OWNER.key, sig: signDomain(OWNER.seed, pae(layoutPayload(layout))) }]),
  ]) {
    const given = { layout: root, links: { [linkFileName("s", A.key)]: link } };
    const verdict = await judged({ ...given, files: { "in/f": "x" } });
    assert.equal(ended(verdict), "passed");
    assert.deepEqual(verdict.notes, []);
    assert.equal(ended(await judged({ ...given, files: { "in/f": "y" } })), "failed layout/rule");
  }
});

test("what the reader would refuse, or tools sign differently, is not written", () => {
  const step = {
    name: "s",
    threshold: 1,
    functionaries: [A.key],
    expectedCommand: [],
    expectedMaterials: [],
    expectedProducts: [],
  };
  const draft = { readme: "", expires: NOW, steps: [step], inspections: [] };
  const link = { name: "s", materials: new Map(), products: new Map(), command: [], byproducts: new Map() };
  for (const [run, code] of [
    [() => buildLayout({ ...draft, steps: [{ ...step, name: "../s" }] }), "layout/bad-document"],
    [() => buildLayout({ ...draft, steps: [{ ...step, threshold: 0 }] }), "shape/out-of-range"],
    [() => buildLayout({ ...draft, expires: Number.NaN }), "attestation/bad-time"],
    [() => buildLayout({ ...draft, readme: "a\nb" }), "json/not-canonical"],
    [() => buildStepLink({ ...link, products: artifacts({ "../f": "x" }) }), "layout/bad-document"],
    [() => buildStepLink({ ...link, products: artifacts({ "\u00e4": "x" }) }), "json/not-canonical"],
    [() => buildStepLink({ ...link, command: ["a\\b"] }), "json/not-canonical"],
  ] as const)
    assert.throws(run, (error: unknown) => error instanceof ProtocolError && error.code === code, code);
});
