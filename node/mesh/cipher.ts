import { createCipheriv, createDecipheriv, createSecretKey } from "node:crypto";
import type { KeyObject } from "node:crypto";
import type { ICryptoInterface } from "@libp2p/noise";
import { asCrypto, defaultCrypto } from "@libp2p/noise/crypto";

const CIPHER = "chacha20-poly1305";
const TAG_BYTES = 16;
/** Below it WebAssembly is faster than OpenSSL, whose cost is in its beginnings. */
const SMALL_BYTES = 1_024;

/**
 * noise's cipher (ChaCha20-Poly1305, RFC 8439) with OpenSSL's form of each key made once. `@libp2p/noise` hands the raw
 * key to every message, and Node makes and throws an exception in finding out that it is raw: 16 to 27 µs for a message
 * against 9 µs, 5 % of all CPU in a mesh of 20.
 */
export function keyedCipher(): ICryptoInterface {
  const keys = new WeakMap<Uint8Array, KeyObject>();
  const keyOf = (raw: Uint8Array): KeyObject => {
    let key = keys.get(raw);
    if (key === undefined) keys.set(raw, (key = createSecretKey(raw)));
    return key;
  };
  return {
    ...defaultCrypto,
    chaCha20Poly1305Encrypt(plain, nonce, ad, raw) {
      if (plain.byteLength < SMALL_BYTES) return asCrypto.chaCha20Poly1305Encrypt(plain, nonce, ad, raw);
      const cipher = createCipheriv(CIPHER, keyOf(raw), nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(ad, { plaintextLength: plain.byteLength });
      return Buffer.concat([cipher.update(plain.subarray()), cipher.final(), cipher.getAuthTag()]);
    },
    /** Throws for what was not sealed with this key, nonce and `ad`. */
    chaCha20Poly1305Decrypt(sealed, nonce, ad, raw, dst) {
      if (sealed.byteLength < SMALL_BYTES)
        return asCrypto.chaCha20Poly1305Decrypt(sealed, nonce, ad, raw, dst);
      const length = sealed.byteLength - TAG_BYTES;
      const decipher = createDecipheriv(CIPHER, keyOf(raw), nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(ad, { plaintextLength: length });
      decipher.setAuthTag(sealed.subarray(length));
      const plain = decipher.update(sealed.subarray(0, length));
      decipher.final(); // throws where the tag is wrong; a stream cipher holds no text back
      return plain;
    },
  };
}
