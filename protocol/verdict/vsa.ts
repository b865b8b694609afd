/** A verdict as a SLSA Verification Summary, and whether a summary follows from what is here (protocol/spec/vsa.md). */
import { buildVsa } from "../attestation/index.ts";
import type { Vsa, VsaPredicate } from "../attestation/index.ts";
import { compareCodePoints, toHex } from "../bytes/index.ts";
import { sha256Hex } from "../crypto/index.ts";
import type { Artifact, Verdict } from "./types.ts";

/** Reached where the policy's quorum agrees. SLSA's own levels say how something was built: a verdict knows nothing of that. */
const REPRODUCED = "SAMEBITS_REPRODUCED";
const FAILED = "FAILED";

/** Who verified, with what. */
export interface Verifier {
  /** A URI. */
  readonly id: string;
  readonly version: string;
  readonly network: string;
  /** Where the policy can be had; null where nobody says. */
  readonly policyUri: string | null;
}

/** A policy that a trust domain states: in which of its documents, and which release of these. */
export interface DomainPolicyName {
  /** 64 hex digits. */
  readonly fingerprint: string;
  /** Of the targets that list it. */
  readonly version: number;
  /** The delegate that speaks, names joined by `/`; empty = the domain itself. */
  readonly role: string;
}

/** A name that stays: `urn:samebits:policy:FINGERPRINT:VERSION:debian/policy.toml`. */
export function policyUriOf({ fingerprint, version, role }: DomainPolicyName): string {
  const path = [...role.split("/").filter((name) => name !== ""), "policy.toml"];
  return `urn:samebits:policy:${fingerprint}:${version}:${path.map(encodeURIComponent).join("/")}`;
}

/** The statement's octets. Throws `statement/too-many-materials`, `json/not-canonical`. */
export function summarizeVerdict(verdict: Verdict, by: Verifier): Uint8Array {
  const { target, name, sha256 } = verdict.artifact;
  return buildVsa({ target, file: target?.file ?? name, sha256 }, predicateOf(verdict, by));
}

/** What a summary says otherwise than this verdict, in words; empty = it follows. Pass a verdict as of the summary's time. */
export function differencesFrom(vsa: Vsa, verdict: Verdict, network: string): readonly string[] {
  const { subject } = vsa;
  const is = predicateOf(verdict, {
    id: vsa.verifier,
    version: vsa.version ?? "",
    network,
    policyUri: vsa.policy.uri,
  });
  const compared: readonly (readonly [what: string, said: string, found: string])[] = [
    ["file", subject.sha256 === null ? "none" : toHex(subject.sha256), toHex(verdict.artifact.sha256)],
    ["resource", vsa.resource, is.resource],
    ["policy's SHA-256", vsa.policy.sha256 ?? "none", verdict.policy],
    ["result", resultOf(vsa), resultOf(is)],
    ["levels", vsa.levels.join(" "), is.levels.join(" ")],
    ...(vsa.outcome === null ? [] : outcomes(vsa.outcome, is.outcome)),
  ];
  return [
    ...compared
      .filter(([, said, found]) => said !== found)
      .map(([what, said, found]) => `${what}: the summary says ${said}, here it is ${found}`),
    ...inputsMissing(vsa, is),
  ];
}

function outcomes(
  said: NonNullable<Vsa["outcome"]>,
  found: VsaPredicate["outcome"],
): readonly (readonly [string, string, string])[] {
  return Object.entries(said).map(([name, value]) => [
    name,
    String(value),
    String(Object.entries(found ?? {}).find(([other]) => other === name)?.[1]),
  ]);
}

/** By claim id where there is one: copies of a claim may be wrapped otherwise. */
function inputsMissing({ inputs: said }: Vsa, { inputs: found }: VsaPredicate): readonly string[] {
  const nameOf = ({ claim, sha256 }: Vsa["inputs"][number]): string => claim ?? sha256 ?? "";
  const [theirs, ours] = [new Set(said.map(nameOf)), new Set(found.map(nameOf))];
  return [
    ...[...theirs].filter((name) => !ours.has(name)).map((name) => `attestation ${name} is not here`),
    ...[...ours]
      .filter((name) => !theirs.has(name))
      .map((name) => `attestation ${name} is not in the summary`),
  ];
}

function predicateOf(verdict: Verdict, by: Verifier): VsaPredicate {
  const passed = verdict.verdict === "reproduced" && verdict.problem === null;
  return {
    verifier: by.id,
    version: by.version,
    time: verdict.at,
    resource: resourceOf(verdict.artifact),
    policy: { uri: by.policyUri, sha256: verdict.policy },
    inputs: [
      ...verdict.attestations.map(({ id, bytes }) => ({ claim: id, sha256: sha256Hex(bytes) })),
      ...(verdict.layout?.rests ?? []),
    ].toSorted((a, b) => compareCodePoints(a.claim ?? "", b.claim ?? "")),
    passed,
    levels: [passed ? REPRODUCED : FAILED],
    outcome: {
      verdict: verdict.verdict,
      decision: verdict.decision,
      rule: verdict.rule,
      needed: verdict.needed,
      agreeing: verdict.agreeing,
      view: verdict.view,
      network: by.network,
    },
  };
}

/** The purl; of a file that nothing says what it is, its digest. */
function resourceOf({ target, sha256 }: Artifact): string {
  return target?.purl ?? `urn:sha256:${toHex(sha256)}`;
}

function resultOf({ passed }: Pick<VsaPredicate, "passed">): string {
  return passed ? "PASSED" : "FAILED";
}
