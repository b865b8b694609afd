/** Links and layouts as they come: metablocks, and DSSE envelopes. */
import {
  LEGACY_LAYOUT,
  LEGACY_LINK,
  LINK_V03,
  pae,
  readEnvelope,
  readMetablockSignatures,
  STATEMENT_V01,
  STATEMENT_V1,
} from "../attestation/index.ts";
import type { Attestation } from "../attestation/index.ts";
import { canonicalJson, readJson, record, tried } from "../bytes/index.ts";
import type { RecordShape } from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import { MAX_LINK_BYTES } from "../limits.ts";
import { readLayout } from "./layout.ts";
import { readLink, readLinkStatement } from "./link.ts";
import type { Document } from "./types.ts";

/**
 * Reads a link or layout of at most MAX_LINK_BYTES: a metablock, a DSSE envelope around the bare document, or around a Statement with the
 * predicate link/v0.3. Throws `layout/bad-document`, `attestation/…`, `dsse/…`, and what `bytes/` throws.
 */
export function parseDocument(bytes: Uint8Array): Document {
  const outer = record(readJson(bytes, { maxBytes: MAX_LINK_BYTES, integersOnly: true }), "document");
  if (outer.optional("payload") !== undefined) return fromEnvelope(outer);
  if (outer.optional("signed") !== undefined) return fromMetablock(outer);
  throw new ProtocolError(
    "layout/bad-document",
    "neither a metablock ({signed, signatures}) nor a DSSE envelope ({payload, payloadType, signatures})",
  );
}

/** The same of what was read as an attestation already; null for what is no link and no layout, or not as this reader has it. */
export function asDocument({ form, bytes, predicateType }: Attestation): Document | null {
  const isOne = [LEGACY_LINK, LEGACY_LAYOUT, LINK_V03].includes(predicateType);
  return form === "sums" || !isOne ? null : tried(() => parseDocument(bytes));
}

function fromMetablock(outer: RecordShape): Document {
  const signed = outer.member("signed");
  const signatures = readMetablockSignatures(outer.member("signatures"));
  outer.done();
  const signedBytes = canonicalJson(signed.value);
  return Object.freeze({ form: "metablock", signedBytes, signatures, content: readBare(signed.record()) });
}

function fromEnvelope(outer: RecordShape): Document {
  const { payload, signatures } = readEnvelope(outer);
  const root = record(readJson(payload, { maxBytes: MAX_LINK_BYTES }), "payload");
  const type = root.string("_type");
  const signedBytes = pae(payload);
  if (type !== STATEMENT_V1 && type !== STATEMENT_V01)
    return Object.freeze({ form: "dsse", signedBytes, signatures, content: readBare(root) });
  const predicate = root.member("predicateType");
  if (predicate.string() !== LINK_V03)
    predicate.fail("layout/bad-document", `of Statements those with the predicate ${LINK_V03} are links`);
  return Object.freeze({ form: "statement", signedBytes, signatures, content: readLinkStatement(root) });
}

function readBare(root: RecordShape): Document["content"] {
  const type = root.member("_type");
  switch (type.oneOf([LEGACY_LINK, LEGACY_LAYOUT])) {
    case LEGACY_LINK:
      return readLink(root);
    default:
      return readLayout(root);
  }
}
