/** Octets, text and foreign values: everything that is read anywhere is read through these. */
export {
  concat,
  compareBytes,
  equalBytes,
  gather,
  isViewAt,
  octetsIn,
  startsWith,
  u16be,
  u32be,
  u64be,
  viewAround,
  viewOf,
} from "./octets.ts";
export { Cursor } from "./cursor.ts";
export {
  counted,
  fromBase64,
  fromBase64Either,
  fromDecimal,
  fromHex,
  fromUtf8,
  quote,
  showable,
  showableLine,
  toBase64,
  toDecimal,
  toHex,
  utf8,
} from "./text.ts";
export { reading } from "./reading.ts";
export { tried } from "./tried.ts";
export { isJsonArray, isJsonObject, readJson } from "./json.ts";
export type { JsonLimits, JsonValue } from "./json.ts";
export { assertEmittable, canonicalJson, compareCodePoints, jsonObject, writeJson } from "./canonical.ts";
export { record, RecordShape, Shape } from "./shape.ts";
export type { Place, ValuePath } from "./shape.ts";
export { readToml } from "./toml.ts";
export type { TomlDocument, TomlLimits } from "./toml.ts";
export { readPem, writePem } from "./pem.ts";
export type { LineEnd, Pem } from "./pem.ts";
export {
  readEcdsaSignature,
  readPkcs8,
  readSpki,
  writeEd25519Spki,
  writeP256Spki,
  writePkcs8,
  writeRebuilderdSpki,
  writeRsaSpki,
} from "./der.ts";
export type { SpkiKey } from "./der.ts";
