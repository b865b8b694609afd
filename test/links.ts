/** Legacy links as rebuilderd and in-toto write them, signed by builders of the tests. */
import {
  buildRetraction,
  canonicalJson,
  claimId,
  ed25519Key,
  fromHex,
  jsonObject,
  keyIdKha,
  parseAttestation,
  sealEnvelope,
  signDomain,
  toHex,
} from "../protocol/index.ts";
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

/** Takes a claim about a file back, which `of` has signed. */
export function retractionOf(
  by: TestBuilder,
  entry: Uint8Array,
  file: string,
  of: TestBuilder = by,
): Uint8Array {
  const statement = buildRetraction([{ target: null, file, sha256: fromHex(DIGEST) }], {
    retracts: [claimId(of.raw, parseAttestation(entry).signedBytes)],
    reason: "wrong machine",
    replacedBy: null,
    time: 1_700_000_000_000,
  });
  return sealEnvelope(statement, (bytes) => signDomain(by.seed, bytes), keyIdKha(ed25519Key(by.raw)));
}
