/** Signatures of files by OpenSSH (PROTOCOL.sshsig), which git makes of commits and tags with `gpg.format ssh`. */
import { concat, Cursor, equalBytes, fromBase64, quote, reading, tried, utf8 } from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import { MAX_SSH_SIGNATURE_BYTES } from "../limits.ts";
import { verifyEcdsaRaw } from "./ecdsa.ts";
import { SIGNATURE_BYTES, verifyEd25519 } from "./ed25519.ts";
import { sha256, sha512 } from "./hash.ts";
import { publicKeyOfSpki } from "./key.ts";
import type { PublicKey } from "./key.ts";
import { verifyRsaPkcs1 } from "./rsa.ts";
import { readSshKey, sshNumber, sshString, sshText, writeSshString } from "./ssh-key.ts";

/** A signature, and the key that it says made it. */
export interface SshSignature {
  readonly key: PublicKey;
  /** What it is for: `git` of commits and tags. Signed. */
  readonly namespace: string;
  /** Of the document. */
  readonly hash: "sha256" | "sha512";
  /** `ssh-ed25519`, `rsa-sha2-512`, … */
  readonly algorithm: string;
  readonly value: Uint8Array;
}

const MAGIC = utf8("SSHSIG");
const VERSION = 1;
const BEGIN = "-----BEGIN SSH SIGNATURE-----";
const END = "-----END SSH SIGNATURE-----";
const COORDINATE_BYTES = 32;

/** Reads an armored signature, and nothing after it. Throws `ssh/bad-signature`, `key/unsupported`. */
export function readSshSignature(armored: Uint8Array): SshSignature {
  if (armored.length > MAX_SSH_SIGNATURE_BYTES)
    throw bad(`it has ${armored.length} octets; at most ${MAX_SSH_SIGNATURE_BYTES} are read`);
  const lines = new TextDecoder("latin1").decode(armored).split(/\r?\n/);
  while (lines.at(-1) === "") lines.pop();
  if (lines[0] !== BEGIN || lines.at(-1) !== END) throw bad("one whole block of SSH SIGNATURE expected");
  return reading("ssh/bad-signature", "SSH signature", () =>
    readBlob(fromBase64(lines.slice(1, -1).join(""))),
  );
}

function readBlob(blob: Uint8Array): SshSignature {
  const cursor = new Cursor(blob);
  if (!equalBytes(cursor.take(MAGIC.length), MAGIC) || cursor.u32() !== VERSION)
    throw bad(`no SSHSIG of version ${VERSION}`);
  const key = publicKeyOfSpki(readSshKey(sshString(cursor)).spki);
  const namespace = sshText(cursor);
  // Reserved, and signed: nobody fills it.
  if (sshString(cursor).length > 0) throw bad("what is reserved is not empty");
  const hash = sshText(cursor);
  if (hash !== "sha256" && hash !== "sha512")
    throw bad(`the hash ${quote(hash)} is none of sha256 and sha512`);
  const signature = new Cursor(sshString(cursor));
  cursor.done();
  const algorithm = sshText(signature);
  const value = sshString(signature);
  signature.done();
  return Object.freeze({ key, namespace, hash, algorithm, value });
}

/** Whether its key made it of these octets. False for whatever is wrong. */
export function verifySshSignature(signature: SshSignature, document: Uint8Array): Promise<boolean> {
  const { key, namespace, hash, algorithm, value } = signature;
  const digest = (hash === "sha256" ? sha256 : sha512)(document);
  const message = concat(
    MAGIC,
    ...[utf8(namespace), new Uint8Array(), utf8(hash), digest].map(writeSshString),
  );
  switch (`${key.type} ${algorithm}`) {
    case "ed25519 ssh-ed25519":
      return Promise.resolve(value.length === SIGNATURE_BYTES && verifyEd25519(key.raw, message, value));
    case "rsa rsa-sha2-256":
      return verifyRsaPkcs1(key.spki, "SHA-256", message, value);
    case "rsa rsa-sha2-512":
      return verifyRsaPkcs1(key.spki, "SHA-512", message, value);
    case "ecdsa-p256 ecdsa-sha2-nistp256": {
      const raw = tried(() => ecdsaNumbers(value));
      return raw === null ? Promise.resolve(false) : verifyEcdsaRaw(key.spki, "SHA-256", message, raw);
    }
    default:
      return Promise.resolve(false); // SHA-1, or another key's
  }
}

/** r || s. */
function ecdsaNumbers(value: Uint8Array): Uint8Array {
  const cursor = new Cursor(value);
  const raw = new Uint8Array(2 * COORDINATE_BYTES);
  for (const end of [COORDINATE_BYTES, 2 * COORDINATE_BYTES]) {
    const number = sshNumber(cursor);
    if (number.length > COORDINATE_BYTES) throw bad("a number of it is too long");
    raw.set(number, end - number.length);
  }
  cursor.done();
  return raw;
}

function bad(problem: string): ProtocolError {
  return new ProtocolError("ssh/bad-signature", `SSH signature: ${problem}`);
}
