/** The CMS or PKCS#7 structure in which most formats carry their signatures (RFC 5652), so far that nothing else fits into it. */
import { ProtocolError } from "../errors.ts";
import { MAX_NESTED_SIGNATURES } from "../limits.ts";
import { oidOf, readTlv, TAG } from "./tlv.ts";
import type { Tlv } from "./tlv.ts";

const SIGNED_DATA = "1.2.840.113549.1.7.2";
const BIT_STRING = 0x03;

/** What a signature is over, by its format. */
export const CONTENT = {
  /** Microsoft's SpcIndirectDataContent. */
  spc: "1.3.6.1.4.1.311.2.1.4",
  /** Data that stand elsewhere. */
  data: "1.2.840.113549.1.7.1",
  /** A time stamp's own. */
  tstInfo: "1.2.840.113549.1.9.16.1.4",
} as const;

const NESTED = "1.3.6.1.4.1.311.2.4.1";
const COUNTERSIGNATURE = "1.2.840.113549.1.9.6";
const MICROSOFT_TIME_STAMP = "1.3.6.1.4.1.311.3.3.1";
const TIME_STAMP = "1.2.840.113549.1.9.16.2.14";

/**
 * Reads a whole signature of `contentType` and says how many octets it takes and how many signed, those inside it counted. Unsigned
 * attributes other than time stamps, countersignatures and further signatures are refused: anybody could put anything there. Throws
 * `normal-form/not-a-signature`.
 */
export function readSignedData(
  bytes: Uint8Array,
  contentType: string,
): { readonly length: number; readonly signers: number } {
  const { value, length } = readTlv(bytes);
  return { length, signers: contentInfo(value, contentType, 0) };
}

function contentInfo(value: Tlv, contentType: string, depth: number): number {
  if (depth > MAX_NESTED_SIGNATURES) throw bad("signatures are nested too deep");
  const [type, wrapped, ...more] = children(value, TAG.sequence, "a signature");
  if (type === undefined || wrapped === undefined || more.length > 0 || oidOf(type) !== SIGNED_DATA) {
    throw bad("it is not signed data (PKCS #7)");
  }
  const [signed, ...others] = children(wrapped, TAG.context0, "signed data");
  if (signed === undefined || others.length > 0) throw bad("it is not signed data (PKCS #7)");
  return signedData(signed, contentType, depth);
}

function signedData(value: Tlv, contentType: string, depth: number): number {
  const [version, digests, content, ...rest] = children(value, TAG.sequence, "signed data");
  if (version?.tag !== TAG.integer || digests?.tag !== TAG.set || content === undefined) {
    throw bad("signed data without version, digests and content");
  }
  const [type, ...contents] = children(content, TAG.sequence, "the content");
  if (type === undefined || oidOf(type) !== contentType) {
    throw bad(`it signs content of type ${type === undefined ? "?" : oidOf(type)}, not ${contentType}`);
  }
  if (contents.length > (contentType === CONTENT.data ? 0 : 1)) throw bad("it carries data of its own");
  const signerInfos = rest.pop();
  for (const [index, part] of rest.entries()) {
    const isDue = part.tag === TAG.context1 || (index === 0 && part.tag === TAG.context0);
    if (!isDue) throw bad("something other than certificates stands in it");
    for (const each of part.children) certificate(each);
  }
  const infos = signerInfos === undefined ? [] : children(signerInfos, TAG.set, "the list of signers");
  if (infos.length === 0) throw bad("nobody signed");
  return infos.reduce((sum, info) => sum + signerInfo(info, contentType, depth), 0);
}

/** What a certificate may be tagged as: X.509's, or attributes certified in version 1 or 2, as Microsoft's time stamps carry them. */
const CERTIFICATES: ReadonlySet<number> = new Set([TAG.sequence, TAG.context1, TAG.context2]);

/** A certificate or a revocation list: both are what is signed, an algorithm, a bit string. */
function certificate({ tag, children }: Tlv): void {
  if (!CERTIFICATES.has(tag)) throw bad(`a certificate in it has the tag ${tag}`);
  const [body, algorithm, signature, ...more] = children;
  const isOne =
    body?.tag === TAG.sequence &&
    algorithm?.tag === TAG.sequence &&
    signature?.tag === BIT_STRING &&
    more.length === 0;
  if (!isOne) throw bad("a certificate in it is none");
}

function signerInfo(value: Tlv, contentType: string, depth: number): number {
  const [version, , digest, ...rest] = children(value, TAG.sequence, "a signer");
  if (rest[0]?.tag === TAG.context0) rest.shift(); // attributes that are signed
  const [algorithm, signature, unsigned, ...more] = rest;
  const isOne =
    version?.tag === TAG.integer &&
    digest?.tag === TAG.sequence &&
    algorithm?.tag === TAG.sequence &&
    signature?.tag === TAG.octets &&
    (unsigned === undefined || unsigned.tag === TAG.context1) &&
    more.length === 0;
  if (!isOne) throw bad("a signer in it is none");
  const inside = unsigned?.children ?? [];
  return inside.reduce((sum, each) => sum + unsignedAttribute(each, contentType, depth), 1);
}

/** How many further signatures an unsigned attribute holds. */
function unsignedAttribute(value: Tlv, contentType: string, depth: number): number {
  const [type, values, ...more] = children(value, TAG.sequence, "an attribute");
  if (type === undefined || values?.tag !== TAG.set || more.length > 0)
    throw bad("an attribute in it is none");
  const name = oidOf(type);
  switch (name) {
    case NESTED:
      return values.children.reduce((sum, each) => sum + contentInfo(each, contentType, depth + 1), 0);
    case COUNTERSIGNATURE:
      for (const each of values.children) signerInfo(each, contentType, depth);
      return 0;
    case MICROSOFT_TIME_STAMP:
    case TIME_STAMP:
      for (const each of values.children) contentInfo(each, CONTENT.tstInfo, depth + 1);
      return 0;
    default:
      throw bad(`it carries an attribute that nobody signed (${name})`);
  }
}

function children(value: Tlv, tag: number, what: string): Tlv[] {
  if (value.tag !== tag) throw bad(`${what} has the tag ${value.tag}, not ${tag}`);
  return [...value.children];
}

function bad(problem: string): ProtocolError {
  return new ProtocolError("normal-form/not-a-signature", problem);
}
