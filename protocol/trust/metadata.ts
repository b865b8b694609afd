/** Signed TUF metadata as it comes (TUF 1.0, sections 4.2 and 4.3). Nothing is verified here. */
import { parseTime } from "../attestation/index.ts";
import { canonicalJson, fromHex, quote, readJson, record } from "../bytes/index.ts";
import type { RecordShape, Shape } from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import { MAX_KEY_ID_BYTES, MAX_SIGNATURE_BYTES, MAX_TRUST_SIGNATURES, MAX_TRUST_VERSION } from "../limits.ts";

/** A document of roots or of targets: what is signed, and who is said to have signed it. */
export interface Metadata {
  /** As given, octet for octet; a copy. */
  readonly bytes: Uint8Array;
  /** Counts up by one for roots, and never goes back for targets. */
  readonly version: number;
  /** ms since 1970 after which it says nothing any more. */
  readonly expires: number;
  /** What is signed, for the reader of its kind. Members that nobody asks for are let be: they are signed. */
  readonly signed: RecordShape;
  /** The same as canonical JSON: what the signatures sign. */
  readonly signedBytes: Uint8Array;
  /** One a key id; octets may be none, as tools leave a place for who is still to sign. */
  readonly signatures: ReadonlyMap<string, Uint8Array>;
}

export type MetadataKind = "root" | "targets";

/** Versions of the specification that are read: their documents say the same. */
const SPEC_VERSION = /^1\.\d{1,4}(?:\.\d{1,4})?$/;

/**
 * Reads a document of that kind and of at most `maxBytes` octets. Beside what is signed nothing travels but signatures. Throws
 * `bytes/too-big`, `json/…`, `shape/…`, `attestation/bad-time`, `trust/unsupported`, `trust/bad-signatures`.
 */
export function readMetadata(bytes: Uint8Array, kind: MetadataKind, maxBytes: number): Metadata {
  const outer = record(readJson(bytes, { maxBytes, integersOnly: true }), kind);
  const signatures = readSignatures(outer.member("signatures"));
  const signed = outer.record("signed");
  outer.done();
  signed.member("_type").oneOf([kind]);
  const version = signed.string("spec_version");
  if (!SPEC_VERSION.test(version)) {
    throw new ProtocolError(
      "trust/unsupported",
      `${kind}: the document follows TUF ${quote(version)}; 1.x is read`,
    );
  }
  return Object.freeze({
    bytes: new Uint8Array(bytes),
    version: signed.integer("version", 1, MAX_TRUST_VERSION),
    expires: parseTime(signed.string("expires")),
    signed,
    signedBytes: canonicalJson(signed.shape.value),
    signatures,
  });
}

function readSignatures(shape: Shape): ReadonlyMap<string, Uint8Array> {
  const items = shape.list(Number.MAX_SAFE_INTEGER);
  if (items.length > MAX_TRUST_SIGNATURES) {
    shape.fail(
      "trust/bad-signatures",
      `${items.length} signatures; at most ${MAX_TRUST_SIGNATURES} are read`,
    );
  }
  const signatures = new Map<string, Uint8Array>();
  for (const item of items) {
    const signature = item.record();
    const keyid = signature.string("keyid", MAX_KEY_ID_BYTES);
    const sig = fromHex(signature.string("sig", 2 * MAX_SIGNATURE_BYTES));
    signature.done();
    if (signatures.has(keyid)) {
      item.fail("trust/bad-signatures", `the key id ${quote(keyid)} has signed twice; each signs once`);
    }
    signatures.set(keyid, sig);
  }
  return signatures;
}
