/** From what a node found and what its evidence proves to a report of a matter. */
import type { Verified } from "../attestation/index.ts";
import { toHex } from "../bytes/index.ts";
import { sameKey } from "../crypto/index.ts";
import { keysOfEvidence } from "../evidence/index.ts";
import type { Evidence } from "../evidence/index.ts";
import type { Finding } from "../peer/index.ts";
import type { Policy } from "../policy/index.ts";
import type { AlertTarget, Matter, Voice } from "./types.ts";
import { signerOf, whoIs } from "./who.ts";

/**
 * A finding as a report. `evidence` is what its evidence proves, checked, and goes before what the finding says; null = there is none, and
 * the finding is what a node merely observed.
 */
export function matterOf(finding: Finding, evidence: Evidence | null): Matter {
  const { id, number, time } = finding;
  const rest = { id, number, time, ended: false };
  if (evidence === null) {
    const { kind, keys, step, difference } = finding;
    return { ...rest, kind, keys, target: targetOf(finding), step, difference, voices: [] };
  }
  const { kind } = evidence;
  const keys = keysOfEvidence(evidence);
  if (!("target" in evidence))
    return { ...rest, kind, keys, target: null, step: null, difference: false, voices: [] };
  const { target, step, difference, a, b } = evidence;
  const voices = voicesOf([a, b], target.keyHex, step, null);
  const { purl, file, keyHex: key } = target;
  return { ...rest, kind, keys, target: { purl, file, key }, step, difference, voices };
}

function targetOf({ target, purl, file }: Finding): AlertTarget | null {
  if (target === null || purl === null || file === null) return null;
  return { purl, file, key: toHex(target) };
}

/**
 * Who says what of a target (its key, 64 hex digits) and step in these attestations, as far as it is positive. What a retraction among them
 * takes back is withdrawn: by the same key, or by another one of the same builder of the policy (RULES R17).
 */
export function voicesOf(
  attestations: readonly Verified[],
  target: string,
  step: string,
  policy: Policy | null,
): readonly Voice[] {
  const retractions = attestations.flatMap(({ signer, claims }) =>
    claims.flatMap(({ kind, retracts }) => (kind === "retraction" ? [{ signer, retracts }] : [])),
  );
  return attestations.flatMap(({ signer, id, claims }) => {
    const builder = whoIs(policy, signerOf(signer.raw))?.builder;
    const withdrawn = retractions.some(
      ({ signer: by, retracts }) =>
        retracts.includes(id) &&
        (sameKey(by, signer) ||
          (builder !== undefined && whoIs(policy, signerOf(by.raw))?.builder === builder)),
    );
    return claims.flatMap((claim): readonly Voice[] => {
      const isOfIt = claim.kind === "positive" && claim.step === step && claim.target?.keyHex === target;
      if (!isOfIt || claim.sha256 === null) return [];
      return [{ signer: signerOf(signer.raw), sha256: toHex(claim.sha256), withdrawn }];
    });
  });
}
