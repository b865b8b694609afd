/** Who may sign a document, and whether enough of them have (TUF 1.0, sections 4.3 and 5.3.4; RULES R2). */
import { counted, quote, toHex } from "../bytes/index.ts";
import type { RecordShape, Shape } from "../bytes/index.ts";
import { ed25519Key, KEY_BYTES, SIGNATURE_BYTES, verifyEd25519 } from "../crypto/index.ts";
import type { PublicKey } from "../crypto/index.ts";
import { ProtocolError } from "../errors.ts";
import { MAX_KEY_ID_BYTES, MAX_TRUST_KEYS } from "../limits.ts";
import type { Metadata } from "./metadata.ts";

/** Keys of which `threshold` have to sign. The ids are the document's names for them: two of one key are one signer. */
export interface Role {
  readonly keys: ReadonlyMap<string, PublicKey>;
  readonly threshold: number;
}

/** Keys by their ids; null is a kind of key that signs nothing here. */
export type KeyRing = ReadonlyMap<string, PublicKey | null>;

/** The keys that a document lists. Only Ed25519 signs for a domain; other kinds are let be. Throws `shape/…`, `key/…`. */
export function readKeys(shape: Shape): KeyRing {
  const keys = new Map<string, PublicKey | null>();
  for (const [keyid, item] of shape.table(MAX_TRUST_KEYS)) {
    assertKeyId(item, keyid);
    const key = item.record();
    const isEd25519 = key.string("keytype") === "ed25519" && key.string("scheme") === "ed25519";
    keys.set(keyid, isEd25519 ? ed25519Key(key.record("keyval").member("public").hex(KEY_BYTES)) : null);
  }
  return keys;
}

/**
 * A role of the document that lists the keys. Throws `trust/bad-role` where it could never be filled, or names a key that is not listed
 * or named before.
 */
export function readRole(role: RecordShape, ring: KeyRing): Role {
  const keys = new Map<string, PublicKey>();
  const named = new Set<string>();
  for (const item of role.list("keyids", MAX_TRUST_KEYS)) {
    const keyid = item.string(MAX_KEY_ID_BYTES);
    const key = ring.get(keyid);
    if (key === undefined)
      return item.fail("trust/bad-role", `the key ${quote(keyid)} is not among the document's`);
    if (named.has(keyid)) item.fail("trust/bad-role", `the key ${quote(keyid)} is named twice`);
    named.add(keyid);
    if (key !== null) keys.set(keyid, key);
  }
  const threshold = role.integer("threshold", 1, MAX_TRUST_KEYS);
  const distinct = new Set([...keys.values()].map(({ raw }) => toHex(raw))).size;
  if (threshold > distinct) {
    role.shape.fail(
      "trust/bad-role",
      `${threshold} have to sign, and it has ${counted(distinct, "Ed25519 key")}: nothing could ever be signed`,
    );
  }
  return Object.freeze({ keys, threshold });
}

/** The keys of the role whose signatures under the document hold, each once. */
export function signersOf({ signatures, signedBytes }: Metadata, role: Role): readonly PublicKey[] {
  const signers = new Map<string, PublicKey>();
  for (const [keyid, sig] of signatures) {
    const key = role.keys.get(keyid);
    if (key === undefined || sig.length !== SIGNATURE_BYTES || signers.has(toHex(key.raw))) continue;
    if (verifyEd25519(key.raw, signedBytes, sig)) signers.set(toHex(key.raw), key);
  }
  return [...signers.values()];
}

/** Throws `trust/not-signed` unless enough of the role have signed. `whose` names the role for people. */
export function assertSigned(document: Metadata, role: Role, whose: string): void {
  const signers = signersOf(document, role).length;
  if (signers < role.threshold) {
    throw new ProtocolError(
      "trust/not-signed",
      `${whose} has signed ${signers} of ${role.threshold} times: pass the file to its other keys`,
    );
  }
}

function assertKeyId(shape: Shape, keyid: string): void {
  if (keyid === "" || keyid.length > MAX_KEY_ID_BYTES) {
    shape.fail("shape/out-of-range", `a key id has 1 to ${MAX_KEY_ID_BYTES} characters`);
  }
}
