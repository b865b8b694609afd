/** Evidence in plain words: what it proves, and what it does not. */
import { counted, toBase64, toHex } from "../bytes/index.ts";
import type { SignedHead } from "../feed/index.ts";
import { formatTime } from "../attestation/index.ts";
import type { Verified } from "../attestation/index.ts";
import { claimsOfContradiction } from "./contradiction.ts";
import type { ContradictionEvidence, PositiveClaim } from "./contradiction.ts";
import type { Evidence } from "./file.ts";
import type { ForkEvidence } from "./fork.ts";
import type { BadLeafEvidence } from "./bad-leaf.ts";
import { evidenceId } from "./id.ts";

/** Raw keys or SPKI of whom the evidence concerns. */
export function keysOfEvidence(evidence: Evidence): readonly Uint8Array[] {
  switch (evidence.kind) {
    case "fork":
      return [evidence.a.key];
    case "bad-leaf":
      return [evidence.leaf.head.key];
    case "self-contradiction":
      return [evidence.a.signer.raw];
    case "disagreement":
      return [evidence.a.signer.raw, evidence.b.signer.raw];
  }
}

/** `evidenceId` of its kind, keys and target. */
export function idOfEvidence(evidence: Evidence): string {
  const target = "target" in evidence ? evidence.target.key : null;
  return evidenceId(evidence.kind, keysOfEvidence(evidence), target);
}

/** Lines for people: the finding first, then the facts, then "Proven" and "Not proven". */
export function describeEvidence(evidence: Evidence): readonly string[] {
  switch (evidence.kind) {
    case "fork":
      return describeFork(evidence);
    case "bad-leaf":
      return describeBadLeaf(evidence);
    case "self-contradiction":
    case "disagreement":
      return describeContradiction(evidence);
  }
}

function describeFork({ a, b, join, common }: ForkEvidence): readonly string[] {
  return [
    "FORK: one feed signed two histories that can't both be true.",
    `  feed    ${a.origin}`,
    `  head 1  ${headLine(a)}`,
    `  head 2  ${headLine(b)}`,
    join === null
      ? "Proven: the feed's key signed two different trees of the same size."
      : `Proven: the feed's key signed both heads, and the tree of head 2 had another root at ${counted(a.size, "entry")} than head 1.`,
    common === null
      ? "Not proven: where the two histories part, and which of them anybody else saw."
      : `Proven: both begin with the same ${counted(common.size, "entry, which still counts", "entries, which still count")}. Not proven: that they part right after them.`,
    "Not proven: whether the owner did it, a thief of the key, or a restored backup.",
  ];
}

function describeBadLeaf({ leaf }: BadLeafEvidence): readonly string[] {
  return [
    "BAD LEAF: a feed holds an attestation that bears its own key id and that its key never signed.",
    `  feed    ${leaf.head.origin}`,
    `  head    ${headLine(leaf.head)}`,
    `  entry   ${leaf.index} (${leaf.entry.length} octets, leaf hash ${toHex(leaf.leafHash)})`,
    "Proven: the feed's key signed a head over this entry, and the one signature in the entry is not that key's.",
    "Not proven: who made the entry, and whether this was meant or a fault.",
  ];
}

function describeContradiction(evidence: ContradictionEvidence): readonly string[] {
  const { kind, a, b, target, step, difference } = evidence;
  const [claimA, claimB] = claimsOfContradiction(evidence);
  const oneKey = kind === "self-contradiction";
  return [
    oneKey
      ? "SELF-CONTRADICTION: one key signed two different results for the same target and step."
      : "DISAGREEMENT: two keys signed different results for the same target and step.",
    `  target  ${target.purl}`,
    `  file    ${target.file}`,
    `  step    ${step}`,
    claimLine("1", a, claimA),
    claimLine("2", b, claimB),
    oneKey ? "Proven: this key signed both results." : "Proven: each key signed its result.",
    difference
      ? "They state different inputs or build environments, which may explain it."
      : "They state the same inputs and environment, or don't state them.",
    oneKey
      ? "Not proven: which of them is right, and whether its owner has taken one back since: look for retractions."
      : "Not proven: which of them is right, or that either lies: builds can differ honestly. Nor whether one was taken back since.",
  ];
}

function headLine(head: SignedHead): string {
  return `${counted(head.size, "entry")}, root ${toBase64(head.root)}`;
}

function claimLine(number: string, side: Verified, claim: PositiveClaim): string {
  const stated = claim.time === null ? "" : `, stated ${formatTime(claim.time)}`;
  return `  claim ${number} ${toHex(claim.sha256)} (${claim.how}${stated}) by key ${toHex(side.signer.raw)}`;
}
