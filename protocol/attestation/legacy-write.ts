/**
 * Links of the old form, written for clients that read nothing else: rebuilderd's, and in-toto 1.x. One profile that all of them check
 * (`protocol/spec/attestation.md`, "Writing"); it says less than a Statement, so it is written on request only.
 */
import { assertEmittable, canonicalJson, concat, jsonObject, quote, toHex, utf8 } from "../bytes/index.ts";
import type { JsonValue } from "../bytes/index.ts";
import { keyIdKha } from "../crypto/index.ts";
import type { PublicKey } from "../crypto/index.ts";
import { ProtocolError } from "../errors.ts";
import { fileDescriptor, isOfGit } from "./descriptor.ts";
import type { Descriptor } from "./descriptor.ts";
import { assertFew } from "./emit.ts";
import type { Product } from "./emit.ts";
import { LEGACY_LINK } from "./legacy.ts";

/**
 * The `signed` part of a link, as it is signed: a step made these products of these materials. Throws `statement/target-twice` where a name
 * stands twice, `attestation/bad-name` for what has no SHA-256, `json/not-canonical` for what tools sign differently.
 */
export function buildLegacyLink(
  products: readonly Product[],
  { step, materials }: { readonly step: string; readonly materials: readonly Descriptor[] },
): Uint8Array {
  assertFew(products.length, materials.length);
  const signed = jsonObject({
    _type: LEGACY_LINK,
    name: step,
    materials: filesJson(materials),
    products: filesJson(products.map(({ file, sha256 }) => fileDescriptor(file, sha256))),
    environment: jsonObject({}),
    byproducts: jsonObject({}),
    command: [],
  });
  assertEmittable(signed);
  return canonicalJson(signed);
}

/** The link with its signature, in one line. */
export function sealLegacyLink(signed: Uint8Array, sig: Uint8Array, key: PublicKey): Uint8Array {
  const head = `{"signatures":[{"keyid":"${keyIdKha(key)}","sig":"${toHex(sig)}"}],"signed":`;
  return concat(utf8(head), signed, utf8("}"));
}

function filesJson(
  files: readonly Pick<Descriptor, "name" | "sha256" | "gitCommit" | "gitTag">[],
): JsonValue {
  const named = new Map<string, JsonValue>();
  for (const file of files) {
    const { name, sha256 } = file;
    if (named.has(name)) {
      throw new ProtocolError(
        "statement/target-twice",
        `${quote(name)} stands twice: a link of the old form knows files by name alone`,
      );
    }
    if (sha256 === null || isOfGit(file)) {
      throw new ProtocolError(
        "attestation/bad-name",
        `${quote(name)} is no file with a SHA-256: a link of the old form has no place for a commit`,
      );
    }
    named.set(name, jsonObject({ sha256: toHex(sha256) }));
  }
  return named;
}
