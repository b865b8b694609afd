/** Hashes, keys and signatures. Which implementation runs is `#crypto`'s choice; the answers are the same. */
export { gitHash, sha256, sha256Hex, sha256Into, sha512 } from "./hash.ts";
export {
  assertUsableKey,
  isSmallOrder,
  KEY_BYTES,
  publicFromSeed,
  SEED_BYTES,
  SIGNATURE_BYTES,
  verifyEd25519,
} from "./ed25519.ts";
export { signDomain } from "./domain.ts";
export {
  ed25519Key,
  guiseName,
  keyIdKha,
  keyIdPlain,
  keyName,
  openPgpKey,
  parsePublicKey,
  publicKeyOf,
  readPrivateKey,
  sameKey,
  toOpenPgpLine,
  toPkcs8Pem,
  toRebuilderdPem,
  toSpkiPem,
} from "./key.ts";
export type { PublicKey } from "./key.ts";
export { isKeyName, NOTE_COSIGNATURE, NOTE_ED25519, noteKeyId, parseVkey, toVkey } from "./vkey.ts";
export type { NoteKeyType, Vkey } from "./vkey.ts";
export { verifySignature } from "./foreign.ts";
export type { ForeignVerifier } from "./foreign.ts";
export { sshString, sshText, writeSshString } from "./ssh-key.ts";
export { readSshSignature, verifySshSignature } from "./sshsig.ts";
export type { SshSignature } from "./sshsig.ts";
export { ED25519_OID, NATIVE_POINT, OPENPGP, readMpi, writeMpi } from "./openpgp-key.ts";
export {
  openPgpPacket,
  openPgpParts,
  openPgpTail,
  readOpenPgpSignature,
  subpacketLength,
} from "./openpgp.ts";
export type { OpenPgpSignature } from "./openpgp.ts";
export { dearmor, readDetached } from "./openpgp-armor.ts";
