/** Contradictions: two signed positive results for one target and step with different digests (RULES R14). */
import type { Claim, Target, Verified } from "../attestation/index.ts";
import { equalBytes, toHex, tried } from "../bytes/index.ts";
import { sameKey } from "../crypto/index.ts";
import { ProtocolError } from "../errors.ts";
import { freezeProven } from "./proven.ts";
import type { Proven } from "./proven.ts";

export interface ContradictionEvidence extends Proven {
  /** One key's, or two keys'. */
  readonly kind: "self-contradiction" | "disagreement";
  /** In the order of their claim ids. */
  readonly a: Verified;
  readonly b: Verified;
  readonly target: Target;
  readonly step: string;
  /** They state different inputs or environments: toolchain drift rather than tampering. */
  readonly difference: boolean;
}

/** A positive claim about a known target: what can contradict. */
export interface PositiveClaim extends Claim {
  readonly kind: "positive";
  readonly target: Target;
  readonly sha256: Uint8Array;
}

/**
 * Proof that two verified attestations contradict each other on the target with key `target`; null where they don't, or where one of
 * `retractions` by the very key that claimed takes either back (R17: what was proven before stays proven).
 */
export function proveContradiction(
  one: Verified,
  other: Verified,
  target: Uint8Array,
  retractions: readonly Verified[],
): ContradictionEvidence | null {
  return tried(() => {
    const evidence = contradiction(one, other, target);
    return isWithdrawn(evidence, retractions) ? null : evidence;
  });
}

/** As `proveContradiction`, but throws `evidence/no-contradiction` that says why it is none; knows no retractions. */
export function contradiction(one: Verified, other: Verified, targetKey: Uint8Array): ContradictionEvidence {
  if (one.id === other.id) throw none("both are the same claim");
  const [a, b] = one.id < other.id ? [one, other] : [other, one];
  const claimA = onlyPositive(a, targetKey);
  const claimB = onlyPositive(b, targetKey);
  if (claimA.step !== claimB.step) throw none("they are about different steps");
  if (equalBytes(claimA.sha256, claimB.sha256)) throw none("they name the same digest");
  return freezeProven({
    kind: sameKey(a.signer, b.signer) ? "self-contradiction" : "disagreement",
    a,
    b,
    target: claimA.target,
    step: claimA.step,
    difference: isDifference(claimA, claimB),
  });
}

/** The one positive claim of each side, as checked when the evidence was made. */
export function claimsOfContradiction(
  evidence: ContradictionEvidence,
): readonly [PositiveClaim, PositiveClaim] {
  return [onlyPositive(evidence.a, evidence.target.key), onlyPositive(evidence.b, evidence.target.key)];
}

/**
 * Whether two claims state different inputs, or different environments: then different digests are drift, not contradiction. What a
 * claim doesn't state is unknown, and unknown is taken for equal (DESIGN section 2).
 */
export function isDifference(a: Claim, b: Claim): boolean {
  return differ(a.inputs, b.inputs) || differ(a.environment, b.environment);
}

function differ(a: string | null, b: string | null): boolean {
  return a !== null && b !== null && a !== b;
}

/** Whether one of `retractions`, by the very key whose claim it is, takes back a side of this evidence. */
export function isWithdrawn(evidence: ContradictionEvidence, retractions: readonly Verified[]): boolean {
  return retractions.some((retraction) =>
    [evidence.a, evidence.b].some(
      (side) =>
        sameKey(side.signer, retraction.signer) &&
        retraction.claims.some((claim) => claim.kind === "retraction" && claim.retracts.includes(side.id)),
    ),
  );
}

/** A payload that speaks of the target twice could be read two ways: it proves nothing. */
function onlyPositive(side: Verified, targetKey: Uint8Array): PositiveClaim {
  const keyHex = toHex(targetKey);
  const [claim, ...more] = side.claims.filter(({ target }) => target?.keyHex === keyHex);
  if (claim === undefined) throw none(`claim ${side.id} does not speak of the target`);
  if (more.length > 0) throw none(`claim ${side.id} lists the target more than once`);
  if (!isPositive(claim)) throw none(`claim ${side.id} is no positive result`);
  return claim;
}

function isPositive(claim: Claim): claim is PositiveClaim {
  return claim.kind === "positive" && claim.target !== null && claim.sha256 !== null;
}

function none(reason: string): ProtocolError {
  return new ProtocolError("evidence/no-contradiction", `no contradiction: ${reason}`);
}
