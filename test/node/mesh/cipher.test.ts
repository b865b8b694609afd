import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { pureJsCrypto } from "@libp2p/noise";
import { Uint8ArrayList } from "uint8arraylist";
import { keyedCipher } from "../../../node/mesh/cipher.ts";

const LENGTHS = [0, 1, 1_007, 1_008, 1_023, 1_024, 1_025, 4_000, 65_519];
const ours = keyedCipher();
const inPieces = (octets: Uint8Array): Uint8ArrayList =>
  new Uint8ArrayList(octets.subarray(0, 2), octets.subarray(2, 2), octets.subarray(2));

test("noise's cipher: what it seals is what another implementation seals, in one piece or in several", () => {
  const [key, other] = [randomBytes(32), randomBytes(32)];
  for (const length of LENGTHS) {
    const [plain, nonce, ad] = [randomBytes(length), randomBytes(12), randomBytes(length % 40)];
    for (const raw of [key, other, key]) {
      const theirs = pureJsCrypto.chaCha20Poly1305Encrypt(plain, nonce, ad, raw).subarray();
      for (const given of [plain, inPieces(plain)]) {
        const sealed = ours.chaCha20Poly1305Encrypt(given, nonce, ad, raw).subarray();
        assert.deepEqual(Buffer.from(sealed), Buffer.from(theirs), `${length}`);
      }
      for (const given of [theirs, inPieces(theirs)]) {
        const opened = ours.chaCha20Poly1305Decrypt(given.slice(), nonce, ad, raw).subarray();
        assert.deepEqual(Buffer.from(opened), plain, `${length}`);
        const place = given.slice(0, length);
        const there = ours.chaCha20Poly1305Decrypt(given.slice(), nonce, ad, raw, place).subarray();
        assert.deepEqual(Buffer.from(there), plain, `${length}, with a place for it`);
      }
    }
  }
});

test("noise's cipher: what was sealed in pieces stays as it is when the next is", () => {
  const [key, nonce, ad] = [randomBytes(32), randomBytes(12), randomBytes(0)];
  const [one, other] = [randomBytes(3_000), randomBytes(65_519)];
  const sealed = ours.chaCha20Poly1305Encrypt(inPieces(one), nonce, ad, key);
  ours.chaCha20Poly1305Encrypt(inPieces(other), nonce, ad, key);
  const opened = ours.chaCha20Poly1305Decrypt(sealed.slice(), nonce, ad, key).subarray();
  assert.deepEqual(Buffer.from(opened), one);
});

test("noise's cipher: an octet changed in text, tag, nonce, key or associated data is refused", () => {
  for (const length of [100, 4_000]) {
    const parts = [randomBytes(length + 16), randomBytes(12), randomBytes(20), randomBytes(32)] as const;
    const [, nonce, ad, key] = parts;
    const sealed = ours.chaCha20Poly1305Encrypt(randomBytes(length), nonce, ad, key).subarray();
    const open = (...[text, ...rest]: readonly [Uint8Array, Uint8Array, Uint8Array, Uint8Array]): unknown =>
      ours.chaCha20Poly1305Decrypt(text.slice(), ...rest);
    assert.doesNotThrow(() => open(sealed, nonce, ad, key));
    const changed = (octets: Uint8Array, at: number): Uint8Array =>
      octets.map((octet, i) => (i === at ? octet ^ 1 : octet));
    for (const at of [0, length - 1, length, length + 15])
      assert.throws(() => open(changed(sealed, at), nonce, ad, key), `octet ${at}`);
    assert.throws(() => open(sealed, changed(nonce, 11), ad, key));
    assert.throws(() => open(sealed, nonce, changed(ad, 0), key));
    assert.throws(() => open(sealed, nonce, ad, changed(key, 31)));
    assert.throws(() => open(sealed.subarray(0, length), nonce, ad, key));
  }
});
