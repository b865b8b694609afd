import { join } from "node:path";
import { mkdir } from "node:fs/promises";
import { claimId, fromUtf8, pae, parseAttestation, sealEnvelope, verifyOwn } from "../../protocol/index.ts";
import type { Verified } from "../../protocol/index.ts";
import type { Signer } from "../edges.ts";
import { ClientError } from "../errors.ts";
import { writeWhole } from "../write-file.ts";

/** A signed statement: the envelope's octets, checked as any receiver would. */
export interface Sealed {
  readonly envelope: Uint8Array;
  readonly verified: Verified;
}

/** Signs a statement with a key at hand. */
export function seal(statement: Uint8Array, signer: Signer): Sealed {
  return checked(
    sealEnvelope(statement, (message) => signer.sign(message), signer.keyId),
    signer.publicKey,
  );
}

/** What an air-gapped key is to sign: the octets themselves, not their hash. */
export function unsignedOctets(statement: Uint8Array): Uint8Array {
  return pae(statement);
}

/** Puts a signature that was made elsewhere to its statement. Throws `key/bad-file` where it does not hold. */
export function attach(
  statement: Uint8Array,
  signature: Uint8Array,
  key: { readonly publicKey: Uint8Array; readonly keyId: string },
): Sealed {
  return checked(
    sealEnvelope(statement, () => signature, key.keyId),
    key.publicKey,
  );
}

/** The claim id that the envelope will have (RULES R3). */
export function idOf(statement: Uint8Array, publicKey: Uint8Array): string {
  return claimId(publicKey, pae(statement));
}

/** `DIR/<file name>.<first 8 hex digits of the key id>.dsse.jsonl`, one line (CONTRACT, "Files that commands write"). */
export async function writeEnvelope(
  folder: string,
  name: string,
  keyId: string,
  sealed: Sealed,
): Promise<string> {
  const path = join(folder, `${name}.${keyId.slice(0, 8)}.dsse.jsonl`);
  await mkdir(folder, { recursive: true });
  await writeWhole(path, `${fromUtf8(sealed.envelope)}\n`, { replace: true });
  return path;
}

function checked(envelope: Uint8Array, publicKey: Uint8Array): Sealed {
  const verified = verifyOwn(parseAttestation(envelope), publicKey);
  if (verified === null) {
    throw new ClientError(
      "key/bad-file",
      "the signature does not hold for this statement and key; nothing was written",
    );
  }
  return { envelope, verified };
}
