/** Keys as layouts hold them (securesystemslib's key objects), OpenPGP's among them. */
import { fromHex, jsonObject, quote, toHex } from "../bytes/index.ts";
import type { JsonValue, RecordShape, Shape } from "../bytes/index.ts";
import { ed25519Key, guiseName, keyIdKha, parsePublicKey, toSpkiPem } from "../crypto/index.ts";
import type { PublicKey } from "../crypto/index.ts";
import { ProtocolError } from "../errors.ts";
import { MAX_KEY_ID_BYTES } from "../limits.ts";
import { readOpenPgpObject, refusePrivate, writeOpenPgpObject } from "./openpgp.ts";
import type { LayoutKey } from "./openpgp.ts";
import type { Document } from "./types.ts";

/** What securesystemslib calls algorithms. */
const TYPES: ReadonlyMap<string, PublicKey["type"]> = new Map([
  ["ed25519", "ed25519"],
  ["rsa", "rsa"],
  ["ecdsa", "ecdsa-p256"],
  ["ecdsa-sha2-nistp256", "ecdsa-p256"],
]);
const KHA = ["sha256", "sha512"];

/** The keys of a layout's functionaries, each once, in every guise, subkeys too; none of a link. */
export function keysOf({ content }: Document): readonly PublicKey[] {
  if (content.kind === "link") return [];
  const all = [...content.keys.values(), ...[...content.subkeys.values()].map(({ key }) => key)];
  return [...new Map(all.map((key) => [guiseName(key), key])).values()];
}

/**
 * A key object: `keyid` says what the document calls it, null where it stands alone. Throws `key/unsupported` for algorithms and certificates that
 * are not read, `key/…`, `der/…`, `shape/…`, and `layout/bad-document` for one with its private half.
 */
export function readLayoutKey(shape: Shape, keyid: string | null): PublicKey {
  return readKeyObject(shape, keyid).key;
}

/** The same, with subkeys. */
export function readKeyObject(shape: Shape, keyid: string | null): LayoutKey {
  const fields = shape.record();
  const said = fields.optional("keyid")?.string(MAX_KEY_ID_BYTES);
  if (said !== undefined && keyid !== null && said !== keyid)
    fields
      .member("keyid")
      .fail("layout/bad-document", "it is another id than the one that the key stands under");
  return fields.optional("method") === undefined
    ? { key: readPlain(fields), expires: null, subkeys: [] }
    : readOpenPgpObject(fields);
}

function readPlain(fields: RecordShape): PublicKey {
  const type = fields.string("keytype");
  const scheme = fields.string("scheme");
  fields.optional("keyid_hash_algorithms");
  const values = fields.record("keyval");
  refusePrivate(values);
  const certificate = values.optional("certificate")?.string() ?? "";
  const text = values.optional("public")?.string() ?? "";
  values.done();
  fields.done();
  if (certificate !== "" || text === "")
    throw new ProtocolError("key/unsupported", "a key that only a certificate names is not read");
  const due = TYPES.get(type);
  if (due === undefined)
    throw new ProtocolError("key/unsupported", `keys of type ${quote(type)} (${quote(scheme)}) are not read`);
  const key = due === "ed25519" && !text.startsWith("-----") ? ed25519Of(text) : parsePublicKey(text);
  if (key.type !== due)
    return fields.shape.fail(
      "layout/bad-document",
      `it says that it is of type ${quote(type)}, and is ${key.type}`,
    );
  return key;
}

function ed25519Of(hex: string): PublicKey {
  return ed25519Key(fromHex(hex, 32));
}

/** The key as layouts hold it, under its id with hash algorithms (`keyIdKha`), which of an OpenPGP key is its fingerprint. */
export function writeLayoutKey(key: PublicKey): JsonValue {
  if (key.type === "openpgp") return writeOpenPgpObject(key);
  const [keytype, scheme, text] = wordsOf(key, key.type);
  return jsonObject({
    keyid: keyIdKha(key),
    keyid_hash_algorithms: KHA,
    keytype,
    // no empty `private`: in-toto-golang drops that before it verifies, and finds every signature wrong
    keyval: jsonObject({ public: text }),
    scheme,
  });
}

function wordsOf(
  key: PublicKey,
  type: Exclude<PublicKey["type"], "openpgp">,
): readonly [string, string, string] {
  switch (type) {
    case "ed25519":
      return ["ed25519", "ed25519", toHex(key.raw)];
    case "ecdsa-p256":
      return ["ecdsa", "ecdsa-sha2-nistp256", toSpkiPem(key).trimEnd()];
    case "rsa":
      return ["rsa", "rsassa-pss-sha256", toSpkiPem(key).trimEnd()];
  }
}
