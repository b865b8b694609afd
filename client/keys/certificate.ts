/**
 * OpenPGP certificates: which keys somebody's certificate says may sign. Read when a policy is written or signatures are brought in, and
 * never for a verdict: that knows keys, each by itself (`protocol/crypto/openpgp-key.ts`). The `openpgp` library reads them, loaded at the first one.
 */
import type { Key, readKeys, SignaturePacket, Subkey } from "openpgp";
import {
  dearmor,
  MAX_CERTIFICATE_BYTES,
  MAX_CERTIFICATE_KEYS,
  openPgpKey,
  ProtocolError,
} from "../../protocol/index.ts";
import type { PublicKey } from "../../protocol/index.ts";

export interface Certificate {
  /** Of the primary key, hex. */
  readonly fingerprint: string;
  /** Whom it names, in its own words: unverified. */
  readonly users: readonly string[];
  /** Keys that may sign documents: the primary one, and subkeys that it has bound and that have agreed. */
  readonly keys: readonly PublicKey[];
  /** Keys that don't count, and why. */
  readonly refused: readonly RefusedKey[];
}

export interface RefusedKey {
  readonly fingerprint: string;
  readonly why: string;
}

interface Library {
  readonly readKeys: typeof readKeys;
}

/** Key flag of RFC 9580 5.2.3.29. */
const SIGNS = 0x02;
const BLOCK = "PGP PUBLIC KEY BLOCK";
/** A bound subkey that may not sign: nobody's business here. */
const OTHER_USE = Symbol("other use");

/**
 * The one certificate in armored or binary octets. Expiry is not looked at, since its holder can move it at any time: until when a key
 * counts is for policies to say. A revoked key never counts, whatever the reason. Rejects with `key/bad-openpgp`.
 */
export async function readCertificate(octets: Uint8Array): Promise<Certificate> {
  if (octets.length > MAX_CERTIFICATE_BYTES) {
    throw bad(`it has ${octets.length} octets; at most ${MAX_CERTIFICATE_BYTES} are read`);
  }
  const library = await import("openpgp");
  const certificate = await parse(library, octets);
  const parts = [certificate, ...certificate.subkeys];
  if (parts.length > MAX_CERTIFICATE_KEYS) {
    throw bad(`it has ${parts.length} keys; at most ${MAX_CERTIFICATE_KEYS} are read`);
  }
  const revoked = await isRevoked(certificate, certificate);
  const keys: PublicKey[] = [];
  const refused: RefusedKey[] = [];
  for (const part of parts) {
    const fingerprint = part.getFingerprint();
    try {
      if (revoked) throw bad("the certificate is revoked");
      const signature = part === certificate ? await selfSignature(certificate) : await binding(part);
      if (signature === OTHER_USE) continue;
      keys.push(openPgpKey(part.keyPacket.write()));
    } catch (error) {
      refused.push({ fingerprint, why: messageOf(error) });
    }
  }
  return Object.freeze({
    fingerprint: certificate.getFingerprint(),
    users: Object.freeze(certificate.getUserIDs()),
    keys: Object.freeze(keys),
    refused: Object.freeze(refused),
  });
}

async function parse(library: Library, octets: Uint8Array): Promise<Key> {
  try {
    const binaryKeys = dearmor(octets, BLOCK);
    const [certificate, ...more] = await library.readKeys({ binaryKeys });
    if (certificate === undefined || more.length > 0) throw bad("exactly one certificate expected");
    return certificate;
  } catch (cause) {
    if (cause instanceof ProtocolError && cause.code === "key/bad-openpgp") throw cause;
    throw new ProtocolError("key/bad-openpgp", `OpenPGP certificate: ${messageOf(cause)}`, { cause });
  }
}

/** What the primary key says of itself: as of its own last word, so that no clock has a say. */
async function selfSignature(certificate: Key): Promise<SignaturePacket | typeof OTHER_USE> {
  const own = certificate.users.flatMap(({ selfCertifications }) => selfCertifications);
  const { selfCertification } = await certificate.getPrimaryUser(latest(own));
  return maySign(selfCertification) ? selfCertification : OTHER_USE;
}

/** What the primary key says of a subkey; with the subkey's own agreement, which the library demands of those that sign. */
async function binding(part: Key | Subkey): Promise<SignaturePacket | typeof OTHER_USE> {
  if (!("mainKey" in part)) throw bad("not a subkey");
  const signature = await part.verify(latest(part.bindingSignatures));
  if (!maySign(signature)) return OTHER_USE;
  if (await isRevoked(part, part.mainKey)) throw bad("the subkey is revoked");
  return signature;
}

/** Whether a revocation that the primary key has signed stands beside it, as of that revocation. */
async function isRevoked(part: Key | Subkey, main: Key): Promise<boolean> {
  if (part.revocationSignatures.length === 0) return false;
  const when = latest(part.revocationSignatures);
  if (!("mainKey" in part)) return part.isRevoked(undefined, undefined, when);
  const [signature] = part.bindingSignatures;
  return signature !== undefined && part.isRevoked(signature, main.keyPacket, when);
}

function maySign({ keyFlags }: SignaturePacket): boolean {
  return ((keyFlags?.[0] ?? 0) & SIGNS) !== 0;
}

function latest(signatures: readonly SignaturePacket[]): Date {
  return new Date(Math.max(0, ...signatures.map(({ created }) => created?.getTime() ?? 0)));
}

function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split("\n", 1)[0] ?? "";
}

function bad(problem: string): ProtocolError {
  return new ProtocolError("key/bad-openpgp", `OpenPGP certificate: ${problem}`);
}
