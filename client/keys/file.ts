import { createPrivateKey } from "node:crypto";
import { open } from "node:fs/promises";
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
import { unreadable } from "../artifact/index.ts";
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
  const { text, mode } = await readSmall(path);
  const seed = text.includes("BEGIN ENCRYPTED PRIVATE KEY")
    ? decrypt(text, await readPassphrase(path, passphraseFile), path)
    : plain(text, path);
  const key = ed25519Key(publicFromSeed(seed));
  const signer: Signer = {
    publicKey: key.raw,
    keyId: keyIdPlain(key),
    sign: (bytes) => signDomain(seed, bytes),
  };
  return { signer, exposed: (mode & 0o077) !== 0 };
}

/** A private key file as plain PKCS#8 PEM, for a node that signs its feed with it. Throws as `openKeyFile`. */
export async function openKeyPem(path: string, passphraseFile?: string): Promise<string> {
  const { text } = await readSmall(path);
  const seed = text.includes("BEGIN ENCRYPTED PRIVATE KEY")
    ? decrypt(text, await readPassphrase(path, passphraseFile), path)
    : plain(text, path);
  return toPkcs8Pem(seed);
}

/** A builder's key, with what signs where the file holds the private one. */
export interface AnyKey extends Omit<OpenedKey, "signer"> {
  readonly publicKey: Uint8Array;
  /** Plain key id, hex. */
  readonly keyId: string;
  /** Null for a public key: its private one is elsewhere. */
  readonly signer: Signer | null;
}

/** Opens a private or a public key file (PEM, or a C2SP verifier key). Throws as `openKeyFile`. */
export async function openAnyKey(path: string, passphraseFile?: string): Promise<AnyKey> {
  const { text } = await readSmall(path);
  if (text.includes("PRIVATE KEY-----")) {
    const { signer, exposed } = await openKeyFile(path, passphraseFile);
    return { publicKey: signer.publicKey, keyId: signer.keyId, signer, exposed };
  }
  const key = publicKeyIn(text, path);
  if (key.type !== "ed25519") {
    throw new ClientError("key/bad-file", `${path}: builders sign with Ed25519, this key is ${key.type}`);
  }
  return { publicKey: key.raw, keyId: keyIdPlain(key), signer: null, exposed: false };
}

function publicKeyIn(text: string, path: string): PublicKey {
  try {
    return parsePublicKey(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ClientError("key/bad-file", `${path}: no key that builders have: ${why}`, { cause: error });
  }
}

/** A passphrase: the first line of a file, without its end. */
export async function readPassphraseFile(path: string): Promise<string> {
  const passphrase = (await readSmall(path)).text.split(/\r?\n/, 1)[0] ?? "";
  if (passphrase === "") throw new ClientError("key/wrong-passphrase", `${path}: its first line is empty`);
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

async function readSmall(path: string): Promise<{ readonly text: string; readonly mode: number }> {
  try {
    await using file = await open(path, "r");
    const { size, mode } = await file.stat();
    if (size > MAX_KEY_FILE_BYTES) {
      throw new ClientError("input/too-big", `${path}: a key file has at most ${MAX_KEY_FILE_BYTES} octets`);
    }
    return { text: await file.readFile("utf8"), mode };
  } catch (error) {
    if (error instanceof ClientError) throw error;
    throw unreadable(path, error);
  }
}
