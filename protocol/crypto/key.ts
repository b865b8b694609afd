/** Public keys of builders, feeds and witnesses, in every writing that reaches us, and the key ids that others call them by. */
import {
  canonicalJson,
  equalBytes,
  jsonObject,
  readPem,
  readPkcs8,
  readSpki,
  toHex,
  writeEd25519Spki,
  writePem,
  writePkcs8,
  writeRebuilderdSpki,
} from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import { KEY_BYTES, assertUsableKey, publicFromSeed } from "./ed25519.ts";
import { sha256Hex } from "./hash.ts";
import { NOTE_ED25519, parseVkey } from "./vkey.ts";

/** A key that may verify. Keys are the same exactly when type and `raw` are; key ids are others' names for them, and hints. */
export interface PublicKey {
  readonly type: "ed25519" | "ecdsa-p256" | "rsa";
  /** 32 octets for ed25519; the SubjectPublicKeyInfo for the others. */
  readonly raw: Uint8Array;
  /** SubjectPublicKeyInfo in the standard writing. */
  readonly spki: Uint8Array;
}

const PUBLIC_LABEL = "PUBLIC KEY";
const PRIVATE_LABEL = "PRIVATE KEY";

/** The Ed25519 key of 32 octets. Throws `key/small-order` where they are no key that anything could be verified with. */
export function ed25519Key(raw: Uint8Array): PublicKey {
  assertUsableKey(raw);
  // Not slice(): of a Buffer that is a window on shared memory.
  const copy = new Uint8Array(raw);
  return Object.freeze({ type: "ed25519", raw: copy, spki: writeEd25519Spki(copy) });
}

/**
 * A builder's key as people write it: PEM (SPKI of RFC 8410 or as rebuilderd writes it, LF or CRLF; also ECDSA P-256 and RSA), or a
 * C2SP verifier key of type 01. Throws `der/…`, `key/…`.
 */
export function parsePublicKey(text: string): PublicKey {
  if (!text.startsWith("-----BEGIN ")) {
    const vkey = parseVkey(text.trimEnd());
    if (vkey.type === NOTE_ED25519) return ed25519Key(vkey.raw);
    throw new ProtocolError(
      "key/bad-vkey",
      "this verifier key is a witness's (type 04); a builder's has type 01",
    );
  }
  const { label, der } = readPem(text);
  if (label !== PUBLIC_LABEL) {
    throw new ProtocolError("der/bad-pem", `a ${PUBLIC_LABEL} block expected, not ${label}`);
  }
  const { type, key, spki } = readSpki(der);
  return type === "ed25519" ? ed25519Key(key) : Object.freeze({ type, raw: spki, spki });
}

/** The key of its `raw` octets, as wire, store and evidence name signers: 32 of Ed25519, else an SPKI in its standard writing. */
export function publicKeyOf(octets: Uint8Array): PublicKey {
  if (octets.length === KEY_BYTES) return ed25519Key(octets);
  const { type, spki } = readSpki(octets);
  if (type === "ed25519" || !equalBytes(spki, octets)) {
    throw new ProtocolError(
      "der/bad-key",
      "a signer is named by the 32 octets of its Ed25519 key, others by their standard SPKI",
    );
  }
  return Object.freeze({ type, raw: spki, spki });
}

/** Whether two are the same key. */
export function sameKey(a: PublicKey, b: PublicKey): boolean {
  return a.type === b.type && equalBytes(a.raw, b.raw);
}

/** Key id without `keyid_hash_algorithms` (securesystemslib ≥ 1.0, in-toto ≥ 2.2): 64 hex digits. */
export function keyIdPlain(key: PublicKey): string {
  return sha256Hex(canonicalJson(jsonObject(keyMembers(key))));
}

/** Key id with `keyid_hash_algorithms` (rebuilderd, in-toto 1.x, in-toto-golang): 64 hex digits. */
export function keyIdKha(key: PublicKey): string {
  return sha256Hex(
    canonicalJson(jsonObject({ keyid_hash_algorithms: ["sha256", "sha512"], ...keyMembers(key) })),
  );
}

/** PEM as OpenSSL and everybody but in-toto-rs reads it. */
export function toSpkiPem(key: PublicKey): string {
  return writePem(PUBLIC_LABEL, key.spki);
}

/** PEM as rebuilderd and repro-threshold (in-toto-rs) read and write it: NULL parameters, CRLF. Only Ed25519. */
export function toRebuilderdPem(key: PublicKey): string {
  if (key.type !== "ed25519") {
    throw new ProtocolError("key/unsupported", `rebuilderd has only Ed25519 keys; this one is ${key.type}`);
  }
  return writePem(PUBLIC_LABEL, writeRebuilderdSpki(key.raw), "\r\n");
}

/** The 32-octet seed of a PKCS#8 PEM, version 1 (OpenSSL) or 2 (rebuilderd; its public half must fit). Throws `der/…`. */
export function readPrivateKey(pem: string): Uint8Array {
  const { label, der } = readPem(pem);
  if (label !== PRIVATE_LABEL) {
    throw new ProtocolError("der/bad-pem", `a ${PRIVATE_LABEL} block expected, not ${label}`);
  }
  const { seed, publicKey } = readPkcs8(der);
  if (publicKey !== null && !equalBytes(publicKey, publicFromSeed(seed))) {
    throw new ProtocolError("der/bad-key", "the private key file names a public key that is not its own");
  }
  return seed;
}

/** PKCS#8 version 1 of a seed, as `openssl genpkey` writes it. */
export function toPkcs8Pem(seed: Uint8Array): string {
  return writePem(PRIVATE_LABEL, writePkcs8(seed));
}

/** The members over which both dialects of key ids hash (securesystemslib's key format). */
function keyMembers(key: PublicKey): Readonly<Record<string, string | ReadonlyMap<string, string>>> {
  switch (key.type) {
    case "ed25519":
      return members("ed25519", "ed25519", toHex(key.raw));
    case "ecdsa-p256":
      return members("ecdsa", "ecdsa-sha2-nistp256", toSpkiPem(key).trimEnd());
    case "rsa":
      return members("rsa", "rsassa-pss-sha256", toSpkiPem(key).trimEnd());
  }
}

function members(
  keytype: string,
  scheme: string,
  value: string,
): Readonly<Record<string, string | ReadonlyMap<string, string>>> {
  return { keytype, keyval: new Map([["public", value]]), scheme };
}
