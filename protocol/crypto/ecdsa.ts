/** ECDSA on P-256 with SHA-256, signatures in DER (RFC 3279 2.2.3): cosign, hardware keys, in-toto. */
import { readEcdsaSignature, tried } from "../bytes/index.ts";

const P256 = { name: "ECDSA", namedCurve: "P-256" };
const COORDINATE_BYTES = 32;

/** Whether a DER signature is the key's (SubjectPublicKeyInfo). High s counts like low s: nothing is known by a signature's octets. */
export function verifyEcdsaP256(
  spki: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  const raw = rawSignature(signature);
  return raw === null ? Promise.resolve(false) : verifyEcdsaRaw(spki, "SHA-256", message, raw);
}

/** The same for a signature as r || s (64 octets) over a hash of SHA-2. */
export function verifyEcdsaRaw(
  spki: Uint8Array,
  hash: "SHA-256" | "SHA-384" | "SHA-512",
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  return crypto.subtle.importKey("spki", new Uint8Array(spki), P256, false, ["verify"]).then(
    (key) => crypto.subtle.verify({ ...P256, hash }, key, new Uint8Array(signature), new Uint8Array(message)),
    () => false, // the point is not on the curve
  );
}

/** r || s, as WebCrypto wants it; null for what is not exactly one DER signature. */
function rawSignature(der: Uint8Array): Uint8Array<ArrayBuffer> | null {
  return tried(() => new Uint8Array(readEcdsaSignature(der, COORDINATE_BYTES)));
}
