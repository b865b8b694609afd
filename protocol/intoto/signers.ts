/** Whose signatures on a document hold. */
import { concat } from "../bytes/index.ts";
import {
  keyIdKha,
  keyIdPlain,
  keyName,
  openPgpPacket,
  openPgpTail,
  SIGNATURE_BYTES,
  verifySignature,
} from "../crypto/index.ts";
import type { PublicKey } from "../crypto/index.ts";
import { MAX_KEY_TRIALS } from "../limits.ts";
import type { Signature } from "../attestation/index.ts";

import type { Document, LinkPlace, SignedDocument } from "./types.ts";

/** Ids by which documents may name a key; made once a key. */
const IDS = new WeakMap<PublicKey, readonly string[]>();

/** The document with those of `keys` that signed it, each once. Ids are hints: they say only which key is tried first. */
export function checkSigners(
  document: Document,
  keys: readonly PublicKey[],
  place: LinkPlace,
): Promise<SignedDocument> {
  const found = new Map<string, PublicKey>();
  const trials: Trials = { left: MAX_KEY_TRIALS };
  const from = (at: number): Promise<void> => {
    const signature = document.signatures[at];
    if (signature === undefined) return Promise.resolve();
    const open = keys.filter((key) => fits(signature, key) && !found.has(keyName(key)));
    return signerOf(document, signature, hintedFirst(open, signature), trials).then((key) => {
      if (key !== null) found.set(keyName(key), key);
      return from(at + 1);
    });
  };
  return from(0).then(() => Object.freeze({ document, signers: Object.freeze([...found.values()]), place }));
}

function hintedFirst(keys: readonly PublicKey[], { keyid }: Signature): readonly PublicKey[] {
  if (keyid === null) return keys;
  const isNamed = (key: PublicKey): boolean => idsOf(key).includes(keyid);
  return [...keys.filter(isNamed), ...keys.filter((key) => !isNamed(key))];
}

/** How many keys may still be tried on a document. */
interface Trials {
  left: number;
}

/** The first that holds. */
function signerOf(
  document: Document,
  signature: Signature,
  keys: readonly PublicKey[],
  trials: Trials,
  at = 0,
): Promise<PublicKey | null> {
  const key = keys[at];
  if (key === undefined || trials.left-- <= 0) return Promise.resolve(null);
  return holds(document, signature, key).then((good) =>
    good ? key : signerOf(document, signature, keys, trials, at + 1),
  );
}

function holds(
  { signedBytes }: Document,
  { sig, openPgpHeaders }: Signature,
  key: PublicKey,
): Promise<boolean> {
  if (openPgpHeaders === null) return verifySignature(key, signedBytes, sig);
  // in-toto keeps of an OpenPGP signature what is signed of it and its value.
  const message = concat(signedBytes, openPgpTail(openPgpHeaders));
  return verifySignature(key, message, openPgpPacket(openPgpHeaders, sig));
}

/** An OpenPGP signature signs a part of itself too, so no plain key's signature is one. */
function fits({ sig, openPgpHeaders }: Signature, { type }: PublicKey): boolean {
  if ((openPgpHeaders !== null) !== (type === "openpgp")) return false;
  return type !== "ed25519" || sig.length === SIGNATURE_BYTES;
}

function idsOf(key: PublicKey): readonly string[] {
  const known = IDS.get(key) ?? [keyIdPlain(key), keyIdKha(key)];
  IDS.set(key, known);
  return known;
}
