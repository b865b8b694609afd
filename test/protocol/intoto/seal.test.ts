import assert from "node:assert/strict";
import { generateKeyPairSync, sign } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { test } from "node:test";
import {
  buildLayout,
  checkSigners,
  ed25519Key,
  fromBase64,
  keysOf,
  layoutPayload,
  pae,
  parseDocument,
  parsePublicKey,
  placeOfFile,
  publicFromSeed,
  sealLayoutEnvelope,
  sealMetablock,
  sha256,
  signDomain,
  toHex,
  utf8,
} from "../../../protocol/index.ts";
import type { PublicKey } from "../../../protocol/index.ts";

const seed = sha256(utf8("owner"));
const owner = ed25519Key(publicFromSeed(seed));
const publicKey = (key: KeyObject): PublicKey =>
  parsePublicKey(String(key.export({ format: "pem", type: "spki" })));
const p256 = generateKeyPairSync("ec", { namedCurve: "P-256" });
const functionaries = [
  owner,
  publicKey(p256.publicKey),
  publicKey(generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey),
];
const names = (keys: readonly PublicKey[]): readonly string[] =>
  keys.map(({ spki }) => toHex(spki)).toSorted();
const signed = buildLayout({
  readme: "",
  expires: Date.parse("2046-01-01T00:00:00Z"),
  steps: [
    {
      name: "build",
      threshold: 1,
      functionaries,
      expectedCommand: [],
      expectedMaterials: [],
      expectedProducts: [],
    },
  ],
  inspections: [],
});

test("layouts with keys in PEM can be read in either form, and their signatures hold", async () => {
  assert.ok(signed.includes(0x0a), "canonical JSON has line feeds as they are");
  const payload = layoutPayload(signed);
  const forms = [
    sealMetablock(signed, [{ key: owner, sig: signDomain(seed, signed) }]),
    sealLayoutEnvelope(signed, [{ key: owner, sig: signDomain(seed, pae(payload)) }]),
  ];
  for (const bytes of forms) {
    const document = parseDocument(bytes);
    const { signers } = await checkSigners(document, [owner], placeOfFile("root.layout"));
    assert.deepEqual(signers, [owner], document.form);
    assert.deepEqual(names(keysOf(document)), names(functionaries));
    JSON.parse(new TextDecoder().decode(bytes));
  }
  assert.deepEqual(layoutPayload(payload), payload);
});

test("a key of P-256 signs a layout", async () => {
  const [, key = owner] = functionaries;
  const sig = sign("sha256", signed, p256.privateKey);
  const { signers } = await checkSigners(
    parseDocument(sealMetablock(signed, [{ key, sig }])),
    [key],
    placeOfFile("root.layout"),
  );
  assert.deepEqual(signers, [key]);
});

test("keys have no empty private half, which in-toto-golang drops before it verifies", () => {
  const metablock = new TextDecoder().decode(sealMetablock(signed, []));
  assert.doesNotMatch(metablock, /private/);
  const { payload } = JSON.parse(new TextDecoder().decode(sealLayoutEnvelope(signed, []))) as {
    readonly payload: string;
  };
  assert.doesNotMatch(new TextDecoder().decode(fromBase64(payload)), /private/);
});
