/** Legacy links as rebuilderd and in-toto write them, signed by builders of the tests. */
import { canonicalJson, ed25519Key, jsonObject, keyIdKha, signDomain, toHex } from "../protocol/index.ts";
import type { JsonValue } from "../protocol/index.ts";
import type { TestBuilder } from "./e2e/claims.ts";

export interface LinkChoices {
  /** `rebuild FILE` unless it is said. */
  readonly name?: string;
  /** Of what came out, in hex. */
  readonly sha256?: string;
  /** Members of `signed` that are others than usual. */
  readonly signed?: Readonly<Record<string, JsonValue>>;
  /** Further signers, behind the first. */
  readonly also?: readonly TestBuilder[];
  readonly keyid?: string;
}

export const DIGEST: string = "ab".repeat(32);

/** A metablock about one file. */
export function linkOf(by: TestBuilder, file: string, choices: LinkChoices = {}): Uint8Array {
  const { name = `rebuild ${file}`, sha256 = DIGEST, also = [] } = choices;
  const signed = canonicalJson(
    jsonObject({
      _type: "link",
      name,
      materials: jsonObject({}),
      products: new Map([[file, jsonObject({ sha256 })]]),
      environment: jsonObject({}),
      byproducts: jsonObject({}),
      command: [],
      ...choices.signed,
    }),
  );
  const signatures = [by, ...also].map(({ seed, raw }, at) => {
    const keyid = at === 0 && choices.keyid !== undefined ? choices.keyid : keyIdKha(ed25519Key(raw));
    return `{"keyid":"${keyid}","sig":"${toHex(signDomain(seed, signed))}"}`;
  });
  // What canonical JSON has as it is, JSON that travels escapes.
  const text = new TextDecoder().decode(signed).replaceAll("\t", "\\t");
  return new TextEncoder().encode(`{"signatures":[${signatures.join(",")}],"signed":${text}}`);
}
