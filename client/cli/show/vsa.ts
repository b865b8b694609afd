import { counted, formatTime, toHex, vsaOf } from "../../../protocol/index.ts";
import type { Attestation, Vsa } from "../../../protocol/index.ts";
import { plain } from "./shown.ts";
import type { Shown } from "./shown.ts";

/** What an attestation says of a verification; null where it is no summary of one. */
export function showVsa(attestation: Attestation): Omit<Shown, "kind" | "proven"> | null {
  const vsa = vsaOf(attestation);
  return vsa === null ? null : { facts: factsOf(vsa), notProven: DOUBTS };
}

/** A summary that nobody signed. */
export function showBareVsa(vsa: Vsa): Shown {
  return {
    kind: "attestation",
    facts: ["SLSA Verification Summary, not signed", ...factsOf(vsa)],
    proven: [],
    notProven: ["who made it: nobody signed it.", ...DOUBTS],
  };
}

const DOUBTS: readonly string[] = [
  "that it follows from the attestations: samebits verify FILE --offline --bundle B --policy P --against this file says.",
];

function factsOf({
  subject,
  verifier,
  time,
  resource,
  policy,
  inputs,
  passed,
  levels,
  outcome,
}: Vsa): readonly string[] {
  const digest = subject.sha256 === null ? "" : toHex(subject.sha256);
  return [
    `  ${passed ? "PASSED" : "FAILED"} (${levels.map((level) => plain(level)).join(", ")}) · ${plain(resource)}`,
    `    file ${plain(subject.file)}, SHA-256 ${digest}, ${formatTime(time)}`,
    `    by ${plain(verifier)}, policy ${policy.sha256 ?? "of no digest"}${policy.uri === null ? "" : ` (${plain(policy.uri)})`}`,
    ...(outcome === null
      ? []
      : [
          `    ${outcome.verdict}, ${outcome.decision}: ${outcome.agreeing} of ${outcome.needed} needed by ${outcome.rule === null ? "no rule" : `the rule "${plain(outcome.rule)}"`}, view ${outcome.view}, network ${plain(outcome.network)}`,
        ]),
    `    rests on ${counted(inputs.length, "attestation")}`,
    ...inputs.map(
      ({ claim, sha256 }) => `      ${claim === null ? `SHA-256 ${sha256 ?? "?"}` : `claim ${plain(claim)}`}`,
    ),
  ];
}
