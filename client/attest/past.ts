import { equalBytes, parseAttestation, publicKeyOf, toHex, verifyWith } from "../../protocol/index.ts";
import type { FoundEntry, Target, Verified } from "../../protocol/index.ts";
import type { Source } from "../edges.ts";

const ASK_MS = 5_000;

/** A claim that a key has made before, on one target and step, and has not taken back. */
export interface PastClaim {
  /** Hex. */
  readonly sha256: string;
  /** Claim id: a retraction of it takes back all that the attestation says. */
  readonly id: string;
  /** How many files the attestation is about. */
  readonly files: number;
}

/**
 * What a node's own store holds about these targets, signed by anybody or by one key. Every signature is checked here; what does not
 * hold is left out, since junk must not stop a builder from signing.
 */
export async function pastAttestations(
  source: Source,
  targets: readonly Target[],
  publicKey: Uint8Array | null,
): Promise<readonly Verified[]> {
  if (targets.length === 0) return [];
  const question = {
    targets: targets.map(({ key }) => key),
    digests: [],
    builders: publicKey === null ? [] : [publicKey],
  };
  const { found } = await source.find(question, { network: false, deadlineMs: ASK_MS });
  const checked = await Promise.all(found.map(verify));
  return checked.filter((attestation) => attestation !== null);
}

async function verify(found: FoundEntry): Promise<Verified | null> {
  try {
    return await verifyWith(parseAttestation(found.entry), publicKeyOf(found.signer));
  } catch {
    return null;
  }
}

/** The live positive claims of one key, out of its attestations and retractions, under `matter`. */
export function liveClaims(
  attestations: readonly Verified[],
  signer: Uint8Array,
): ReadonlyMap<string, readonly PastClaim[]> {
  const own = attestations.filter((attestation) => equalBytes(attestation.signer.raw, signer));
  const retracted = new Set(own.flatMap(({ claims }) => claims.flatMap(({ retracts }) => retracts)));
  const live = new Map<string, PastClaim[]>();
  for (const { id, claims } of own) {
    if (retracted.has(id)) continue;
    for (const { kind, target, step, sha256 } of claims) {
      if (kind !== "positive" || target === null || sha256 === null) continue;
      const key = matter(target, step);
      const known = live.get(key) ?? [];
      if (!known.some((claim) => claim.id === id))
        known.push({ sha256: toHex(sha256), id, files: claims.length });
      live.set(key, known);
    }
  }
  return live;
}

/** What two claims must share to contradict each other. */
export function matter(target: Target, step: string): string {
  return `${target.keyHex} ${step}`;
}
