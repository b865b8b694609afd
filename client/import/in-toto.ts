import { keyIdPlain, verifyWith } from "../../protocol/index.ts";
import type { PublicKey } from "../../protocol/index.ts";
import { readAttestations } from "../attest/index.ts";
import type { Imported } from "./imported.ts";

/** A key that is at hand, and what it is called. */
export interface KnownSigner {
  readonly name: string;
  readonly key: PublicKey;
}

/**
 * The links and DSSE envelopes of files (JSON lines in any order, or one that may span lines), `-` for stdin, once each. Who signed is said
 * as far as keys are at hand. Throws `input/…`, and `bundle/bad-file` with file and line for what is no attestation.
 */
export async function harvestInToto(
  paths: readonly string[],
  keys: readonly KnownSigner[],
): Promise<readonly Imported[]> {
  const imported = new Map<string, Imported>();
  for (const path of paths) {
    for (const [at, attestation] of (await readAttestations(path)).entries()) {
      const id = new TextDecoder("latin1").decode(attestation.bytes);
      if (imported.has(id)) continue;
      const one: Imported = { source: `${path}#${at}`, attestation, signer: null };
      imported.set(id, one);
      for (const { name, key } of keys) {
        if ((await verifyWith(attestation, key)) === null) continue;
        imported.set(id, { ...one, signer: { name, keyId: keyIdPlain(key) } });
        break;
      }
    }
  }
  return [...imported.values()];
}
