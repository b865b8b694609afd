/** Bad leaves: an entry by which a feed passes something off as its own attestation (RULES R9). */
import { tried } from "../bytes/index.ts";
import { parseAttestation, verifyOwn } from "../attestation/index.ts";
import type { Attestation } from "../attestation/index.ts";
import { ed25519Key, keyIdKha, keyIdPlain } from "../crypto/index.ts";
import type { PublicKey } from "../crypto/index.ts";
import { ProtocolError } from "../errors.ts";
import type { VerifiedEntry } from "../feed/index.ts";
import { freezeProven } from "./proven.ts";
import type { Proven } from "./proven.ts";

export interface BadLeafEvidence extends Proven {
  readonly kind: "bad-leaf";
  /** The entry under a head that the feed signed. */
  readonly leaf: VerifiedEntry;
  /** Its inclusion proof, leaf's sibling first. */
  readonly path: readonly Uint8Array[];
}

/** Proof that a feed holds a forged attestation of its own; null where this entry shows none. */
export function proveBadLeaf(leaf: VerifiedEntry, path: readonly Uint8Array[]): BadLeafEvidence | null {
  return isForgedOwn(leaf.entry, leaf.head.key) ? freezeProven({ kind: "bad-leaf", leaf, path }) : null;
}

/** As `proveBadLeaf`, but throws `evidence/no-bad-leaf`. */
export function badLeaf(leaf: VerifiedEntry, path: readonly Uint8Array[]): BadLeafEvidence {
  const evidence = proveBadLeaf(leaf, path);
  if (evidence === null) {
    throw new ProtocolError(
      "evidence/no-bad-leaf",
      `entry ${leaf.index} is no forged attestation of its feed: its signature holds, or it is given out as somebody else's`,
    );
  }
  return evidence;
}

/**
 * Whether an entry is a DSSE envelope whose one signature is given out, by key id, as that of `feedKey`, and is not. A key id never
 * makes a signature good; but who signs a head over a leaf that bears its own key id must have looked at the signature. An envelope
 * under another key id, or none, may be carried for somebody else and is never held against the feed.
 */
export function isForgedOwn(entry: Uint8Array, feedKey: Uint8Array): boolean {
  const attestation = readable(entry);
  if (attestation === null || !isGivenOutAsOwn(attestation, ed25519Key(feedKey))) return false;
  return verifyOwn(attestation, feedKey) === null;
}

/** The half of it that costs no signature: whether the one signature of a DSSE envelope bears the key id of the feed's key. */
export function isGivenOutAsOwn({ form, signatures }: Attestation, key: PublicKey): boolean {
  const [signature, ...more] = signatures;
  if (form !== "dsse" || signature === undefined || more.length > 0) return false;
  return signature.keyid === keyIdPlain(key) || signature.keyid === keyIdKha(key);
}

/** What no parser reads is nobody's attestation: it counts for nothing and accuses nobody. */
function readable(entry: Uint8Array): ReturnType<typeof parseAttestation> | null {
  return tried(() => parseAttestation(entry));
}
