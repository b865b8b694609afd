import { keyIdPlain, sha256Hex } from "../../protocol/index.ts";
import type { PublicKey } from "../../protocol/index.ts";
import { readAttestations } from "../attest/index.ts";
import type { Imported } from "./imported.ts";
import { whoSigned } from "./who-signed.ts";

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
      const id = sha256Hex(attestation.bytes);
      if (imported.has(id)) continue;
      const known = await whoSigned(attestation, keys);
      const signer = known === null ? null : { name: known.name, keyId: keyIdPlain(known.key) };
      imported.set(id, { source: `${path}#${at}`, attestation, signer });
    }
  }
  return [...imported.values()];
}
