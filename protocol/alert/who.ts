/** Whom keys belong to, by a policy. */
import { toHex } from "../bytes/index.ts";
import { sha256Hex } from "../crypto/index.ts";
import type { Builder, Policy, Revocation } from "../policy/index.ts";

const RAW_BYTES = 32;
const SPKI = "spki:";

/** A key by its name: an Ed25519 key is 64 hex digits, any other `spki:` and the SHA-256 of its SPKI in hex. */
export function signerOf(key: Uint8Array): string {
  return key.length === RAW_BYTES ? toHex(key) : `${SPKI}${sha256Hex(key)}`;
}

/** The Ed25519 key of a signer; null of any other, whose key its name does not have. */
export function keyOfSigner(signer: string): string | null {
  return signer.startsWith(SPKI) ? null : signer;
}

/** A builder of a policy, seen from one of its keys or feeds. */
export interface Known {
  readonly builder: Builder;
  /** The key is revoked as of a time. */
  readonly revocation: Revocation | null;
}

const KNOWN = new WeakMap<Policy, ReadonlyMap<string, Known>>();

/** All that a policy knows, by signer. */
function knownBy(policy: Policy): ReadonlyMap<string, Known> {
  const before = KNOWN.get(policy);
  if (before !== undefined) return before;
  const known = new Map<string, Known>();
  for (const builder of policy.builders.values()) {
    for (const feed of builder.feeds)
      known.set(feed.slice(feed.lastIndexOf("/") + 1), { builder, revocation: null });
    for (const { raw } of builder.keys) known.set(signerOf(raw), { builder, revocation: null });
    for (const revocation of builder.revoked)
      known.set(signerOf(revocation.key.raw), { builder, revocation });
  }
  KNOWN.set(policy, known);
  return known;
}

/** Whom a signer belongs to; null where the policy does not name it. */
export function whoIs(policy: Policy | null, signer: string): Known | null {
  return policy === null ? null : (knownBy(policy).get(signer) ?? null);
}

/** Whether what the signer says may be anybody's at `now`, ms since 1970. */
export function isRevoked(policy: Policy | null, signer: string, now: number): boolean {
  const revocation = whoIs(policy, signer)?.revocation ?? null;
  return revocation !== null && revocation.atMs <= now;
}

/** A signer for people: the policy's name of it, else the beginning of its key. */
export function nameOf(policy: Policy | null, signer: string): string {
  return whoIs(policy, signer)?.builder.name ?? `key ${signer.replace(SPKI, "").slice(0, 8)}…`;
}

/** Who speaks where a signer does: operators count once, and whoever no policy names is its own. */
export function speakerOf(policy: Policy | null, signer: string): string {
  const known = whoIs(policy, signer);
  return known === null ? `key ${signer}` : `operator ${known.builder.operator}`;
}
