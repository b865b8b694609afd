/** Signed parts with their signatures, in the forms that in-toto's tools read. */
import { concat, jsonObject, toBase64, toHex, utf8, writeJson } from "../bytes/index.ts";
import type { JsonValue } from "../bytes/index.ts";
import { keyIdKha, keyIdPlain } from "../crypto/index.ts";
import type { PublicKey } from "../crypto/index.ts";

/** A signature that was made, over the signed part (metablock) or its pre-authentication encoding (envelope). */
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
  return concat(utf8('{"signatures":'), writeJson(list), utf8(',"signed":'), signed, utf8("}"));
}

const PAYLOAD_TYPE = "application/vnd.in-toto+json";

/** A DSSE envelope in one line. Each signature stands twice, under both ids of its key: Python's tools look for one, Go's for the other. */
export function sealLayoutEnvelope(signed: Uint8Array, signatures: readonly LayoutSignature[]): Uint8Array {
  const list = signatures.flatMap(({ key, sig, openPgpHeaders }): readonly JsonValue[] => {
    const headers = openPgpHeaders === undefined ? undefined : toHex(openPgpHeaders);
    const ids = [...new Set([keyIdKha(key), keyIdPlain(key)])];
    return ids.map((keyid) => jsonObject({ keyid, other_headers: headers, sig: toBase64(sig) }));
  });
  return writeJson(jsonObject({ payload: toBase64(signed), payloadType: PAYLOAD_TYPE, signatures: list }));
}
