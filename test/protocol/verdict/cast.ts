/** Who and what there is in scenes: keys made of names, digests made of letters, and what they sign. */
import { debTarget } from "../../../protocol/attestation/index.ts";
import type { Target } from "../../../protocol/attestation/index.ts";
import { canonicalJson, jsonObject, toHex, utf8, writeJson } from "../../../protocol/bytes/index.ts";
import { ed25519Key, keyIdKha, publicFromSeed, sha256, signDomain } from "../../../protocol/crypto/index.ts";
import type { PublicKey } from "../../../protocol/crypto/index.ts";

export const NETWORK = "test";
export const NOW: number = Date.UTC(2026, 10, 21, 14, 30);

export const HELLO: Target = debTarget({
  namespace: "debian",
  name: "hello",
  version: "2.10-3",
  arch: "amd64",
});

export interface Signer {
  readonly key: PublicKey;
  readonly sign: (message: Uint8Array) => Uint8Array;
}

const signers = new Map<string, Signer>();

/** The same one for the same name: making a key costs as much as a signature. */
export function signer(name: string, number: number = 1): Signer {
  const seed = sha256(utf8(`${name} ${number}`));
  const known = signers.get(toHex(seed));
  if (known !== undefined) return known;
  const made = { key: ed25519Key(publicFromSeed(seed)), sign: remembered(seed) };
  signers.set(toHex(seed), made);
  return made;
}

/** Signs; what was signed before is not signed again, since most of what scenes say is said in many of them. */
function remembered(seed: Uint8Array): Signer["sign"] {
  const signatures = new Map<string, Uint8Array>();
  return (message) => {
    const name = toHex(sha256(message));
    const signature = signatures.get(name) ?? signDomain(seed, message);
    signatures.set(name, signature);
    return signature.slice();
  };
}

export function digest(name: string): Uint8Array {
  return sha256(utf8(name));
}

/** A legacy link as rebuilderd makes it, or of another step, signed by each of these. */
export function legacyLink(
  file: string,
  sha256: Uint8Array,
  signers: readonly Signer[],
  said: ReadonlyMap<string, string> = new Map(),
): { readonly bytes: Uint8Array; readonly message: Uint8Array } {
  const signed = jsonObject({
    _type: "link",
    name: said.get("step") ?? `rebuild ${file}`,
    materials: jsonObject({}),
    products: jsonObject({ [file]: jsonObject({ sha256: toHex(sha256) }) }),
    environment: null,
    byproducts: jsonObject({ stdout: said.get("run") }),
    command: [],
  });
  const message = canonicalJson(signed);
  const signatures = signers.map(({ key, sign }) =>
    jsonObject({ keyid: keyIdKha(key), sig: toHex(sign(message)) }),
  );
  return { bytes: writeJson(jsonObject({ signatures, signed })), message };
}
