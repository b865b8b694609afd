/** SLSA Verification Summaries, v1: what a verifier found and by which policy, for others to check again (protocol/spec/vsa.md). */
import { jsonObject, readJson, record, toHex } from "../bytes/index.ts";
import type { JsonValue, RecordShape, Shape } from "../bytes/index.ts";
import { MAX_ENTRY_BYTES, MAX_LABEL_BYTES, MAX_PATH_BYTES, MAX_SEATS, MAX_VSA_LEVELS } from "../limits.ts";
import type { Attestation } from "./attestation.ts";
import { readDescriptor, readMaterials, readName } from "./descriptor.ts";
import { readEnvelope } from "./dsse.ts";
import { readStatement, readSubjects } from "./statement.ts";
import type { Subject } from "./statement.ts";
import { formatTime, parseTime } from "./time.ts";

export const VSA_V1 = "https://slsa.dev/verification_summary/v1";
const SLSA_VERSION = "1.0";
/** Our own member of the predicate: what PASSED and FAILED do not say. */
const OUTCOME = "https://samebits.dev/verdict/v1";
const CLAIM = "urn:samebits:claim:";

const RESULTS = ["PASSED", "FAILED"] as const;
const VERDICTS = ["reproduced", "contradicted", "pending"] as const;
const DECISIONS = ["allow", "warn", "refuse"] as const;
const VIEWS = ["complete", "partial"] as const;

/** An attestation that a verdict rests on. */
export interface VsaInput {
  /** Claim id, of samebits' own. */
  readonly claim: string | null;
  /** Of the envelope's octets, hex. */
  readonly sha256: string | null;
}

/** What a verdict of samebits says beyond PASSED and FAILED. */
export interface VsaOutcome {
  readonly verdict: (typeof VERDICTS)[number];
  readonly decision: (typeof DECISIONS)[number];
  readonly rule: string | null;
  readonly needed: number;
  readonly agreeing: number;
  readonly view: (typeof VIEWS)[number];
  readonly network: string;
}

export interface VsaPredicate {
  /** URI of who verified. */
  readonly verifier: string;
  readonly version: string | null;
  /** ms since 1970, whole seconds. */
  readonly time: number;
  /** What the file is: its purl, where one is known. */
  readonly resource: string;
  readonly policy: { readonly uri: string | null; readonly sha256: string | null };
  readonly inputs: readonly VsaInput[];
  readonly passed: boolean;
  readonly levels: readonly string[];
  /** Null in summaries of other verifiers. */
  readonly outcome: VsaOutcome | null;
}

/** A summary as read: who signed it is for others to see. Frozen. */
export interface Vsa extends VsaPredicate {
  readonly subject: Subject;
}

/** The predicate as we write it. */
export function vsaJson(vsa: VsaPredicate): JsonValue {
  const { verifier, version, time, resource, policy, inputs, passed, levels, outcome } = vsa;
  return jsonObject({
    verifier: jsonObject({
      id: verifier,
      version: version === null ? undefined : jsonObject({ samebits: version }),
    }),
    timeVerified: formatTime(time),
    resourceUri: resource,
    policy: jsonObject({ uri: policy.uri ?? undefined, digest: digestJson(policy.sha256) }),
    inputAttestations: inputs.map(({ claim, sha256 }) =>
      jsonObject({ uri: claim === null ? undefined : `${CLAIM}${claim}`, digest: digestJson(sha256) }),
    ),
    verificationResult: passed ? "PASSED" : "FAILED",
    verifiedLevels: levels,
    slsaVersion: SLSA_VERSION,
    [OUTCOME]: outcome === null ? undefined : jsonObject({ ...outcome }),
  });
}

function digestJson(sha256: string | null): JsonValue | undefined {
  return sha256 === null ? undefined : jsonObject({ sha256 });
}

/** The summary that an attestation is; null for any other. Throws `shape/…`, `statement/…`, `attestation/…`. */
export function vsaOf(attestation: Attestation): Vsa | null {
  if (attestation.form !== "dsse" || attestation.predicateType !== VSA_V1) return null;
  const limits = { maxBytes: MAX_ENTRY_BYTES };
  return readVsa(readEnvelope(record(readJson(attestation.bytes, limits), "envelope")).payload);
}

/** A summary that nobody signed: the bare Statement. Throws `statement/unknown-type`, `shape/…`, `statement/…`, `attestation/…`. */
export function readVsa(payload: Uint8Array): Vsa {
  const root = record(readJson(payload, { maxBytes: MAX_ENTRY_BYTES }), "payload");
  const statement = readStatement(root);
  if (statement.predicateType !== VSA_V1)
    root.member("predicateType").fail("statement/unknown-type", `${VSA_V1} expected`);
  const [subject, ...more] = readSubjects(statement);
  if (subject === undefined || subject.sha256 === null || more.length > 0)
    return root.member("subject").fail("statement/bad-subjects", "one subject with a SHA-256 expected");
  return Object.freeze({ subject, ...readPredicate(root.record("predicate")) });
}

/** As in-toto demands, members that are not known here are ignored. */
function readPredicate(predicate: RecordShape): VsaPredicate {
  const verifier = predicate.record("verifier");
  const version = verifier.optional("version")?.record().optional("samebits");
  const policy = readDescriptor(predicate.member("policy"));
  const outcome = predicate.optional(OUTCOME);
  return {
    verifier: readName(verifier.member("id")),
    version: version === undefined ? null : readName(version),
    time: parseTime(predicate.string("timeVerified")),
    resource: readName(predicate.member("resourceUri")),
    policy: { uri: policy.uri, sha256: hexOf(policy.sha256) },
    inputs: Object.freeze(
      readMaterials(predicate.optional("inputAttestations")).map(({ uri, sha256 }) => ({
        claim: uri?.startsWith(CLAIM) === true ? uri.slice(CLAIM.length) : null,
        sha256: hexOf(sha256),
      })),
    ),
    passed: predicate.member("verificationResult").oneOf(RESULTS) === "PASSED",
    levels: Object.freeze(predicate.list("verifiedLevels", MAX_VSA_LEVELS).map((level) => readName(level))),
    outcome: outcome === undefined ? null : readOutcome(outcome),
  };
}

/** Our own form: read exactly. */
function readOutcome(shape: Shape): VsaOutcome {
  const fields = shape.record();
  const rule = fields.member("rule");
  const outcome = Object.freeze({
    verdict: fields.member("verdict").oneOf(VERDICTS),
    decision: fields.member("decision").oneOf(DECISIONS),
    rule: rule.value === null ? null : readName(rule, MAX_LABEL_BYTES),
    needed: fields.integer("needed", 0, MAX_SEATS),
    agreeing: fields.integer("agreeing", 0, MAX_SEATS),
    view: fields.member("view").oneOf(VIEWS),
    network: readName(fields.member("network"), MAX_PATH_BYTES),
  });
  fields.done();
  return outcome;
}

function hexOf(sha256: Uint8Array | null): string | null {
  return sha256 === null ? null : toHex(sha256);
}
