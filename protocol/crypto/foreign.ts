/** Signatures that others' tools made over attestations. Feeds, checkpoints and cosignatures never come here: they are Ed25519. */
import { verifyEcdsaP256 } from "./ecdsa.ts";
import { verifyEd25519 } from "./ed25519.ts";
import type { PublicKey } from "./key.ts";
import { verifyOpenPgp } from "./openpgp.ts";
import { verifyRsa } from "./rsa.ts";

/** Checks one signature: false for whatever is wrong with it, never a rejection because of foreign octets. */
export type ForeignVerifier = (
  key: PublicKey,
  message: Uint8Array,
  signature: Uint8Array,
) => Promise<boolean>;

const VERIFIERS: Readonly<Record<PublicKey["type"], ForeignVerifier>> = {
  ed25519: (key, message, signature) => Promise.resolve(verifyEd25519(key.raw, message, signature)),
  "ecdsa-p256": (key, message, signature) => verifyEcdsaP256(key.spki, message, signature),
  rsa: (key, message, signature) => verifyRsa(key.spki, message, signature),
  openpgp: (key, message, signature) => verifyOpenPgp(key.raw, message, signature),
};

/** Whether `signature` is `key`'s on `message`, by the rule of the key's type (`protocol/spec/keys.md`). */
export const verifySignature: ForeignVerifier = (key, message, signature) =>
  VERIFIERS[key.type](key, message, signature);
