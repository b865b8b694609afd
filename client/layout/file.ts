/** Layouts and links in files: read, and signed by one more. What others have signed stays as it stands, octet for octet. */
import {
  checkSigners,
  formatTime,
  fromUtf8,
  isJsonArray,
  isJsonObject,
  keyIdKha,
  keyIdPlain,
  MAX_LINK_BYTES,
  pae,
  parseDocument,
  placeOfFile,
  ProtocolError,
  readJson,
  sealLayoutEnvelope,
  sealMetablock,
  utf8,
  writeJson,
} from "../../protocol/index.ts";
import type { Document, JsonValue, PublicKey } from "../../protocol/index.ts";
import { readWhole } from "../artifact/index.ts";
import type { EnvelopeSignature } from "../edges.ts";
import { ClientError } from "../errors.ts";

/** How signatures go with what they sign. */
export type Wrapping = "metablock" | "dsse";

/** A layout or link, and how it lies in its file. */
export interface LayoutFile {
  readonly path: string;
  /** `unsigned`: a metablock that nobody has signed, of which anything can be made yet. */
  readonly form: "unsigned" | Document["form"];
  readonly content: Document["content"];
  /** What is signed; of an unsigned one as a metablock. */
  readonly signedBytes: Uint8Array;
  /** Null where nobody has signed it. */
  readonly document: Document | null;
  /** As it stands in the file. */
  readonly envelope: ReadonlyMap<string, JsonValue>;
}

/** What any reader would call a signature, in hex and in base64, and none is. */
const NO_SIGNATURE = new Map([
  ["keyid", "00"],
  ["sig", "0000"],
]);

/** A layout without signatures, as `layout sign` and in-toto-sign take it. */
export function unsignedLayout(signed: Uint8Array): Uint8Array {
  return writeJson(
    new Map<string, JsonValue>([
      ["signatures", []],
      ["signed", readJson(signed, { maxBytes: MAX_LINK_BYTES })],
    ]),
  );
}

/** Reads a file. Throws `input/…`, and `layout/bad-file` for what is neither layout nor link, or not exactly one. */
export function readLayoutFile(path: string): LayoutFile {
  return layoutFileOf(readWhole(path, MAX_LINK_BYTES), path);
}

/** The same of a file that was read. */
export function layoutFileOf(bytes: Uint8Array, path: string): LayoutFile {
  try {
    const envelope = readJson(bytes, { maxBytes: MAX_LINK_BYTES });
    if (!isJsonObject(envelope)) throw new ProtocolError("layout/bad-document", "an object expected");
    const signatures = envelope.get("signatures") ?? null;
    const isUnsigned = isJsonArray(signatures) && signatures.length === 0;
    const document = parseDocument(
      isUnsigned ? writeJson(new Map([...envelope, ["signatures", [NO_SIGNATURE]]])) : bytes,
    );
    const { form, signedBytes, content } = document;
    const read = { path, signedBytes, content, envelope };
    if (!isUnsigned) return { ...read, form, document };
    // An envelope stays one, whoever signs it first.
    return { ...read, form: form === "metablock" ? "unsigned" : form, document: null };
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** The same, to be signed. Throws `layout/not-signable` for a layout that is over. */
export function openToSign(path: string, now: number): LayoutFile {
  const file = readLayoutFile(path);
  const { content } = file;
  if (content.kind === "layout" && content.expires <= now)
    throw new ClientError(
      "layout/not-signable",
      `${path}: the layout expired ${formatTime(content.expires)}: nobody could use it; make it anew with a later --expires`,
    );
  return file;
}

/** The octets that a signature signs: with `wrapping` null, as the file has it. Throws `layout/not-signable`. */
export function toSign(file: LayoutFile, wrapping: Wrapping | null): Uint8Array {
  const { path, form, signedBytes } = file;
  if (form === "metablock" && wrapping === "dsse")
    throw new ClientError(
      "layout/not-signable",
      `${path}: it is signed as a metablock, and these signatures hold for nothing else: leave --dsse, or begin with what \`samebits layout new\` wrote`,
    );
  return form === "unsigned" && wrapping === "dsse" ? pae(payloadOf(file)) : signedBytes;
}

/** What an envelope is to hold: plain JSON, for canonical JSON that has control characters is none. */
function payloadOf({ envelope }: LayoutFile): Uint8Array {
  return writeJson(envelope.get("signed") ?? null);
}

/**
 * The file with one more signature, made here or elsewhere, in place of an older one by the same key. Throws `key/bad-file` for a signature that does
 * not hold, `layout/bad-file` where there are too many.
 */
export async function signatureAdded(
  file: LayoutFile,
  wrapping: Wrapping | null,
  key: PublicKey,
  { sig, openPgpHeaders }: EnvelopeSignature,
): Promise<Uint8Array> {
  const { path, form, envelope } = file;
  const made = [openPgpHeaders === null ? { key, sig } : { key, sig, openPgpHeaders }];
  const isNewEnvelope = form === "unsigned" && wrapping === "dsse";
  const sealed = isNewEnvelope || form === "dsse" || form === "statement";
  const fresh = readEnvelope(
    sealed ? sealLayoutEnvelope(payloadOf(file), made) : sealMetablock(utf8("null"), made),
  );
  const own = new Set([keyIdKha(key), keyIdPlain(key)]);
  const others = signaturesIn(envelope).filter((one) => !own.has(keyIdOf(one)));
  const begun = isNewEnvelope ? fresh : envelope;
  const bytes = writeJson(new Map([...begun, ["signatures", [...others, ...signaturesIn(fresh)]]]));
  try {
    const { signers } = await checkSigners(parseDocument(bytes), [key], placeOfFile("layout"));
    if (signers.length > 0) return utf8(`${fromUtf8(bytes)}\n`);
  } catch (error) {
    throw unreadable(path, error);
  }
  throw new ClientError(
    "key/bad-file",
    `the signature does not fit ${path} and this key: it was made by another, or over another file; nothing was written`,
  );
}

function readEnvelope(bytes: Uint8Array): ReadonlyMap<string, JsonValue> {
  const value = readJson(bytes, { maxBytes: 2 * MAX_LINK_BYTES });
  return isJsonObject(value) ? value : new Map();
}

function signaturesIn(envelope: ReadonlyMap<string, JsonValue>): readonly JsonValue[] {
  const signatures = envelope.get("signatures");
  return signatures !== undefined && isJsonArray(signatures) ? signatures : [];
}

function keyIdOf(signature: JsonValue): string {
  const keyid = isJsonObject(signature) ? signature.get("keyid") : undefined;
  return typeof keyid === "string" ? keyid : "";
}

function unreadable(path: string, error: unknown): ClientError {
  if (!(error instanceof ProtocolError)) throw error;
  return new ClientError("layout/bad-file", `${path}: no layout or link: ${error.message} (${error.code})`, {
    cause: error,
  });
}
