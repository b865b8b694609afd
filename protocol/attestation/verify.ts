/** From an attestation to a verified one: the only place that makes the type. */
import { concat } from "../bytes/index.ts";
import {
  ed25519Key,
  openPgpPacket,
  openPgpTail,
  sha256,
  sha256Hex,
  SIGNATURE_BYTES,
  verifyEd25519,
  verifySignature,
} from "../crypto/index.ts";
import type { PublicKey } from "../crypto/index.ts";
import type { Attestation } from "./attestation.ts";
import type { Signature } from "./signature.ts";

declare const checked: unique symbol;

/** An attestation that `signer` signed. */
export type Verified = Attestation & {
  readonly signer: PublicKey;
  /** Claim id, 64 hex digits (RULES R3): what dedup, votes, records, retractions and evidence go by. */
  readonly id: string;
  readonly [checked]: true;
};

/** One signature to be checked elsewhere, e.g. off the event loop. */
export interface SignatureToCheck {
  readonly key: PublicKey;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * Whether a feed's own key signed its leaf (RULES R9): a DSSE envelope with exactly one signature, which holds for the 32 octets of
 * `raw`; key ids play no part. Null where it does not.
 */
export function verifyOwn(attestation: Attestation, raw: Uint8Array): Verified | null {
  const only = onlySignature(attestation);
  if (only === null) return null;
  return verifyEd25519(raw, attestation.signedBytes, only.sig)
    ? verified(attestation, ed25519Key(raw))
    : null;
}

/** What must be checked to know what `verifyOwn` says, elsewhere; null where it says no without a check. */
export function ownSignature(attestation: Attestation, key: PublicKey): SignatureToCheck | null {
  const only = onlySignature(attestation);
  return only === null ? null : { key, message: attestation.signedBytes, signature: only.sig };
}

function onlySignature({ form, signatures }: Attestation): Signature | null {
  const [only] = signatures;
  if (form !== "dsse" || only === undefined || signatures.length > 1) return null;
  return only.openPgpHeaders === null ? only : null;
}

/** Whether any of its signatures is `key`'s, by trying them: key ids are hints. Null where none is. */
export async function verifyWith(attestation: Attestation, key: PublicKey): Promise<Verified | null> {
  for (const { message, signature } of signatureItems(attestation, key)) {
    const holds =
      key.type === "ed25519"
        ? verifyEd25519(key.raw, message, signature)
        : await verifySignature(key, message, signature);
    if (holds) return verified(attestation, key);
  }
  return null;
}

/** What must be checked to know that `key` signed: it did if any of them holds. Empty where no signature can be of such a key. */
export function signatureItems(attestation: Attestation, key: PublicKey): readonly SignatureToCheck[] {
  return attestation.signatures
    .filter((signature) => fits(signature, key))
    .map((signature) => itemOf(attestation, signature, key));
}

/** in-toto keeps of an OpenPGP signature what is signed of it and its value: the document's octets do not end with the former. */
function itemOf(
  { form, signedBytes }: Attestation,
  { sig, openPgpHeaders }: Signature,
  key: PublicKey,
): SignatureToCheck {
  if (openPgpHeaders === null || form === "sums") return { key, message: signedBytes, signature: sig };
  return {
    key,
    message: concat(signedBytes, openPgpTail(openPgpHeaders)),
    signature: openPgpPacket(openPgpHeaders, sig),
  };
}

/**
 * The verified attestation, where whoever calls this has had `signatureItems` checked and one of them held. For the engine, whose
 * driver checks; everybody else calls `verifyWith`.
 */
export function trustChecked(attestation: Attestation, key: PublicKey): Verified {
  return verified(attestation, key);
}

/**
 * Claim id: SHA-256(raw signer key ‖ SHA-256(signed octets)) in hex. Not over the envelope: key ids, the base64 alphabet, order and
 * number of signatures can be changed by anybody. Of a key that is not Ed25519, raw is its SubjectPublicKeyInfo, or the octets of
 * its OpenPGP packet.
 */
export function claimId(signerRaw: Uint8Array, signedBytes: Uint8Array): string {
  return sha256Hex(signerRaw, sha256(signedBytes));
}

/** An OpenPGP signature signs a part of itself too, so no plain key's signature is one; an Ed25519 signature has 64 octets. */
function fits(signature: Signature, key: PublicKey): boolean {
  if ((signature.openPgpHeaders !== null) !== (key.type === "openpgp")) return false;
  return key.type !== "ed25519" || signature.sig.length === SIGNATURE_BYTES;
}

function verified(attestation: Attestation, signer: PublicKey): Verified {
  const id = claimId(signer.raw, attestation.signedBytes);
  return Object.freeze({ ...attestation, signer, id }) as Verified;
}
