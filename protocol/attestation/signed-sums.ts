/**
 * A list of sums with an OpenPGP signature beside it, as one document that a feed can carry: the text as it was signed, and the packet of
 * the signature. Everything that is read out of it is in the signed text (RULES R14): who wraps a list can't change what it says.
 */
import { concat, fromBase64, jsonObject, toBase64, utf8, writeJson } from "../bytes/index.ts";
import type { RecordShape } from "../bytes/index.ts";
import { openPgpTail, readOpenPgpSignature } from "../crypto/index.ts";
import { MAX_CERTIFICATE_BYTES, MAX_KEY_ID_BYTES } from "../limits.ts";
import type { Claim } from "./claim.ts";
import { assertEntrySize } from "./dsse.ts";
import { sumsClaims } from "./guix.ts";
import type { Signature } from "./signature.ts";
import { parseSums } from "./sums.ts";

/** Stands where other attestations have the URI of a predicate. */
export const SIGNED_SUMS = "sha256sums";

export interface SignedSums {
  /** The text and what its signature adds: what OpenPGP hashes, so that the claim id covers the signer's time too. */
  readonly signedBytes: Uint8Array;
  readonly signature: Signature;
  readonly claims: readonly Claim[];
}

/** Reads `{"sums": text, "openpgp": base64, "keyid": fingerprint?}`. Throws `sums/…`, `openpgp/…`, `bytes/…`, `shape/…`. */
export function readSignedSums(outer: RecordShape): SignedSums {
  const list = utf8(outer.string("sums"));
  const packet = fromBase64(outer.string("openpgp", MAX_CERTIFICATE_BYTES));
  const keyid = outer.optional("keyid")?.string(MAX_KEY_ID_BYTES) ?? "";
  outer.done();
  const { signed, created } = readOpenPgpSignature(packet);
  return {
    signedBytes: concat(list, openPgpTail(signed)),
    signature: Object.freeze({ keyid: keyid === "" ? null : keyid, sig: packet, openPgpHeaders: signed }),
    claims: sumsClaims(parseSums(list), created),
  };
}

/** One line of JSON without its newline. `list` is the text octet for octet. Throws `attestation/too-big`, and `bytes/bad-utf8`. */
export function wrapSums(list: string, packet: Uint8Array, keyid: string): Uint8Array {
  const bytes = writeJson(jsonObject({ sums: list, openpgp: toBase64(packet), keyid }));
  assertEntrySize(bytes);
  return bytes;
}
