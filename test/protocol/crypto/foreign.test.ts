import assert from "node:assert/strict";
import { constants, generateKeyPairSync, sign } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fromBase64, utf8 } from "../../../protocol/bytes/index.ts";
import {
  ed25519Key,
  parsePublicKey,
  publicFromSeed,
  signDomain,
  verifySignature,
} from "../../../protocol/crypto/index.ts";
import type { PublicKey } from "../../../protocol/crypto/index.ts";

interface Recorded {
  readonly key: string;
  readonly message: string;
  readonly signature: string;
}
const recorded = JSON.parse(
  readFileSync(new URL("../../vectors/keys/signatures.json", import.meta.url), "utf8"),
) as Recorded[];

const MESSAGE = utf8("DSSEv1 28 application/vnd.in-toto+json 2 {}");
const publicKey = (key: KeyObject): PublicKey =>
  parsePublicKey(String(key.export({ format: "pem", type: "spki" })));

async function assertNoticed(
  key: PublicKey,
  message: Uint8Array,
  signature: Uint8Array,
  stride: number,
): Promise<void> {
  assert.equal(await verifySignature(key, message, signature), true);
  for (let at = 0; at < signature.length; at += stride) {
    const bad = signature.slice();
    bad[at] = (bad[at] ?? 0) ^ 1;
    assert.equal(await verifySignature(key, message, bad), false, `octet ${at} of the signature`);
  }
  for (let at = 0; at < message.length; at += stride) {
    const bad = message.slice();
    bad[at] = (bad[at] ?? 0) ^ 1;
    assert.equal(await verifySignature(key, bad, signature), false, `octet ${at} of the message`);
  }
  for (const bad of [
    new Uint8Array(),
    signature.slice(1),
    signature.slice(0, -1),
    Uint8Array.of(...signature, 0),
  ]) {
    assert.equal(await verifySignature(key, message, bad), false);
  }
}

test("RSA-PSS signatures over in-toto metadata of others verify; tampered ones do not", async () => {
  assert.equal(recorded.length, 4);
  for (const { key, message, signature } of recorded) {
    await assertNoticed(parsePublicKey(key), fromBase64(message), fromBase64(signature), 41);
  }
});

test("ECDSA P-256 in DER verifies; tampered, raw and trailing forms do not", async () => {
  const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const key = publicKey(pair.publicKey);
  await assertNoticed(key, MESSAGE, new Uint8Array(sign("sha256", MESSAGE, pair.privateKey)), 1);
  const raw = new Uint8Array(sign("sha256", MESSAGE, { key: pair.privateKey, dsaEncoding: "ieee-p1363" }));
  assert.equal(await verifySignature(key, MESSAGE, raw), false);
});

test("RSA: PKCS#1 v1.5 and PSS with a salt of 32 count, other salts and hashes do not", async () => {
  const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const key = publicKey(pair.publicKey);
  const pss = (saltLength: number): Uint8Array =>
    new Uint8Array(
      sign("sha256", MESSAGE, { key: pair.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }),
    );
  await assertNoticed(key, MESSAGE, new Uint8Array(sign("sha256", MESSAGE, pair.privateKey)), 31);
  await assertNoticed(key, MESSAGE, pss(32), 31);
  for (const salt of [0, 20, 31, 64, 222])
    assert.equal(await verifySignature(key, MESSAGE, pss(salt)), false, String(salt));
  for (const hash of ["sha1", "sha512"]) {
    assert.equal(
      await verifySignature(key, MESSAGE, new Uint8Array(sign(hash, MESSAGE, pair.privateKey))),
      false,
    );
  }
});

test("RSA: a PSS signature without its leading zero octet is refused, which OpenSSL would accept", async () => {
  const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const key = publicKey(pair.publicKey);
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  for (;;) {
    const signature = new Uint8Array(
      sign("sha256", MESSAGE, { key: pair.privateKey, padding, saltLength: 32 }),
    );
    if (signature[0] !== 0) continue;
    assert.equal(await verifySignature(key, MESSAGE, signature), true);
    assert.equal(await verifySignature(key, MESSAGE, signature.slice(1)), false);
    return;
  }
});

test("Ed25519 goes by the one rule here too", async () => {
  const seed = new Uint8Array(32).fill(2);
  await assertNoticed(ed25519Key(publicFromSeed(seed)), MESSAGE, signDomain(seed, MESSAGE), 1);
});

test("a P-256 point that is not on the curve verifies nothing", async () => {
  const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { type, spki } = publicKey(pair.publicKey);
  const off = spki.slice();
  off[off.length - 1] = (off.at(-1) ?? 0) ^ 1;
  const signature = new Uint8Array(sign("sha256", MESSAGE, pair.privateKey));
  assert.equal(await verifySignature({ type, raw: off, spki: off }, MESSAGE, signature), false);
});
