import {
  equalBytes,
  keyIdPlain,
  parseAttestation,
  proveBadLeaf,
  ProtocolError,
  toHex,
  verifyOwn,
  verifyWith,
} from "../../../protocol/index.ts";
import type { Attestation, Claim, Verified } from "../../../protocol/index.ts";
import type { ProvenLeaf } from "../../source/index.ts";
import { claimObject } from "../claim-object.ts";
import { plain } from "../show/index.ts";
import type { KnownKey } from "../show/index.ts";

/**
 * What can be said of a leaf from its octets and the keys at hand (RULES R9): `good` = somebody known signed it; `bad` = given out as the
 * feed's own, and not; `unchecked` = by a key that is not at hand; `unreadable` = no attestation, so it counts for nothing.
 */
export interface LeafView {
  readonly leaf: ProvenLeaf;
  readonly state: "good" | "bad" | "unchecked" | "unreadable";
  readonly attestation: Attestation | null;
  /** By whom, where it is good. */
  readonly verified: Verified | null;
  /** Why it is unreadable, in words. */
  readonly reason: string | null;
}

const KEY_ID_SHOWN = 16;
const CLAIMS_SHOWN = 1;

/** Reads a leaf and looks for who signed it: the feed's own key, then the keys at hand. */
export async function viewLeaf(leaf: ProvenLeaf, keys: readonly KnownKey[]): Promise<LeafView> {
  const { head, entry } = leaf.verified;
  let attestation: Attestation;
  try {
    attestation = parseAttestation(entry);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    const reason = `${error.message} (${error.code})`;
    return { leaf, state: "unreadable", attestation: null, verified: null, reason };
  }
  const own = verifyOwn(attestation, head.key);
  // Evidence against the feed, whoever did make the signature.
  if (own === null && proveBadLeaf(leaf.verified, leaf.path) !== null)
    return { leaf, state: "bad", attestation, verified: null, reason: null };
  const verified = own ?? (await signedBy(attestation, keys));
  return { leaf, state: verified === null ? "unchecked" : "good", attestation, verified, reason: null };
}

async function signedBy(attestation: Attestation, keys: readonly KnownKey[]): Promise<Verified | null> {
  for (const { key } of keys) {
    const verified = await verifyWith(attestation, key);
    if (verified !== null) return verified;
  }
  return null;
}

/** One line for people: index, state, kind, signer, what it says, and of what. */
export function leafLine(view: LeafView): string {
  const { leaf, state, attestation, reason } = view;
  const start = `${String(leaf.verified.index).padStart(6)}  ${state.padEnd(10)}`;
  if (attestation === null) return `${start}  ${plain(reason ?? "")}`;
  const { claims, predicateType } = attestation;
  const shown = claims
    .slice(0, CLAIMS_SHOWN)
    .map((claim) => `${claim.kind.padEnd(10)}  ${signer(view)}  ${said(claim)}`);
  const more = claims.length > CLAIMS_SHOWN ? `  and ${claims.length - CLAIMS_SHOWN} more` : "";
  const what = shown[0] ?? `${"unknown".padEnd(10)}  ${signer(view)}  ${plain(predicateType)}`;
  return `${start}  ${what}${more}`;
}

/** The key id of who signed; with ? of who is said to have. */
function signer({ verified, attestation }: LeafView): string {
  if (verified !== null)
    return keyIdPlain(verified.signer)
      .slice(0, KEY_ID_SHOWN)
      .padEnd(KEY_ID_SHOWN + 1);
  const hint = attestation?.signatures[0]?.keyid ?? "";
  return `${plain(hint).slice(0, KEY_ID_SHOWN)}?`.padEnd(KEY_ID_SHOWN + 1);
}

function said({ kind, step, sha256, reason, retracts, target, file }: Claim): string {
  const of = target === null ? plain(file) : `${target.purl} ${plain(file)}`;
  switch (kind) {
    case "positive":
    case "differs":
      return `${plain(step)} ${sha256 === null ? "-" : toHex(sha256)}  ${of}`;
    case "failed":
      return `${plain(step)} "${plain(reason ?? "")}"  ${of}`;
    case "retraction":
      return `takes back ${retracts.join(" ")}  ${of}`;
  }
}

/** What `--json` prints of a leaf (`protocol/spec/feed-entry.schema.json`). */
export function leafObject({ leaf, state, attestation, verified, reason }: LeafView): object {
  const { head, index, entry, leafHash } = leaf.verified;
  return {
    samebits: 1,
    origin: head.origin,
    index,
    size: head.size,
    octets: entry.length,
    leaf: toHex(leafHash),
    state,
    reason,
    form: attestation?.form ?? null,
    predicate: attestation?.predicateType ?? null,
    id: verified?.id ?? null,
    keyid: verified === null ? null : keyIdPlain(verified.signer),
    own: verified !== null && equalBytes(verified.signer.raw, head.key),
    hints: attestation?.signatures.map(({ keyid }) => keyid) ?? [],
    claims: attestation?.claims.map(claimObject) ?? [],
  };
}
