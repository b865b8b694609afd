/** OpenPGP signatures and certificates: GnuPG and OpenPGP.js are the judges, and what they leave to a clock is fixed here (I8). */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import * as openpgp from "openpgp";
import { concat, Cursor, toHex, utf8 } from "../../../protocol/bytes/index.ts";
import {
  ed25519Key,
  keyIdPlain,
  openPgpKey,
  openPgpPacket,
  openPgpParts,
  openPgpTail,
  parsePublicKey,
  publicKeyOf,
  readDetached,
  readOpenPgpSignature,
  toOpenPgpLine,
  verifySignature,
} from "../../../protocol/crypto/index.ts";
import type { PublicKey } from "../../../protocol/crypto/index.ts";
import { readCertificate } from "../../../client/keys/certificate.ts";
import { openPgpSigner } from "../../openpgp-keys.ts";
import type { Making } from "../../openpgp-keys.ts";
import { throwsCode } from "../attestation/made.ts";

const VECTORS = new URL("../../vectors/", import.meta.url);
const read = (path: string): Uint8Array => new Uint8Array(readFileSync(new URL(path, VECTORS)));
const certificates = readdirSync(new URL("guix-sigs/builder-keys", VECTORS));
const DOCUMENT = utf8("0000  a file\n");

/** Whether a signature packet is the key's over a document. */
async function holds(key: PublicKey, document: Uint8Array, packet: Uint8Array): Promise<boolean> {
  const { signed } = readOpenPgpSignature(packet);
  return verifySignature(key, concat(document, openPgpTail(signed)), packet);
}

interface Made {
  readonly key: PublicKey;
  readonly packet: Uint8Array;
}

/** A key of OpenPGP.js, and its signature over the document. */
async function made(options: Making, date: Date = new Date()): Promise<Made> {
  const { key, sign } = await openPgpSigner(options);
  return { key, packet: await sign(DOCUMENT, date) };
}

test("of all signatures of three releases, those hold that GnuPG says hold, each of the key that GnuPG names", async () => {
  const verdicts = JSON.parse(
    readFileSync(new URL("openpgp/gnupg-verdicts.json", VECTORS), "utf8"),
  ) as Record<string, string | null>;
  const keys = await Promise.all(
    certificates.map(async (name) => (await readCertificate(read(`guix-sigs/builder-keys/${name}`))).keys),
  );
  let good = 0;
  for (const [path, signer] of Object.entries(verdicts)) {
    const document = read(`guix-sigs/${path.replace(/\.asc$/, "")}`);
    const [packet] = readDetached(read(`guix-sigs/${path}`));
    assert.ok(packet !== undefined);
    const found: string[] = [];
    for (const key of keys.flat()) if (await holds(key, document, packet)) found.push(keyIdPlain(key));
    assert.deepEqual(found, signer === null ? [] : [signer], path);
    good += found.length;
  }
  assert.deepEqual([Object.keys(verdicts).length, good], [47, 45]);
});

for (const [name, options] of [
  ["Ed25519, as GnuPG writes it", { type: "ecc", curve: "ed25519Legacy" }],
  ["Ed25519, as RFC 9580 writes it", { type: "curve25519" }],
  ["ECDSA P-256", { type: "ecc", curve: "nistP256" }],
  ["RSA", { type: "rsa", rsaBits: 2_048 }],
] as const) {
  test(`${name}: OpenPGP.js's signature holds; with any signed octet changed it does not, and what is not signed changes nothing`, async () => {
    const { key, packet } = await made(options);
    assert.equal(await holds(key, DOCUMENT, packet), true);
    assert.equal(await holds(key, concat(DOCUMENT, utf8("x")), packet), false);
    const { signed, numbers } = readOpenPgpSignature(packet);
    const message = concat(DOCUMENT, openPgpTail(signed));
    // The subpackets that are not hashed and the digest's first octets say nothing; only their length tells what follows.
    const isFree = (at: number): boolean => at >= signed.length + 2 && at < packet.length - numbers.length;
    for (let at = 0; at < packet.length; at += at < 12 ? 1 : 5) {
      const bad = packet.slice();
      bad[at] = (bad[at] ?? 0) ^ 1;
      assert.equal(await verifySignature(key, message, bad), isFree(at), `octet ${at} of ${packet.length}`);
    }
    assert.equal(await verifySignature(key, message, concat(packet, Uint8Array.of(0))), false);
    assert.equal(await verifySignature(key, message, packet.slice(0, -1)), false);
    assert.equal(await verifySignature(key, new Uint8Array(), packet), false);
    assert.equal(await verifySignature((await made(options)).key, message, packet), false);
  });
}

test("a key is the same in a policy's line and by its octets, and is no other key in another guise", async () => {
  const { key } = await made({ type: "curve25519" });
  assert.deepEqual(parsePublicKey(toOpenPgpLine(key)), key);
  assert.deepEqual(publicKeyOf(key.raw), key);
  assert.match(keyIdPlain(key), /^[0-9a-f]{40}$/);
  assert.deepEqual(ed25519Key(key.spki.slice(12)).spki, key.spki, "policies see by it that both are one");
  throwsCode(() => parsePublicKey("openpgp:AAAA="), "key/bad-openpgp");
  throwsCode(() => openPgpKey(concat(key.raw, Uint8Array.of(0))), "key/bad-openpgp");
  throwsCode(() => openPgpKey(key.raw.slice(0, -1)), "key/bad-openpgp");
  throwsCode(() => openPgpKey(Uint8Array.of(6, ...key.raw.slice(1))), "key/unsupported");
  throwsCode(
    () => openPgpKey(Uint8Array.of(...key.raw.slice(0, 5), 17, ...key.raw.slice(6))),
    "key/unsupported",
  );
});

test("no clock has a say: a key that expired, and one that is of next year, sign as ever; one older than itself does not", async () => {
  const past = new Date(Date.UTC(2020, 0, 1));
  const day = 86_400;
  const later = new Date(past.getTime() + 3_600_000);
  const expired = await made({ type: "curve25519", date: past, keyExpirationTime: day }, later);
  assert.equal(await holds(expired.key, DOCUMENT, expired.packet), true);
  assert.equal(readOpenPgpSignature(expired.packet).created, later.getTime());
  const raw = expired.key.raw.slice();
  raw[1] = 0xff; // made in 2105
  assert.equal(await holds(openPgpKey(raw), DOCUMENT, expired.packet), false);
});

test("what never holds: weak hashes, text signatures, signatures that expire, critical words that are not understood", async () => {
  const { key, packet } = await made({ type: "curve25519" });
  const changed = (at: number, octet: number): Uint8Array => packet.map((old, i) => (i === at ? octet : old));
  for (const [at, octet] of [
    [0, 3],
    [0, 6],
    [1, 0x01],
    [1, 0x10],
    [3, 1],
    [3, 2],
    [3, 11],
  ] as const)
    throwsCode(() => readOpenPgpSignature(changed(at, octet)), "openpgp/bad-signature");
  const { signed } = readOpenPgpSignature(packet);
  const withSubpacket = (...octets: number[]): Uint8Array => {
    const length = new Cursor(signed.subarray(4)).u16() + octets.length;
    return concat(
      signed.subarray(0, 4),
      Uint8Array.of(length >> 8, length & 0xff),
      signed.subarray(6),
      Uint8Array.from(octets),
      packet.subarray(signed.length),
    );
  };
  throwsCode(() => readOpenPgpSignature(withSubpacket(5, 3, 0, 0, 1, 0)), "openpgp/bad-signature");
  throwsCode(() => readOpenPgpSignature(withSubpacket(2, 0x80 | 26, 0x61)), "openpgp/bad-signature");
  throwsCode(() => readOpenPgpSignature(withSubpacket(5, 2, 0, 0, 1, 0)), "openpgp/bad-signature");
  throwsCode(() => readOpenPgpSignature(withSubpacket(200, 2)), "openpgp/bad-signature");
  assert.doesNotThrow(() => readOpenPgpSignature(withSubpacket(2, 26, 0x61)));
  assert.equal(await verifySignature(key, DOCUMENT, withSubpacket(5, 3, 0, 0, 1, 0)), false);
});

test("a certificate says which of its keys sign: bound subkeys, not revoked ones, expired or not", async () => {
  const names = async (file: string): Promise<string[]> =>
    (await readCertificate(read(`guix-sigs/builder-keys/${file}.gpg`))).keys.map(keyIdPlain);
  assert.deepEqual(await names("willcl-ark"), ["a0083660f235a27000cd3c81ce6ec49945c17ea6"]);
  assert.equal((await names("fanquake")).length, 2);
  const sipa = await readCertificate(read("guix-sigs/builder-keys/sipa.gpg"));
  assert.deepEqual(
    sipa.refused.map(({ fingerprint }) => fingerprint),
    ["3f1888c6dca92a6499c4911fdba1a67379a1a931"],
  );
});

test("a revoked certificate has no key that signs; nor has one whose subkey nobody bound", async () => {
  const whole_ = await openpgp.generateKey({
    type: "curve25519",
    userIDs: [{ name: "Tester" }],
    subkeys: [{ sign: true }],
    format: "object",
  });
  const whole = new Uint8Array(whole_.privateKey.toPublic().write());
  assert.equal((await readCertificate(whole)).keys.length, 2);
  const { publicKey } = await openpgp.revokeKey({
    key: whole_.privateKey,
    reasonForRevocation: { flag: openpgp.enums.reasonForRevocation.keyRetired },
    format: "object",
  });
  const revoked = await readCertificate(new Uint8Array(publicKey.write()));
  assert.deepEqual([revoked.keys.length, revoked.refused.length], [0, 2]);
  // The last octet is of the binding signature of the subkey.
  const loose = whole.slice();
  loose[loose.length - 1] = (loose.at(-1) ?? 0) ^ 1;
  const { keys, refused } = await readCertificate(loose);
  assert.deepEqual([keys.length, refused.length], [1, 1]);
});

test("what is no certificate, or more than one, is refused", async () => {
  const one = await openpgp.generateKey({ type: "curve25519", userIDs: [{ name: "A" }], format: "binary" });
  await assert.rejects(readCertificate(utf8("hello")), { code: "key/bad-openpgp" });
  await assert.rejects(readCertificate(new Uint8Array()), { code: "key/bad-openpgp" });
  await assert.rejects(readCertificate(new Uint8Array([...one.publicKey, ...one.publicKey])), {
    code: "key/bad-openpgp",
  });
  await assert.rejects(readCertificate(new Uint8Array(600_000)), { code: "key/bad-openpgp" });
});

test("detached signatures: several in one block, in several blocks, or not armored", async () => {
  const armored = read("guix-sigs/30.2/laanwj/all.SHA256SUMS.asc");
  const [packet] = readDetached(armored);
  assert.ok(packet !== undefined);
  const old = concat(Uint8Array.of(0x89, packet.length >> 8, packet.length & 0xff), packet);
  assert.deepEqual(readDetached(concat(old, old)).map(toHex), [toHex(packet), toHex(packet)]);
  assert.equal(readDetached(concat(armored, utf8("\r\n"), armored)).length, 2);
  throwsCode(() => readDetached(new Uint8Array()), "openpgp/bad-signature");
  throwsCode(() => readDetached(concat(...Array.from({ length: 17 }, () => old))), "openpgp/bad-signature");
  throwsCode(() => readDetached(old.slice(0, -1)), "openpgp/bad-signature");
  throwsCode(() => readDetached(read("guix-sigs/builder-keys/maflcko.gpg")), "openpgp/bad-armor");
  throwsCode(() => readDetached(concat(utf8("-"), armored)), "openpgp/bad-armor");
});

test("what in-toto keeps of a signature is the signature: the value and what is signed of it, for every kind of key", async () => {
  for (const options of [
    { type: "rsa", rsaBits: 2048 },
    { type: "curve25519" },
    { type: "ecc", curve: "ed25519Legacy" },
    { type: "ecc", curve: "nistP256" },
  ] as const) {
    const { key, packet } = await made(options);
    const { signed, value } = openPgpParts(packet);
    assert.ok(await holds(key, DOCUMENT, openPgpPacket(signed, value)), JSON.stringify(options));
    value[value.length - 1] = (value.at(-1) ?? 0) ^ 1;
    assert.equal(await holds(key, DOCUMENT, openPgpPacket(signed, value)), false, JSON.stringify(options));
  }
});
