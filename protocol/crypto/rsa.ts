/** RSA of 2,048 to 4,096 bits with SHA-256: PSS (securesystemslib, in-toto) or PKCS#1 v1.5 (KMS, cosign), RFC 8017. */
import { readSpki } from "../bytes/index.ts";

/** The two schemes; PSS with the one salt length that in-toto's tools write. */
const PSS = { name: "RSA-PSS", hash: "SHA-256", saltLength: 32 };
const PKCS1 = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };

/** Whether a signature is the key's (SubjectPublicKeyInfo, its size checked when it was read) in either scheme. */
export function verifyRsa(spki: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  // RFC 8017 8.1.2 and 8.2.2, step 1. OpenSSL also takes a PSS signature whose leading zero octets were dropped.
  if (signature.length !== readSpki(spki).key.length) return Promise.resolve(false);
  return verifyWith(PSS, spki, message, signature).then(
    (good) => good || verifyWith(PKCS1, spki, message, signature),
  );
}

/** The same in PKCS#1 v1.5 alone and over a hash of SHA-2; the signature has as many octets as the modulus. */
export function verifyRsaPkcs1(
  spki: Uint8Array,
  hash: "SHA-256" | "SHA-384" | "SHA-512",
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  return verifyWith({ name: PKCS1.name, hash }, spki, message, signature);
}

function verifyWith(
  scheme: { readonly name: string; readonly hash: string; readonly saltLength?: number },
  spki: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  return crypto.subtle.importKey("spki", new Uint8Array(spki), scheme, false, ["verify"]).then(
    (key) => crypto.subtle.verify(scheme, key, new Uint8Array(signature), new Uint8Array(message)),
    () => false, // numbers that are no RSA key
  );
}
