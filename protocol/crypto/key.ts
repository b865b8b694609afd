/** Public keys of builders, feeds and witnesses, in every writing that reaches us, and the key ids that others call them by. */
import {
  canonicalJson,
  equalBytes,
  fromBase64,
  jsonObject,
  reading,
  readPem,
  readPkcs8,
  readSpki,
  toBase64,
  toHex,
  writeEd25519Spki,
  writePem,
  writePkcs8,
  writeRebuilderdSpki,
} from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import { KEY_BYTES, assertUsableKey, publicFromSeed } from "./ed25519.ts";
import { sha256Hex } from "./hash.ts";
import { openPgpFingerprint, readOpenPgpKey } from "./openpgp-key.ts";
import { SSH_KEY_TYPES, sshLineToSpki } from "./ssh-key.ts";
import { NOTE_ED25519, parseVkey } from "./vkey.ts";

/** A key that may verify. Keys are the same exactly when type and `raw` are; key ids are others' names for them, and hints. */
export interface PublicKey {
  readonly type: "ed25519" | "ecdsa-p256" | "rsa" | "openpgp";
  /** 32 octets for ed25519; the octets of its packet for openpgp; the SubjectPublicKeyInfo for the others. */
  readonly raw: Uint8Array;
  /** SubjectPublicKeyInfo in the standard writing; for openpgp of what is inside: the same key in two guises has one. */
  readonly spki: Uint8Array;
}

/** What a line with an OpenPGP key begins with. */
const OPENPGP_SCHEME = "openpgp:";
/** The version, with which the packet of an OpenPGP key begins: neither an SPKI nor 32 octets. */
const OPENPGP_VERSION = 0x04;
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
 * The OpenPGP key, primary or subkey, of the octets of its packet (version 4): a key by itself, whatever certificates say of it. Throws
 * `key/…`.
 */
export function openPgpKey(body: Uint8Array): PublicKey {
  const { material } = readOpenPgpKey(body);
  return Object.freeze({ type: "openpgp", raw: new Uint8Array(body), spki: material.spki });
}

/** The one line in which policies name an OpenPGP key. */
export function toOpenPgpLine(key: PublicKey): string {
  return `${OPENPGP_SCHEME}${toBase64(key.raw)}`;
}

/**
 * A builder's key as people write it: PEM (SPKI of RFC 8410 or as rebuilderd writes it, LF or CRLF; also ECDSA P-256 and RSA), a C2SP
 * verifier key of type 01, a line of OpenSSH's (`ssh-ed25519 AAAA…`), or `openpgp:` and base64. Throws `der/…`, `key/…`.
 */
export function parsePublicKey(text: string): PublicKey {
  if (text.startsWith(OPENPGP_SCHEME)) return parseOpenPgpLine(text);
  if (SSH_KEY_TYPES.some((type) => text.startsWith(`${type} `))) return publicKeyOfSpki(sshLineToSpki(text));
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
  return publicKeyOfSpki(der);
}

/** The key of a SubjectPublicKeyInfo. Throws `der/…`, `key/…`. */
export function publicKeyOfSpki(der: Uint8Array): PublicKey {
  const { type, key, spki } = readSpki(der);
  return type === "ed25519" ? ed25519Key(key) : Object.freeze({ type, raw: spki, spki });
}

function parseOpenPgpLine(text: string): PublicKey {
  const body = reading("key/bad-openpgp", "OpenPGP key", () =>
    fromBase64(text.trimEnd().slice(OPENPGP_SCHEME.length)),
  );
  return openPgpKey(body);
}

/** The key of its `raw` octets, as wire, store and evidence name signers: 32 of Ed25519, an OpenPGP key packet, else an SPKI. */
export function publicKeyOf(octets: Uint8Array): PublicKey {
  if (octets.length === KEY_BYTES) return ed25519Key(octets);
  if (octets[0] === OPENPGP_VERSION) return openPgpKey(octets);
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

/** What tells keys apart, as `sameKey` does: each guise of a key has signatures that only it verifies. */
export function guiseName({ type, raw }: Pick<PublicKey, "type" | "raw">): string {
  return `${type} ${toHex(raw)}`;
}

/** What a key is known by in whatever guise: as OpenPGP's and by itself it is one. */
export function keyName({ spki }: Pick<PublicKey, "spki">): string {
  return toHex(spki);
}

/**
 * Key id without `keyid_hash_algorithms` (securesystemslib ≥ 1.0, in-toto ≥ 2.2): 64 hex digits; of an OpenPGP key its fingerprint, 40,
 * which in-toto calls it too.
 */
export function keyIdPlain(key: PublicKey): string {
  if (key.type === "openpgp") return openPgpFingerprint(key.raw);
  return sha256Hex(canonicalJson(jsonObject(keyMembers(key))));
}

/** Key id with `keyid_hash_algorithms` (rebuilderd, in-toto 1.x, in-toto-golang): 64 hex digits. */
export function keyIdKha(key: PublicKey): string {
  if (key.type === "openpgp") return keyIdPlain(key);
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
    case "openpgp":
      throw new ProtocolError("key/unsupported", "an OpenPGP key has a fingerprint, and no other key id");
  }
}

function members(
  keytype: string,
  scheme: string,
  value: string,
): Readonly<Record<string, string | ReadonlyMap<string, string>>> {
  return { keytype, keyval: new Map([["public", value]]), scheme };
}
