/** Value of a `t` row: what an entry claims about a target, as far as contradictions are looked for in it. Nothing of it is verified. */
import { concat, utf8 } from "../bytes/index.ts";
import { sha256 } from "../crypto/index.ts";
import type { Claim, ClaimKind } from "../attestation/index.ts";

export interface ClaimRow {
  readonly kind: ClaimKind;
  /** First octets of the step's SHA-256. */
  readonly step: Uint8Array;
  readonly sha256: Uint8Array | null;
}

const KINDS: readonly ClaimKind[] = ["positive", "failed", "differs", "retraction"];
const STEP_BYTES = 8;
const NOTHING = new Uint8Array(0);

export function writeClaimRow(claim: Claim): Uint8Array {
  return concat(Uint8Array.of(KINDS.indexOf(claim.kind)), stepTag(claim.step), claim.sha256 ?? NOTHING);
}

/** Reads a row; null where another version wrote it. */
export function readClaimRow(value: Uint8Array): ClaimRow | null {
  const kind = KINDS[value[0] ?? -1];
  if (kind === undefined) return null;
  const step = value.subarray(1, 1 + STEP_BYTES);
  const sha256 = value.subarray(1 + STEP_BYTES);
  return { kind, step, sha256: sha256.length === 0 ? null : sha256 };
}

function stepTag(step: string): Uint8Array {
  return sha256(utf8(step)).subarray(0, STEP_BYTES);
}
