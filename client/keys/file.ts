import { createPrivateKey } from "node:crypto";
import { statSync } from "node:fs";
import {
  ed25519Key,
  keyIdPlain,
  parsePublicKey,
  MAX_KEY_FILE_BYTES,
  publicFromSeed,
  readPrivateKey,
  signDomain,
  toPkcs8Pem,
} from "../../protocol/index.ts";
import type { PublicKey } from "../../protocol/index.ts";
import { readText } from "../artifact/index.ts";
import type { Signer } from "../edges.ts";
import { ClientError } from "../errors.ts";

/** A signer, and what the user should be told about its file. */
export interface OpenedKey {
  readonly signer: Signer;
  /** True if others than the owner may read the file. */
  readonly exposed: boolean;
}

/**
 * Opens a private key file: PKCS#8 PEM, as `keygen`, OpenSSL or rebuilderd write it, plain or encrypted. Throws
 * `input/…`, `key/bad-file`, `key/wrong-passphrase`.
 */
export async function openKeyFile(path: string, passphraseFile?: string): Promise<OpenedKey> {
  return openPrivate(readKeyFile(path), path, passphraseFile);
}

/** A private key in a file's text. Throws as `openKeyFile`. */
export async function openPrivate(
  text: string,
  path: string,
  passphraseFile: string | undefined,
): Promise<OpenedKey> {
  const seed = await seedOf(text, path, passphraseFile);
  const key = ed25519Key(publicFromSeed(seed));
  const signer: Signer = {
    publicKey: key.raw,
    keyId: keyIdPlain(key),
    sign: (bytes) => signDomain(seed, bytes),
  };
  return { signer, exposed: (statSync(path).mode & 0o077) !== 0 };
}

async function seedOf(text: string, path: string, passphraseFile: string | undefined): Promise<Uint8Array> {
  return text.includes("BEGIN ENCRYPTED PRIVATE KEY")
    ? decrypt(text, await readPassphrase(path, passphraseFile), path)
    : plain(text, path);
}

/** A private key file as plain PKCS#8 PEM, for a node that signs its feed with it. Throws as `openKeyFile`. */
export async function openKeyPem(path: string, passphraseFile?: string): Promise<string> {
  return toPkcs8Pem(await seedOf(readKeyFile(path), path, passphraseFile));
}

/** Opens a public key file of any kind that builders have. Throws `input/…`, `key/bad-file`. */
export function readPublicKeyFile(path: string): PublicKey {
  return publicKeyIn(readKeyFile(path), path);
}

/** The public key in a file's text. Throws `key/bad-file`. */
export function publicKeyIn(text: string, path: string): PublicKey {
  try {
    return parsePublicKey(text.trim());
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ClientError("key/bad-file", `${path}: no key that builders have: ${why}`, { cause: error });
  }
}

/** A passphrase: the first line of a file, without its end. */
export async function readPassphraseFile(path: string): Promise<string> {
  const passphrase = readKeyFile(path).split(/\r?\n/, 1)[0] ?? "";
  if (passphrase === "")
    throw new ClientError(
      "key/wrong-passphrase",
      `${path}: its first line is empty, and should be the passphrase`,
    );
  return passphrase;
}

function readPassphrase(path: string, file: string | undefined): Promise<string> {
  if (file !== undefined) return readPassphraseFile(file);
  throw new ClientError(
    "key/wrong-passphrase",
    `${path} is encrypted: name its passphrase's file with --passphrase-file`,
  );
}

function plain(text: string, path: string): Uint8Array {
  try {
    return readPrivateKey(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ClientError("key/bad-file", `${path}: not an Ed25519 private key in PKCS#8 PEM: ${why}`, {
      cause: error,
    });
  }
}

function decrypt(text: string, passphrase: string, path: string): Uint8Array {
  try {
    const key = createPrivateKey({ key: text, passphrase });
    const pem = key.export({ type: "pkcs8", format: "pem" });
    return readPrivateKey(pem.toString());
  } catch (error) {
    throw new ClientError("key/wrong-passphrase", `${path}: the passphrase does not open it`, {
      cause: error,
    });
  }
}

/** A key file's text. Throws `input/…`. */
export function readKeyFile(path: string): string {
  return readText(path, MAX_KEY_FILE_BYTES);
}
