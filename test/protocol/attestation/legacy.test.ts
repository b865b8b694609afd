import assert from "node:assert/strict";
import { test } from "node:test";
import { claimId, parseAttestation, verifyOwn, verifyWith } from "../../../protocol/attestation/index.ts";
import type { Attestation, Claim } from "../../../protocol/attestation/index.ts";
import { canonicalJson, fromHex, fromUtf8, readJson, toHex, utf8 } from "../../../protocol/bytes/index.ts";
import { ed25519Key, keyIdPlain, parsePublicKey } from "../../../protocol/crypto/index.ts";
import type { PublicKey } from "../../../protocol/crypto/index.ts";
import { ProtocolError } from "../../../protocol/errors.ts";
import { readCertificate } from "../../../client/keys/certificate.ts";
import { alice, readPayload, throwsCode, vector } from "./made.ts";

const key = (path: string): PublicKey => parsePublicKey(fromUtf8(vector(path)));
const debianKey = key("keys/reproduce-debian-net-amd64.pub");
const archKey = key("keys/reproducible-archlinux.pub");

const DEBIAN = "rebuilderd/librust-as-slice-dev_0.2.1-1+b2_amd64.in-toto";
const ARCH = "rebuilderd/filesystem-2025.10.12-1-any";

const read = (path: string): Attestation => parseAttestation(vector(path));

/** A key in the JSON of in-toto 1.x. */
function py1(name: string): PublicKey {
  const json = JSON.parse(fromUtf8(vector(`in-toto/py-1.3.1-metablock/${name}.pub`)));
  return ed25519Key(fromHex(json.keyval.public));
}

function only(claims: readonly Claim[]): Claim {
  assert.equal(claims.length, 1);
  return claims[0] ?? assert.fail();
}

test("links of reproduce.debian.net and reproducible.archlinux.org verify, each with its key only", async () => {
  const debian = read(`${DEBIAN}.link`);
  assert.deepEqual(debian.signedBytes, vector(`${DEBIAN}.signed-bytes`));
  assert.equal((await verifyWith(debian, debianKey))?.signer, debianKey);
  assert.equal(await verifyWith(debian, archKey), null);
  const arch = read(`${ARCH}.in-toto.link`);
  assert.deepEqual(arch.signedBytes, vector(`${ARCH}.in-toto.signed-bytes`));
  assert.equal((await verifyWith(arch, archKey))?.id, claimId(archKey.raw, arch.signedBytes));
  assert.equal(await verifyWith(arch, debianKey), null);
  assert.equal(verifyOwn(arch, archKey.raw), null, "a metablock is never a feed's own leaf");
});

test("the invalid one parses, and nobody signed it", async () => {
  const invalid = read(`${ARCH}.INVALID.in-toto.link`);
  assert.deepEqual(invalid.claims, read(`${ARCH}.in-toto.link`).claims);
  for (const anybody of [archKey, debianKey, alice.key])
    assert.equal(await verifyWith(invalid, anybody), null);
});

test("what rebuilderd's links claim: the step is rebuild, and there is no target", () => {
  const debian = only(read(`${DEBIAN}.link`).claims);
  assert.deepEqual(
    [debian.kind, debian.step, debian.how, debian.target, debian.file],
    ["positive", "rebuild", "imported", null, "librust-as-slice-dev_0.2.1-1+b2_amd64.deb"],
  );
  assert.equal(
    toHex(debian.sha256 ?? assert.fail()),
    "32be954941cdb42bce44c19ece910af04ece3a1acc9b79fa3e8ff735ffb511cd",
  );
  const arch = only(read(`${ARCH}.in-toto.link`).claims);
  // Their only inputs are a .buildinfo, and the product itself: neither says what went in.
  assert.deepEqual([debian.inputs, arch.inputs], [null, null]);
});

test("links and layouts of in-toto in Python and Go, in both envelopes, verify over the octets that these signed", async () => {
  const cases: [path: string, signed: string | null, by: PublicKey][] = [
    ["py-1.3.1-metablock/rebuild.2bd60f96.link", "signed-bytes", py1("rb1")],
    ["py-1.3.1-metablock/rebuild.f779c502.link", "signed-bytes", py1("rb2")],
    ["py-2.2.0-dsse/rebuild.87cb392f.link", "pae", key("in-toto/py-2.2.0-dsse/rb1.pub")],
    ["py-2.2.0-dsse/rebuild.de2b53fa.link", "pae", key("in-toto/py-2.2.0-dsse/rb2.pub")],
    ["go-0.11.0-dsse/rebuild.be907f45.link", "pae", key("in-toto/go-0.11.0-dsse/rb1.pub")],
    ["go-0.11.0-dsse/rebuild.1659d316.link", "pae", key("in-toto/go-0.11.0-dsse/rb2.pub")],
    ["py-1.3.1-metablock/root.layout", "signed-bytes", py1("owner")],
    ["py-2.2.0-dsse/metablock/rebuild.87cb392f.link", null, key("in-toto/py-2.2.0-dsse/rb1.pub")],
    ["py-2.2.0-dsse/root-dsse.layout", null, key("in-toto/py-2.2.0-dsse/owner.pub")],
    ["py-2.2.0-dsse/root.layout", null, key("in-toto/py-2.2.0-dsse/owner.pub")],
    ["go-0.11.0-dsse/metablock/rebuild.be907f45.link", null, key("in-toto/go-0.11.0-dsse/rb1.pub")],
    ["go-0.11.0-dsse/metablock/rebuild.1659d316.link", null, key("in-toto/go-0.11.0-dsse/rb2.pub")],
    ["go-0.11.0-dsse/root-dsse.layout", null, key("in-toto/go-0.11.0-dsse/owner.pub")],
    ["go-0.11.0-dsse/root.layout", null, key("in-toto/go-0.11.0-dsse/owner.pub")],
    ["chain-3step/root.layout", null, key("in-toto/chain-3step/owner.pub.pem")],
    ["chain-3step/build.1e0e38b9.link", null, key("in-toto/chain-3step/rb1.pub.pem")],
    ["chain-3step/build.8a616832.link", null, key("in-toto/chain-3step/rb2.pub.pem")],
    ["chain-3step/sign.ec66af4d.link", null, key("in-toto/chain-3step/release.pub.pem")],
    ["chain-3step/tag.90545b09.link", null, key("in-toto/chain-3step/dev.pub.pem")],
    ["third-party/clone-dsse.776a00e2.link", null, key("in-toto/third-party/bob.pub")],
    ["third-party/package-dsse.2f89b927.link", null, key("in-toto/third-party/carl.pub")],
    ["third-party/write-code.776a00e2.link", null, key("in-toto/third-party/bob.pub")],
    ["third-party/package.2f89b927.link", null, key("in-toto/third-party/carl.pub")],
    ["third-party/update-version-dsse.776a00e2.link", null, key("in-toto/third-party/bob.pub")],
    ["third-party/write-code.b7d643de.link", null, key("keys/dan.pub")],
    ["third-party/demo.dsse.layout", null, key("in-toto/third-party/alice.pub")],
    ["third-party/demo.layout", null, key("in-toto/third-party/alice.pub")],
    ["third-party/dsse-only.root.layout", null, key("in-toto/third-party/alice.pub")],
  ];
  for (const [path, signed, by] of cases) {
    const attestation = read(`in-toto/${path}`);
    if (signed !== null) assert.deepEqual(attestation.signedBytes, vector(`in-toto/${path}.${signed}`), path);
    assert.ok((await verifyWith(attestation, by)) !== null, path);
    assert.equal(await verifyWith(attestation, alice.key), null, path);
    const isLayout = path.endsWith("layout");
    assert.equal(attestation.predicateType, isLayout ? "layout" : "link");
    assert.equal(attestation.claims.length, isLayout || path.includes("tag.") ? 0 : 1, path);
  }
});

test("three tools' links of a builder that got another file verify, and say the other digest", async () => {
  for (const [good, bad, by] of [
    ["py-1.3.1-metablock/rebuild.2bd60f96.link", "py-1.3.1-metablock/bad/rebuild.32af72e3.link", py1("rb3")],
    [
      "py-2.2.0-dsse/rebuild.87cb392f.link",
      "py-2.2.0-dsse/bad/rebuild.62a6bf01.link",
      key("in-toto/py-2.2.0-dsse/rb3.pub"),
    ],
    [
      "go-0.11.0-dsse/rebuild.be907f45.link",
      "go-0.11.0-dsse/bad/rebuild.d0cab776.link",
      key("in-toto/go-0.11.0-dsse/rb3.pub"),
    ],
  ] as const) {
    const dissent = read(`in-toto/${bad}`);
    assert.ok((await verifyWith(dissent, by)) !== null, bad);
    const [theirs, other] = [only(read(`in-toto/${good}`).claims), only(dissent.claims)];
    assert.deepEqual([other.file, other.step], [theirs.file, theirs.step]);
    assert.notDeepEqual(other.sha256, theirs.sha256);
  }
});

test("an unsigned layout is no attestation", () => {
  throwsCode(() => read("in-toto/go-0.11.0-dsse/unsigned-dsse.layout"), "attestation/bad-signatures");
});

test("links as rebuilderd 0.28 serves them verify with the key that it publishes", async () => {
  const api = (name: string): string => `rebuilderd/api-0.28.0/${name}.json`;
  const { current } = JSON.parse(fromUtf8(vector(api("v1_meta_public-keys"))));
  for (const name of ["v0_builds_1_attestation", "v1_builds_1_artifacts_1_attestation"]) {
    const attestation = read(api(name));
    assert.ok((await verifyWith(attestation, parsePublicKey(current[0]))) !== null, name);
    const { step, file } = only(attestation.claims);
    assert.deepEqual([step, file], ["rebuild", "hello-att_1.0-1_all.deb"]);
  }
});

test("a chain's source is read: the build names the commit that the tag step gave", () => {
  const build = only(read("in-toto/chain-3step/build.1e0e38b9.link").claims);
  assert.equal(build.step, "build");
  assert.match(build.source?.commit ?? "", /^[0-9a-f]{40}$/);
});

test("cosign's envelopes: ECDSA P-256 and Ed25519, Statement v0.1 and v1", async () => {
  for (const [name, pub] of [
    ["foo.sigstore.json", "cosign.pub"],
    ["node-ed25519.sigstore.json", "node-ed25519.pub"],
  ]) {
    const bundle = JSON.parse(fromUtf8(vector(`in-toto/cosign/${name}`)));
    const attestation = parseAttestation(utf8(JSON.stringify(bundle.dsseEnvelope)));
    assert.ok((await verifyWith(attestation, key(`in-toto/cosign/${pub}`))) !== null, name);
    assert.equal(only(attestation.claims).file, "foo_1.0-1_amd64.deb");
  }
});

test("GnuPG's signatures are carried with their headers and are its key's, as in-toto made them; no plain key made them", async () => {
  const link = read("in-toto/third-party/rebuild.5863835e.link");
  assert.equal(link.signatures[0]?.keyid, "5863835e5ec8e640fa24410f069edc1d59b58507");
  assert.equal(link.signatures[0]?.openPgpHeaders?.length, 35);
  assert.equal(only(link.claims).step, "rebuild");
  for (const name of ["bob.pub", "carl.pub"]) {
    assert.equal(await verifyWith(link, key(`in-toto/third-party/${name}`)), null);
  }
  const [bobby] = (await readCertificate(vector("in-toto/third-party/bobby.gpg"))).keys;
  assert.ok(bobby !== undefined);
  assert.equal(keyIdPlain(bobby), link.signatures[0]?.keyid);
  const octets = fromUtf8(vector("in-toto/third-party/rebuild.5863835e.link"));
  const parsed = (text: string): Promise<unknown> => verifyWith(parseAttestation(utf8(text)), bobby);
  assert.ok((await parsed(octets)) !== null);
  // Its time, its hash, its value, and the document.
  for (const [from, to] of [
    ["025c095e65", "025c095e66"],
    ["04000108", "0400010a"],
    ["5206db71", "5206db70"],
    ['"name": "rebuild"', '"name": "reboild"'],
  ] as const) {
    assert.ok(octets.includes(from));
    assert.equal(await parsed(octets.replace(from, to)), null, from);
  }
});

const good = {
  _type: "link",
  name: "rebuild a.deb",
  materials: { "a.dsc": { sha256: "a".repeat(64), sha512: "00" } },
  products: { "a.deb": { sha256: "b".repeat(64) } },
  environment: null,
  byproducts: { "return-value": 0 },
  command: ["make"],
};

function metablock(signed: unknown, outer: Record<string, unknown> = {}): Attestation {
  const signatures = [{ keyid: "k", sig: "00" }];
  return parseAttestation(utf8(JSON.stringify({ signatures, signed, ...outer })));
}

test("the signed octets are canonical JSON, whatever the writing", () => {
  const signed = readJson(utf8(JSON.stringify(good)), { maxBytes: 10_000 });
  assert.deepEqual(metablock(good).signedBytes, canonicalJson(signed));
  const turned = Object.fromEntries(Object.entries(good).toReversed());
  assert.deepEqual(metablock(turned).signedBytes, canonicalJson(signed));
});

test("an added member is refused: in-toto-rs would drop it before verifying", () => {
  throwsCode(() => metablock({ ...good, extra: 1 }), "shape/unknown-member");
  throwsCode(() => metablock(good, { extra: 1 }), "shape/unknown-member");
  throwsCode(() => readPayload({ ...good, extra: 1 }), "shape/unknown-member");
});

test("rebuild is the step only of the file that came out", () => {
  assert.equal(only(metablock(good).claims).step, "rebuild");
  assert.equal(only(metablock({ ...good, name: "rebuild b.deb" }).claims).step, "rebuild b.deb");
  assert.equal(only(metablock({ ...good, name: "rebuild" }).claims).step, "rebuild");
});

test("bad links have codes", () => {
  const many = (count: number): Record<string, unknown> =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${i}`, { sha256: "a".repeat(64) }]));
  throwsCode(() => metablock({ ...good, products: many(65) }), "statement/bad-subjects");
  throwsCode(() => metablock({ ...good, materials: many(257) }), "statement/too-many-materials");
  throwsCode(() => metablock({ ...good, environment: "x" }), "shape/wrong-type");
  throwsCode(() => metablock({ ...good, products: [] }), "shape/wrong-type");
  throwsCode(
    () => metablock({ ...good, products: { "a\n": { sha256: "a".repeat(64) } } }),
    "attestation/bad-name",
  );
  throwsCode(() => metablock({ ...good, products: { "": {} } }), "attestation/bad-name");
  throwsCode(() => metablock({ ...good, name: "" }), "attestation/bad-name");
  throwsCode(() => metablock({ ...good, byproducts: undefined }), "shape/missing");
  throwsCode(() => metablock({ ...good, _type: "layou" }), "statement/unknown-type");
  throwsCode(() => metablock({ ...good, command: [0.5] }), "json/bad-number");
  throwsCode(() => metablock("x"), "shape/wrong-type");
  throwsCode(() => metablock(good, { signatures: [] }), "attestation/bad-signatures");
  throwsCode(() => metablock(good, { signatures: [{ keyid: "k", sig: "" }] }), "attestation/bad-signatures");
  throwsCode(
    () => metablock(good, { signatures: [{ keyid: "k", sig: "00".repeat(1_025) }] }),
    "attestation/bad-signatures",
  );
  throwsCode(() => metablock(good, { signatures: [{ keyid: "k", sig: "AA" }] }), "bytes/bad-hex");
  throwsCode(() => metablock(good, { signatures: [{ sig: "00" }] }), "shape/missing");
});

test("a product without a SHA-256 is no claim; a hostile name is a name", () => {
  const products = {
    "git+https://x": { gitCommit: "a".repeat(40) },
    constructor: { sha256: "b".repeat(64) },
  };
  assert.equal(only(metablock({ ...good, products }).claims).file, "constructor");
  const long = (name: string): Attestation =>
    metablock({ ...good, products: { [name]: { sha256: "b".repeat(64) } } });
  assert.equal(only(long("é".repeat(2_048)).claims).file.length, 2_048);
  throwsCode(() => long("é".repeat(2_049)), "attestation/bad-name");
});

test("every changed octet of a real link is refused or unverifiable, or outside of what was signed", async () => {
  const link = vector(`${ARCH}.in-toto.link`);
  const original = (await verifyWith(parseAttestation(link), archKey)) ?? assert.fail();
  const start = fromUtf8(link).indexOf('"signed":');
  for (let at = 0; at < link.length; at++) {
    const changed = link.slice();
    changed[at] = (changed[at] ?? 0) ^ 0x01;
    const verified = await verifies(changed);
    if (verified === null) continue;
    assert.ok(at < start, `octet ${at} of the signed part`);
    assert.equal(verified.id, original.id);
  }
});

async function verifies(bytes: Uint8Array): ReturnType<typeof verifyWith> {
  let attestation: Attestation;
  try {
    attestation = parseAttestation(bytes);
  } catch (error) {
    assert.ok(error instanceof ProtocolError, String(error));
    return null;
  }
  return verifyWith(attestation, archKey);
}

test("one link in a metablock and in DSSE gives the same claims, and two claim ids", () => {
  const bare = readPayload(good);
  assert.equal(bare.form, "dsse");
  assert.deepEqual(bare.claims, metablock(good).claims);
  assert.notEqual(
    claimId(alice.key.raw, bare.signedBytes),
    claimId(alice.key.raw, metablock(good).signedBytes),
  );
});

test("canonical JSON has no fractions, so none is read in a metablock", () => {
  throwsCode(() => metablock({ ...good, byproducts: { time: 1.5 } }), "json/bad-number");
});
