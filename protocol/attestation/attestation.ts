/** Any attestation, from octets to claims. */
import { canonicalJson, readJson, record } from "../bytes/index.ts";
import type { JsonValue, RecordShape } from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import { MAX_ENTRY_BYTES } from "../limits.ts";
import { distinctClaims } from "./claim.ts";
import type { Claim } from "./claim.ts";
import { assertEntrySize, pae, readEnvelope } from "./dsse.ts";
import { LEGACY_LAYOUT, legacyClaims, LEGACY_LINK, readMetablockSignatures } from "./legacy.ts";
import { LINK_V03, linkClaims } from "./link.ts";
import { RETRACTION_V1, retractionClaims } from "./retraction.ts";
import type { Signature } from "./signature.ts";
import { readSignedSums, SIGNED_SUMS } from "./signed-sums.ts";
import { SLSA_V1, slsaClaims } from "./slsa.ts";
import { readStatement, STATEMENT_V01, STATEMENT_V1 } from "./statement.ts";
import type { Statement } from "./statement.ts";
import { TEST_RESULT_V01, testResultClaims } from "./test-result.ts";

/** An attestation, parsed exactly and frozen. Nothing is verified: what it says is only what somebody wrote. */
export interface Attestation {
  /** A DSSE envelope, a legacy metablock, or a list of sums with its OpenPGP signature. */
  readonly form: "dsse" | "link" | "sums";
  /** As given, octet for octet; a copy. */
  readonly bytes: Uint8Array;
  /** What the signatures sign: the pre-authentication encoding, the canonical JSON of `signed`, or the list and the signature's own part. */
  readonly signedBytes: Uint8Array;
  readonly signatures: readonly Signature[];
  /** URI of the predicate; `link` and `layout` of the legacy documents, `sha256sums` of a list. */
  readonly predicateType: string;
  /** Empty for predicates that we know nothing of: they are stored and shown, and count for nothing. */
  readonly claims: readonly Claim[];
}

/** What reads the claims of a predicate. */
const PREDICATES: ReadonlyMap<string, (statement: Statement) => readonly Claim[]> = new Map([
  [LINK_V03, linkClaims],
  [SLSA_V1, slsaClaims],
  [TEST_RESULT_V01, testResultClaims],
  [RETRACTION_V1, retractionClaims],
]);

/** Canonical JSON has no fractions, and a DSSE envelope no numbers: so the outer document may hold integers only. */
const OUTER = { maxBytes: MAX_ENTRY_BYTES, integersOnly: true };
const INNER = { maxBytes: MAX_ENTRY_BYTES };

/**
 * Reads a DSSE envelope with an in-toto payload (Statement, or bare link or layout) or a legacy metablock, or a
 * signed list of sums, of at most MAX_ENTRY_BYTES. Throws `attestation/…`, `dsse/…`, `statement/…`, `target/…`, and what `bytes/` throws.
 */
export function parseAttestation(bytes: Uint8Array): Attestation {
  assertEntrySize(bytes);
  const outer = record(readJson(bytes, OUTER), "envelope");
  // A copy of its own: `bytes` may be a window on a bundle of 256 entries, which it would keep in memory.
  const own = new Uint8Array(bytes);
  if (outer.optional("payload") !== undefined) return parseDsse(own, outer);
  if (outer.optional("signed") !== undefined) return parseMetablock(own, outer);
  if (outer.optional("sums") !== undefined) return parseSignedSums(own, outer);
  throw new ProtocolError(
    "attestation/unknown-form",
    "neither a DSSE envelope ({payload, payloadType, signatures}) nor an in-toto metablock ({signed, signatures}) nor a signed list ({sums, openpgp})",
  );
}

function parseSignedSums(bytes: Uint8Array, outer: RecordShape): Attestation {
  const { signedBytes, signature, claims } = readSignedSums(outer);
  const signatures = Object.freeze([signature]);
  return Object.freeze({ form: "sums", bytes, signedBytes, signatures, predicateType: SIGNED_SUMS, claims });
}

function parseDsse(bytes: Uint8Array, outer: RecordShape): Attestation {
  const { payload, signatures } = readEnvelope(outer);
  return Object.freeze({
    form: "dsse",
    bytes,
    signedBytes: pae(payload),
    signatures: Object.freeze(signatures),
    ...readPayload(readJson(payload, INNER)),
  });
}

function parseMetablock(bytes: Uint8Array, outer: RecordShape): Attestation {
  const signed = outer.member("signed");
  const signatures = readMetablockSignatures(outer.member("signatures"));
  outer.done();
  return Object.freeze({
    form: "link",
    bytes,
    signedBytes: canonicalJson(signed.value),
    signatures: Object.freeze(signatures),
    ...readLegacy(signed.record()),
  });
}

type Payload = Pick<Attestation, "predicateType" | "claims">;

/** What a payload says, signed or still to be signed. */
export function readPayload(value: JsonValue): Payload {
  const root = record(value, "payload");
  const type = root.string("_type");
  if (type !== STATEMENT_V1 && type !== STATEMENT_V01) return readLegacy(root);
  const statement = readStatement(root);
  const { predicateType } = statement;
  return { predicateType, claims: distinctClaims(PREDICATES.get(predicateType)?.(statement) ?? []) };
}

function readLegacy(root: RecordShape): Payload {
  const type = root.member("_type").string();
  if (type === LEGACY_LINK) return { predicateType: LEGACY_LINK, claims: distinctClaims(legacyClaims(root)) };
  if (type === LEGACY_LAYOUT) return { predicateType: LEGACY_LAYOUT, claims: distinctClaims([]) };
  return root
    .member("_type")
    .fail("statement/unknown-type", `no in-toto Statement (v1, v0.1), link or layout`);
}
