/** DSSE v1 envelopes around in-toto payloads (secure-systems-lab/dsse, protocol.md and envelope.md v1.0.2). */
import {
  concat,
  fromBase64Either,
  jsonObject,
  quote,
  toBase64,
  toHex,
  utf8,
  writeJson,
} from "../bytes/index.ts";
import type { JsonValue, RecordShape, Shape } from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import { MAX_ENTRY_BYTES, MAX_KEY_ID_BYTES, MAX_SIGNATURE_BYTES, MAX_SIGNATURES } from "../limits.ts";
import type { Signature } from "./signature.ts";

const PAYLOAD_TYPE = "application/vnd.in-toto+json";

export interface Envelope {
  readonly payload: Uint8Array;
  readonly signatures: readonly Signature[];
}

/**
 * Pre-authentication encoding: what an envelope's signatures sign.
 * `DSSEv1 <octets of type> <type> <octets of payload> <payload>`, numbers in decimal.
 */
export function pae(payload: Uint8Array, payloadType: string = PAYLOAD_TYPE): Uint8Array {
  const typeLength = payloadType === PAYLOAD_TYPE ? PAYLOAD_TYPE.length : utf8(payloadType).length;
  return concat(utf8(`DSSEv1 ${typeLength} ${payloadType} ${payload.length} `), payload);
}

/**
 * Reads an envelope's members. Stricter than DSSE, which lets readers ignore unknown members: beside the payload nothing travels that
 * no signature covers, except hints in the signatures (key ids, certificates), which are ignored. Throws `dsse/bad-payload-type`, `attestation/bad-signatures`, `bytes/bad-base64`, `shape/…`.
 */
export function readEnvelope(envelope: RecordShape): Envelope {
  const payloadType = envelope.string("payloadType");
  if (payloadType !== PAYLOAD_TYPE) {
    throw new ProtocolError(
      "dsse/bad-payload-type",
      `the payload type is ${quote(payloadType)}; ${PAYLOAD_TYPE} is read`,
    );
  }
  const payload = fromBase64Either(envelope.string("payload"));
  const signatures = readSignatures(envelope.member("signatures"));
  envelope.done();
  return { payload, signatures };
}

function readSignatures(shape: Shape): readonly Signature[] {
  const items = shape.list(Number.MAX_SAFE_INTEGER);
  if (items.length === 0 || items.length > MAX_SIGNATURES) {
    shape.fail("attestation/bad-signatures", `${items.length} signatures; 1 to ${MAX_SIGNATURES} are read`);
  }
  return items.map((item) => {
    const signature = item.record();
    const keyid = signature.optional("keyid")?.string(MAX_KEY_ID_BYTES) ?? "";
    const octets = signature.member("sig");
    const sig = fromBase64Either(octets.string());
    assertSignatureSize(octets, sig);
    // As in-toto keeps what a signature of GnuPG's signs of itself.
    const headers = signature.optional("other_headers");
    const openPgpHeaders = headers === undefined ? null : headers.hex();
    // The specification takes an absent and an empty key id for the same.
    return Object.freeze({ keyid: keyid === "" ? null : keyid, sig, openPgpHeaders });
  });
}

/** Throws `attestation/bad-signatures` unless a signature has 1 to MAX_SIGNATURE_BYTES octets. */
export function assertSignatureSize(shape: Shape, sig: Uint8Array): void {
  if (sig.length === 0 || sig.length > MAX_SIGNATURE_BYTES) {
    shape.fail(
      "attestation/bad-signatures",
      `the signature has ${sig.length} octets; 1 to ${MAX_SIGNATURE_BYTES} are read`,
    );
  }
}

/**
 * The envelope of a payload: one line of JSON without its newline. `sign` gets the pre-authentication encoding; a signature made
 * elsewhere (air-gapped keys) is passed as `() => signature`. Of an OpenPGP signature `openPgpHeaders` is what it signs of itself. Throws
 * `attestation/too-big`.
 */
export function sealEnvelope(
  payload: Uint8Array,
  sign: (message: Uint8Array) => Uint8Array,
  keyid: string | null,
  openPgpHeaders: Uint8Array | null = null,
): Uint8Array {
  const signature = {
    keyid: keyid ?? undefined,
    other_headers: openPgpHeaders === null ? undefined : toHex(openPgpHeaders),
    sig: toBase64(sign(pae(payload))),
  };
  const bytes = writeEnvelope(payload, [jsonObject(signature)]);
  assertEntrySize(bytes);
  return bytes;
}

/** An envelope of any size, with its signatures as they are to stand there. */
export function writeEnvelope(payload: Uint8Array, signatures: readonly JsonValue[]): Uint8Array {
  return writeJson(jsonObject({ payload: toBase64(payload), payloadType: PAYLOAD_TYPE, signatures }));
}

/** Throws `attestation/too-big` for what is no feed entry. */
export function assertEntrySize(bytes: Uint8Array): void {
  if (bytes.length > MAX_ENTRY_BYTES) {
    throw new ProtocolError(
      "attestation/too-big",
      `the attestation has ${bytes.length} octets; a feed takes ${MAX_ENTRY_BYTES}: put fewer subjects or materials into one`,
    );
  }
}
