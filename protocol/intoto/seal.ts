/** Signed parts with their signatures, in the forms that in-toto's tools read. */
import { writeEnvelope } from "../attestation/index.ts";
import { concat, fromUtf8, jsonObject, toBase64, toHex, utf8, writeJson } from "../bytes/index.ts";
import type { JsonValue } from "../bytes/index.ts";
import { keyIdKha, keyIdPlain } from "../crypto/index.ts";
import type { PublicKey } from "../crypto/index.ts";

/** A signature that was made: over the signed part (metablock), or over the pre-authentication encoding of its `layoutPayload` (envelope). */
export interface LayoutSignature {
  readonly key: PublicKey;
  readonly sig: Uint8Array;
  /** Of OpenPGP: what the signature signs of itself. */
  readonly openPgpHeaders?: Uint8Array;
}

/** A metablock in one line; keys are named by the id that in-toto 1.x, Go and Rust make. */
export function sealMetablock(signed: Uint8Array, signatures: readonly LayoutSignature[]): Uint8Array {
  const list = signatures.map(({ key, sig, openPgpHeaders }): JsonValue => {
    const keyid = keyIdKha(key);
    if (openPgpHeaders === undefined) return jsonObject({ keyid, sig: toHex(sig) });
    return jsonObject({ keyid, other_headers: toHex(openPgpHeaders), signature: toHex(sig) });
  });
  return concat(
    utf8('{"signatures":'),
    writeJson(list),
    utf8(',"signed":'),
    layoutPayload(signed),
    utf8("}"),
  );
}

/**
 * A signed part as JSON that can be read: canonical JSON has the line feeds of keys in PEM as they are, which JSON does not allow. It is what goes
 * into an envelope; of what it made before it changes nothing.
 */
export function layoutPayload(signed: Uint8Array): Uint8Array {
  if (signed.every((octet) => octet >= SPACE)) return signed;
  return utf8(fromUtf8(signed).replace(CONTROLS, (control) => JSON.stringify(control).slice(1, -1)));
}

const SPACE = 0x20;
// oxlint-disable-next-line no-control-regex -- what JSON forbids inside strings, and canonical JSON has nowhere else
const CONTROLS = /[\u0000-\u001f]/g;

/** A DSSE envelope in one line, around the `layoutPayload`. Each signature stands twice, under both ids of its key: Python's tools look for one, Go's for the other. */
export function sealLayoutEnvelope(signed: Uint8Array, signatures: readonly LayoutSignature[]): Uint8Array {
  const list = signatures.flatMap(({ key, sig, openPgpHeaders }): readonly JsonValue[] => {
    const headers = openPgpHeaders === undefined ? undefined : toHex(openPgpHeaders);
    const ids = [...new Set([keyIdKha(key), keyIdPlain(key)])];
    return ids.map((keyid) => jsonObject({ keyid, other_headers: headers, sig: toBase64(sig) }));
  });
  return writeEnvelope(layoutPayload(signed), list);
}
