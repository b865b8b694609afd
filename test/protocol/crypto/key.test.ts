import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { concat, fromHex, toHex, utf8, writePem } from "../../../protocol/bytes/index.ts";
import {
  ed25519Key,
  keyIdKha,
  keyIdPlain,
  parsePublicKey,
  publicFromSeed,
  readPrivateKey,
  sameKey,
  signDomain,
  toPkcs8Pem,
  toRebuilderdPem,
  toSpkiPem,
  toVkey,
} from "../../../protocol/crypto/index.ts";

const read = (name: string): string =>
  readFileSync(new URL(`../../vectors/keys/${name}`, import.meta.url), "utf8");
const SEED = new Uint8Array(32).fill(3);
const RAW = publicFromSeed(SEED);

test("rebuilderd's keys: both dialects of key ids, and its own writing comes back octet for octet", () => {
  const cases = [
    ["reproduce-debian-net-amd64.pub", "2980aa6249ad89ce0ef0f0f5e6d0896214301b2818aad33443444cf460df6ed6"],
    ["reproducible-archlinux.pub", "1ae6d32cb5bb8a98312106de28e50af7e09a9b294d51df459537908ac1288b8f"],
  ] as const;
  for (const [file, kha] of cases) {
    const text = read(file);
    const key = parsePublicKey(text);
    assert.equal(key.type, "ed25519");
    assert.equal(keyIdKha(key), kha);
    assert.notEqual(keyIdPlain(key), kha);
    assert.equal(toRebuilderdPem(key), text.replaceAll(/\r?\n/g, "\r\n"));
    assert.ok(sameKey(key, parsePublicKey(toSpkiPem(key))));
    assert.doesNotThrow(() => createPublicKey(toSpkiPem(key)), "OpenSSL reads the standard writing");
    assert.throws(
      () => createPublicKey(text),
      "OpenSSL does not read rebuilderd's: that is why there are two",
    );
  }
});

test("key ids are those that in-toto's tools give", () => {
  // in-toto-golang 0.11.0, with hash algorithms.
  const go = ed25519Key(fromHex("648ea3029a48bb05c90cd88e11ac6f0e5def3de5663ba0f2ea9ae30d63cf7b98"));
  assert.equal(keyIdKha(go), "be907f45ef07101ec9a86d22a47820d35dcf5925db6608d156230379fa4b4818");
  // Python in-toto 2.2.0, without.
  const python = ed25519Key(fromHex("8ccb18a9cda67c750546bd0c4376adc4b8450995d39b8eedea61798a2d8c66a7"));
  assert.equal(keyIdPlain(python), "87cb392fa5a997ca69429d28d21cc4d130fd0b50f25ef41840e27e7f7c6e3801");
  // An RSA key of in-toto-golang's test data: its PEM is hashed.
  const dan = parsePublicKey(read("dan.pub"));
  assert.equal(dan.type, "rsa");
  assert.equal(keyIdKha(dan), "b7d643dec0a051096ee5d87221b5d91a33daa658699d30903e1cefb90c418401");
});

test("each type of key is read; other curves are not", () => {
  for (const [file, type] of [
    ["ed25519_public.pem", "ed25519"],
    ["carol.pub", "ed25519"],
    ["ecdsa_public.pem", "ecdsa-p256"],
    ["rsa_public.pem", "rsa"],
  ] as const) {
    const key = parsePublicKey(read(file));
    assert.equal(key.type, type);
    assert.equal(toSpkiPem(key).trimEnd(), read(file).trimEnd());
    assert.deepEqual(key.raw, type === "ed25519" ? key.spki.slice(12) : key.spki);
    assert.match(keyIdPlain(key) + keyIdKha(key), /^[0-9a-f]{128}$/);
    assert.ok(Object.isFrozen(key));
  }
  for (const curve of ["erin", "frank", "grace", "heidi"]) {
    assert.throws(() => parsePublicKey(read(`${curve}.pub`)), { code: "key/unsupported" }, curve);
  }
  assert.throws(() => toRebuilderdPem(parsePublicKey(read("rsa_public.pem"))), { code: "key/unsupported" });
});

test("a verifier key is read as a builder's key, a witness's is not", () => {
  const key = parsePublicKey(toVkey("builder.example", RAW));
  assert.ok(sameKey(key, ed25519Key(RAW)));
  assert.ok(sameKey(parsePublicKey(`${toVkey("builder.example", RAW)}\n`), key));
  assert.throws(() => parsePublicKey(toVkey("witness.example", RAW, 4)), { code: "key/bad-vkey" });
});

test("two keys are the same by type and octets, whatever their writing", () => {
  const key = ed25519Key(RAW);
  assert.ok(sameKey(key, parsePublicKey(toRebuilderdPem(key))));
  assert.equal(sameKey(key, ed25519Key(publicFromSeed(new Uint8Array(32)))), false);
  assert.equal(sameKey(key, parsePublicKey(read("rsa_public.pem"))), false);
});

test("a key does not change when the octets that it was made from do", () => {
  const raw = RAW.slice();
  const key = ed25519Key(raw);
  raw.fill(0);
  assert.deepEqual(key.raw, RAW);
});

test("unusable keys are refused on the way in", () => {
  for (const hex of ["00".repeat(32), `01${"00".repeat(31)}`, "ff".repeat(32), "00".repeat(31)]) {
    assert.throws(() => ed25519Key(fromHex(hex)), { code: "key/small-order" });
  }
  const pem = writePem("PUBLIC KEY", concat(fromHex("302a300506032b6570032100"), new Uint8Array(32)));
  assert.throws(() => parsePublicKey(pem), { code: "key/small-order" });
  assert.throws(() => parsePublicKey(toPkcs8Pem(SEED)), { code: "der/bad-pem" });
  assert.throws(() => parsePublicKey("not a key"), { code: "key/bad-vkey" });
});

test("private keys: OpenSSL's and rebuilderd's writing give the seed", () => {
  assert.deepEqual(readPrivateKey(toPkcs8Pem(SEED)), SEED);
  assert.equal(createPrivateKey(toPkcs8Pem(SEED)).asymmetricKeyType, "ed25519");
  const v2 = (raw: Uint8Array): string =>
    writePem(
      "PRIVATE KEY",
      concat(fromHex("3051020101300506032b657004220420"), SEED, fromHex("812100"), raw),
      "\r\n",
    );
  assert.deepEqual(readPrivateKey(v2(RAW)), SEED);
  assert.throws(() => readPrivateKey(v2(SEED)), { code: "der/bad-key" });
  assert.throws(() => readPrivateKey(toSpkiPem(ed25519Key(RAW))), { code: "der/bad-pem" });
  assert.equal(toHex(readPrivateKey(toPkcs8Pem(SEED))), "03".repeat(32));
});

test("the examples of spec/keys.md and spec/ed25519.md are true", () => {
  const spec = (page: string): string =>
    readFileSync(new URL(`../../../protocol/spec/${page}.md`, import.meta.url), "utf8");
  const seed = fromHex(`${"00".repeat(31)}01`);
  const key = ed25519Key(publicFromSeed(seed));
  for (const text of [toSpkiPem(key), toVkey("builder.example", key.raw), keyIdPlain(key), keyIdKha(key)]) {
    assert.ok(spec("keys").includes(text), text);
  }
  const signature = toHex(signDomain(seed, utf8("DSSEv1 1 t 1 x")));
  for (const text of [toHex(seed), toHex(key.raw), signature.slice(0, 64), signature.slice(64)]) {
    assert.ok(spec("ed25519").includes(text), text);
  }
});

test("a key given as a Buffer is copied and left as it was, sign bit and all", () => {
  const raw = Buffer.from("648ea3029a48bb05c90cd88e11ac6f0e5def3de5663ba0f2ea9ae30d63cf7b98", "hex");
  const key = ed25519Key(raw);
  assert.equal(toHex(raw), "648ea3029a48bb05c90cd88e11ac6f0e5def3de5663ba0f2ea9ae30d63cf7b98");
  assert.equal(toHex(key.raw), toHex(raw));
  raw.fill(0);
  assert.equal(toHex(key.raw), "648ea3029a48bb05c90cd88e11ac6f0e5def3de5663ba0f2ea9ae30d63cf7b98");
});
