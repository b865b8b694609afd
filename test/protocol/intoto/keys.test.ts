/** Keys of layouts: in each writing, OpenPGP's with subkeys, and what none of them may be. */
import assert from "node:assert/strict";
import { generateKeyPairSync, sign } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { test } from "node:test";
import * as openpgp from "openpgp";
import { readCertificate } from "../../../client/keys/certificate.ts";
import { canonicalJson, fromUtf8, record, toHex, utf8, writeJson } from "../../../protocol/bytes/index.ts";
import {
  keyIdKha,
  keyIdPlain,
  openPgpParts,
  parsePublicKey,
  readDetached,
  sameKey,
} from "../../../protocol/crypto/index.ts";
import type { PublicKey } from "../../../protocol/crypto/index.ts";
import { ProtocolError } from "../../../protocol/errors.ts";
import {
  buildLayout,
  buildStepLink,
  keysOf,
  linkFileName,
  parseDocument,
  readLayoutKey,
  sealMetablock,
  writeLayoutKey,
} from "../../../protocol/intoto/index.ts";
import type { Layout } from "../../../protocol/intoto/index.ts";
import {
  artifacts,
  ended,
  judged,
  jsonOf,
  keyJson,
  layoutJson,
  linkJson,
  metablock,
  NOW,
  OWNER,
  signer,
} from "./world.ts";

const A = signer("a");

function read(value: unknown, id: string | null = null): PublicKey {
  return readLayoutKey(record(jsonOf({ key: value }), "x").member("key"), id);
}

function asObject(key: PublicKey): Record<string, unknown> {
  return JSON.parse(fromUtf8(writeJson(writeLayoutKey(key)))) as Record<string, unknown>;
}

const pem = (key: KeyObject): string => String(key.export({ format: "pem", type: "spki" }));

function code(run: () => unknown): string | null {
  try {
    run();
    return null;
  } catch (error) {
    return error instanceof ProtocolError ? error.code : String(error);
  }
}

const RSA = generateKeyPairSync("rsa", { modulusLength: 2048 });
const P256 = generateKeyPairSync("ec", { namedCurve: "P-256" });

test("RSA-PSS, ECDSA and Ed25519 functionaries are read and written, and their links count", async () => {
  const [rsa, p256] = [RSA, P256].map(({ publicKey }) => parsePublicKey(pem(publicKey)));
  assert.ok(rsa !== undefined && p256 !== undefined);
  for (const key of [rsa, p256, A.key]) assert.ok(sameKey(read(asObject(key), keyIdKha(key)), key), key.type);
  const step = {
    name: "s",
    threshold: 2,
    functionaries: [rsa, p256],
    expectedCommand: ["make"],
    expectedMaterials: [],
    expectedProducts: [
      { kind: "create", pattern: "*" } as const,
      { kind: "disallow", pattern: "*" } as const,
    ],
  };
  const layout = buildLayout({ readme: "", expires: NOW + 1_000, steps: [step], inspections: [] });
  const signed = buildStepLink({
    name: "s",
    materials: new Map(),
    products: artifacts({ f: "x" }),
    command: ["make"],
    byproducts: jsonOf({ "return-value": 0, stdout: "a b", stderr: "" }),
  });
  const pss = sign("sha256", signed, { key: RSA.privateKey, padding: 6, saltLength: 32 });
  const dsa = sign("sha256", signed, P256.privateKey);
  const text = fromUtf8(sealMetablock(layout, []));
  const root = metablock((JSON.parse(text) as { signed: object }).signed, [OWNER]);
  const verdict = await judged({
    layout: root,
    links: {
      [linkFileName("s", rsa)]: sealMetablock(signed, [{ key: rsa, sig: pss }]),
      [linkFileName("s", p256)]: sealMetablock(signed, [{ key: p256, sig: dsa }]),
    },
  });
  assert.equal(ended(verdict), "passed");
  assert.deepEqual(verdict.notes, []);
});

test("a private half, another type than is said, and another id than it stands under are refused", () => {
  const good = keyJson(A) as { keyval: object };
  assert.equal(
    code(() => read(good)),
    null,
  );
  assert.equal(
    code(() => read({ ...good, keyval: { ...good.keyval, private: "aa" } })),
    "layout/bad-document",
  );
  assert.equal(
    code(() => read({ ...good, keyval: { ...good.keyval, private: "" } })),
    null,
  );
  assert.equal(
    code(() => read({ ...good, keyid: "a" }, "b")),
    "layout/bad-document",
  );
  const rsa = asObject(parsePublicKey(pem(RSA.publicKey)));
  assert.equal(
    code(() => read({ ...rsa, keytype: "ecdsa" })),
    "layout/bad-document",
  );
  assert.equal(
    code(() => read({ ...good, keyval: { public: "00".repeat(32) } })),
    "key/small-order",
  );
});

test("what is not read is left unread: certificates, other algorithms, short RSA keys; nobody votes with them", async () => {
  const short = generateKeyPairSync("rsa", { modulusLength: 1024 });
  const p384 = generateKeyPairSync("ec", { namedCurve: "P-384" });
  const base = layoutJson([{ name: "s", by: [A], threshold: 2 }]) as { keys: object; steps: object[] };
  const keys = {
    ...base.keys,
    certificate: { keytype: "rsa", scheme: "rsassa-pss-sha256", keyval: { public: "", certificate: "x" } },
    other: { keytype: "sphincs", scheme: "x", keyval: { public: "aa" } },
    short: { keytype: "rsa", scheme: "rsassa-pss-sha256", keyval: { public: pem(short.publicKey) } },
    p384: { keytype: "ecdsa", scheme: "ecdsa-sha2-nistp384", keyval: { public: pem(p384.publicKey) } },
  };
  const layout = { ...base, keys, steps: [{ ...base.steps[0], pubkeys: Object.keys(keys) }] };
  const document = parseDocument(metablock(layout, [OWNER]));
  assert.equal(keysOf(document).length, 1);
  assert.deepEqual(
    [...(document.content as Layout).unread.keys()],
    ["certificate", "other", "short", "p384"],
  );
  const verdict = await judged({ layout });
  assert.match(verdict.problem?.message ?? "", /0 of 2 .*only 1 could/);
});

interface Pgp {
  readonly main: PublicKey;
  readonly sub: PublicKey;
  readonly signed: (signed: object, by: PublicKey) => Promise<Uint8Array>;
}

const MADE = new Date("2026-01-01T00:00:00Z");

/** A certificate whose subkey may sign. */
async function pgp(type: "curve25519" | "rsa"): Promise<Pgp> {
  const { privateKey } = await openpgp.generateKey({
    userIDs: [{ name: "Tester" }],
    ...(type === "rsa" ? { type, rsaBits: 2048 } : { type: "ecc", curve: "ed25519Legacy" }),
    subkeys: [{ sign: true }],
    date: MADE,
    format: "object",
  });
  const { keys } = await readCertificate(new Uint8Array(privateKey.toPublic().write()));
  const [main, sub] = keys;
  const ofSub = privateKey.subkeys[0]?.getKeyID();
  assert.ok(main !== undefined && sub !== undefined && ofSub !== undefined);
  const signed = async (document: object, by: PublicKey): Promise<Uint8Array> => {
    const message = await openpgp.createMessage({ binary: canonicalJson(jsonOf(document)) });
    const binary = await openpgp.sign({
      message,
      signingKeys: privateKey,
      signingKeyIDs: [sameKey(by, main) ? privateKey.getKeyID() : ofSub],
      date: MADE,
      detached: true,
      format: "binary",
    });
    const [packet = new Uint8Array()] = readDetached(new Uint8Array(binary));
    const { signed: headers, value } = openPgpParts(packet);
    const signature = { keyid: keyIdPlain(by), other_headers: toHex(headers), signature: toHex(value) };
    return utf8(JSON.stringify({ signatures: [signature], signed: document }));
  };
  return { main, sub, signed };
}

function withSubkey({ main, sub }: Pgp, more: object = {}, ofSubkey: object = {}): object {
  return { ...asObject(main), ...more, subkeys: { [keyIdPlain(sub)]: { ...asObject(sub), ...ofSubkey } } };
}

function layoutWith(key: object, { main }: Pgp, pubkeys = [keyIdPlain(main)], threshold = 1): object {
  const base = layoutJson([{ name: "s", by: [], threshold }]) as { steps: object[] };
  return { ...base, keys: { [keyIdPlain(main)]: key }, steps: [{ ...base.steps[0], pubkeys }] };
}

for (const type of ["curve25519", "rsa"] as const) {
  test(`OpenPGP (${type}): a subkey signs for its key, both are one vote, and a listed subkey is not its key`, async () => {
    const one = await pgp(type);
    const { main, sub } = one;
    const key = withSubkey(one);
    const links = {
      [linkFileName("s", main)]: await one.signed(linkJson("s", {}), main),
      [linkFileName("s", sub)]: await one.signed(linkJson("s", {}), sub),
    };
    const [ofMain = "", ofSub = ""] = Object.keys(links);
    const only = (path: string): Record<string, Uint8Array> => ({ [path]: links[path] ?? new Uint8Array() });
    const outcome = async (layout: object, some: Record<string, Uint8Array>): Promise<string> =>
      ended(await judged({ layout, links: some }));
    const few = "incomplete layout/too-few-links";
    assert.equal(await outcome(layoutWith(key, one), only(ofMain)), "passed");
    assert.equal(await outcome(layoutWith(key, one), only(ofSub)), "passed");
    assert.equal(await outcome(layoutWith(key, one, undefined, 2), links), few, "one vote");
    assert.equal(await outcome(layoutWith(key, one, [keyIdPlain(sub)]), only(ofSub)), "passed");
    assert.equal(await outcome(layoutWith(key, one, [keyIdPlain(sub)]), only(ofMain)), few, "the inverse");
    assert.equal(await outcome(layoutWith(asObject(main), one), only(ofSub)), few, "no subkey is listed");
    // From its end on a key has no vote, and with it its subkeys; keys that never end say 0 or nothing.
    const created = Number(asObject(main)["creation_time"]);
    const over = { validity_period: Math.floor(NOW / 1_000) - created };
    const runs = { validity_period: Math.floor(NOW / 1_000) - created + 1 };
    for (const [whole, path, due] of [
      [withSubkey(one, over), ofMain, few],
      [withSubkey(one, over), ofSub, few],
      [withSubkey(one, runs), ofMain, "passed"],
      [withSubkey(one, {}, over), ofSub, few],
      [withSubkey(one, {}, over), ofMain, "passed"],
      [withSubkey(one, { validity_period: 0 }), ofMain, "passed"],
    ] as const)
      assert.equal(await outcome(layoutWith(whole, one), only(path)), due);
  });
}

test("OpenPGP: a fingerprint that is another key's is refused, of keys and of subkeys; without a time there is none", async () => {
  const one = await pgp("curve25519");
  const [main, sub] = [asObject(one.main), asObject(one.sub)];
  assert.ok(sameKey(read(main), one.main));
  assert.equal(
    code(() => read({ ...main, keyid: "ab".repeat(20) })),
    "layout/bad-document",
  );
  assert.equal(
    code(() => read({ ...main, creation_time: 1 })),
    "layout/bad-document",
  );
  assert.equal(
    code(() => read({ ...main, subkeys: { ["ab".repeat(20)]: sub } })),
    "layout/bad-document",
  );
  const { creation_time: _, ...undated } = main;
  assert.equal(
    code(() => read({ ...undated, keyid: "ab".repeat(20) })),
    null,
  );
  assert.equal(
    code(() => read({ ...main, more: 1 })),
    "shape/unknown-member",
  );
  assert.equal(
    code(() => read({ ...main, method: "pgp+dsa-fips-180-2" })),
    "key/unsupported",
  );
  assert.equal(
    code(() => read({ ...main, keyval: { ...(main["keyval"] as object), private: "aa" } })),
    "layout/bad-document",
  );
});
