/** OpenPGP keys as in-toto writes them: their numbers, of which the packet is made again that is the key (RFC 9580 5.5.2). */
import { concat, Cursor, jsonObject, quote, toHex, u32be } from "../bytes/index.ts";
import type { JsonValue, RecordShape, Shape } from "../bytes/index.ts";
import {
  ED25519_OID,
  keyIdPlain,
  NATIVE_POINT,
  OPENPGP,
  openPgpKey,
  readMpi,
  writeMpi,
} from "../crypto/index.ts";
import type { PublicKey } from "../crypto/index.ts";
import { ProtocolError } from "../errors.ts";
import { MAX_KEY_ID_BYTES, MAX_SUBKEYS } from "../limits.ts";

const OPENPGP_VERSION = 4;

/** A key with the subkeys that sign in its stead. */
export interface LayoutKey {
  readonly key: PublicKey;
  /** ms since 1970; null = it does not expire. */
  readonly expires: number | null;
  readonly subkeys: readonly (Omit<LayoutKey, "subkeys"> & { readonly id: string })[];
}

export function refusePrivate(values: RecordShape): void {
  const shape = values.optional("private");
  if (shape !== undefined && shape.value !== "" && shape.value !== null)
    shape.fail("layout/bad-document", "a private key stands here: whoever has this file has the key");
}

/** GnuPG's, as in-toto writes them: the numbers, and since 2019 the time with which they make the fingerprint. */
export function readOpenPgpObject(fields: RecordShape): LayoutKey {
  const own = openPgpOf(fields);
  const subkeys = [...(fields.optional("subkeys")?.table(MAX_SUBKEYS) ?? [])].map(([id, shape]) => {
    const subkey = shape.record();
    // in-toto 0.5 and later write none here.
    subkey.optional("subkeys");
    const read = shape.within(() => openPgpOf(subkey));
    subkey.done();
    assertFingerprint(read, id, shape);
    return { id, key: read.key, expires: read.expires };
  });
  const id = fields.optional("keyid")?.string(MAX_KEY_ID_BYTES);
  fields.done();
  if (id !== undefined) assertFingerprint(own, id, fields.shape);
  return { key: own.key, expires: own.expires, subkeys };
}

interface OpenPgpObject {
  readonly key: PublicKey;
  readonly expires: number | null;
  /** Whether the object has the time, without which there is no fingerprint. */
  readonly isDated: boolean;
}

function openPgpOf(fields: RecordShape): OpenPgpObject {
  const method = fields.string("method");
  for (const name of ["type", "hashes", "keyid"]) fields.optional(name);
  const created = fields.optional("creation_time")?.integer(0, 2 ** 32 - 1);
  const lasts = fields.optional("validity_period")?.integer(0, 2 ** 32 - 1) ?? 0;
  const values = fields.record("keyval");
  refusePrivate(values);
  const numbers = values.record("public");
  const head = concat(Uint8Array.of(OPENPGP_VERSION), u32be(created ?? 0));
  const body = concat(head, numbersOf(method, numbers));
  numbers.done();
  values.done();
  const expires = created === undefined || lasts === 0 ? null : 1_000 * (created + lasts);
  return { key: openPgpKey(body), expires, isDated: created !== undefined };
}

function numbersOf(method: string, numbers: RecordShape): Uint8Array {
  switch (method) {
    case "pgp+rsa-pkcsv1.5":
      return concat(
        Uint8Array.of(OPENPGP.rsa),
        writeMpi(numbers.member("n").hex()),
        writeMpi(numbers.member("e").hex()),
      );
    case "pgp+eddsa-ed25519": {
      const point = concat(Uint8Array.of(NATIVE_POINT), numbers.member("q").hex(32));
      return concat(Uint8Array.of(OPENPGP.eddsaLegacy, ED25519_OID.length), ED25519_OID, writeMpi(point));
    }
    default:
      throw new ProtocolError("key/unsupported", `OpenPGP keys of the method ${quote(method)} are not read`);
  }
}

function assertFingerprint({ key, isDated }: OpenPgpObject, id: string, shape: Shape): void {
  if (isDated && keyIdPlain(key) !== id)
    shape.fail(
      "layout/bad-document",
      `the key's fingerprint is ${keyIdPlain(key)}, and it stands under another id`,
    );
}

/** The key's object. Throws `key/unsupported` for algorithms that in-toto has no object for. */
export function writeOpenPgpObject(key: PublicKey): JsonValue {
  const packet = new Cursor(key.raw);
  packet.take(1);
  const created = packet.u32();
  const algorithm = packet.u8();
  const keyid = keyIdPlain(key);
  const object = (type: string, method: string, numbers: JsonValue): JsonValue =>
    jsonObject({
      creation_time: created,
      hashes: ["pgp+SHA2"],
      keyid,
      keyval: jsonObject({ private: "", public: numbers }),
      method,
      type,
    });
  if (algorithm === OPENPGP.rsa) {
    const [n, e] = [readMpi(packet), readMpi(packet)];
    return object("rsa", "pgp+rsa-pkcsv1.5", jsonObject({ e: toHex(e), n: toHex(n) }));
  }
  if (algorithm !== OPENPGP.eddsaLegacy)
    throw new ProtocolError(
      "key/unsupported",
      "in-toto has no writing for this OpenPGP key: RSA and EdDSA have one",
    );
  packet.take(packet.u8());
  const point = readMpi(packet);
  return object("eddsa", "pgp+eddsa-ed25519", jsonObject({ q: toHex(point.subarray(1)) }));
}
