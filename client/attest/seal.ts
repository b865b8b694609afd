import { dirname, join } from "node:path";
import {
  claimId,
  equalBytes,
  pae,
  parseAttestation,
  sealEnvelope,
  sealLegacyLink,
  verifyWith,
} from "../../protocol/index.ts";
import type { PublicKey, Verified } from "../../protocol/index.ts";
import type { EnvelopeSignature, EnvelopeSigner } from "../edges.ts";
import { ClientError } from "../errors.ts";
import { makeFolder } from "../folder.ts";
import { writeWhole } from "../write-file.ts";

/** Octets in front of a payload in its pre-authentication encoding, at most. */
const MAX_PAE_HEAD = 64;

/** A Statement in a DSSE envelope, a link of the old form about one package, or one of a layout's step. */
export type Form = "dsse" | "link" | "step";

/** A signed statement: the envelope's octets, checked as any receiver would. */
export interface Sealed {
  readonly envelope: Uint8Array;
  readonly verified: Verified;
}

/** Signs a statement. Throws `key/…`. */
export async function seal(
  statement: Uint8Array,
  signer: EnvelopeSigner,
  form: Form = "dsse",
): Promise<Sealed> {
  if (form === "link") return sealLink(statement, signer);
  return attach(statement, await signer.sign(pae(statement)), signer);
}

/** Puts a signature that was made elsewhere to its statement. Throws `key/bad-file` where it does not hold. */
export async function attach(
  statement: Uint8Array,
  { sig, openPgpHeaders }: EnvelopeSignature,
  { key, keyId }: Pick<EnvelopeSigner, "key" | "keyId">,
): Promise<Sealed> {
  const envelope = sealEnvelope(statement, () => sig, keyId, openPgpHeaders);
  const verified = await verifyWith(parseAttestation(envelope), key);
  if (verified === null) {
    throw new ClientError(
      "key/bad-file",
      "the signature does not hold for this statement and key: sign exactly the emitted file, with the private half of --key; nothing was written",
    );
  }
  return { envelope, verified };
}

/** A link, whose readers know Ed25519 alone. */
async function sealLink(signed: Uint8Array, signer: EnvelopeSigner): Promise<Sealed> {
  if (signer.key.type !== "ed25519") {
    throw new ClientError(
      "key/bad-file",
      `links of the old form are signed with Ed25519 keys, this one is ${signer.key.type}: leave --predicate legacy-link`,
    );
  }
  const { sig } = await signer.sign(signed);
  const envelope = sealLegacyLink(signed, sig, signer.key);
  const verified = await verifyWith(parseAttestation(envelope), signer.key);
  if (verified !== null) return { envelope, verified };
  throw new ClientError("key/bad-file", "the signature does not hold for this link; nothing was written");
}

/** The claim id that the envelope will have (RULES R3). */
export function idOf(statement: Uint8Array, key: PublicKey, form: Form = "dsse"): string {
  return claimId(key.raw, form === "dsse" ? pae(statement) : statement);
}

/** The statement in what `writeUnsigned` wrote. Throws `bundle/bad-file` for anything else. */
export function readUnsigned(octets: Uint8Array, path: string): Uint8Array {
  const head = new TextDecoder("latin1").decode(octets.subarray(0, MAX_PAE_HEAD));
  const match = /^DSSEv1 28 application\/vnd\.in-toto\+json [0-9]{1,8} /.exec(head);
  const statement = octets.slice(match?.[0].length ?? 0);
  if (match === null || !equalBytes(pae(statement), octets)) {
    throw new ClientError(
      "bundle/bad-file",
      `${path}: not what \`attest --emit-unsigned\` wrote, or changed since; emit it anew`,
    );
  }
  return statement;
}

/** `DIR/<file name>.<first 8 hex digits of the key id><ending>` (CONTRACT, "Files that commands write"). */
export function envelopePath(folder: string, name: string, keyId: string, ending: string): string {
  return join(folder, `${name}.${keyId.slice(0, 8)}${ending}`);
}

/** Writes what an air-gapped key is to sign. */
export async function writeUnsigned(path: string, statement: Uint8Array): Promise<void> {
  makeFolder(dirname(path));
  await writeWhole(path, pae(statement), { replace: true });
}
