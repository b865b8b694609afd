import { createPrivateKey, randomBytes } from "node:crypto";
import { basename, join } from "node:path";
import {
  ed25519Key,
  isKeyName,
  keyIdKha,
  keyIdPlain,
  publicFromSeed,
  toPkcs8Pem,
  toSpkiPem,
  toVkey,
} from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";
import { makeFolder, removeFile } from "../folder.ts";
import { writeWhole } from "../write-file.ts";

/** What `keygen` made. */
export interface MadeKey {
  readonly name: string;
  readonly privateFile: string;
  readonly publicFile: string;
  /** As in-toto ≥ 2.2 and TUF count it. */
  readonly keyId: string;
  /** As rebuilderd and in-toto 1.x count it. */
  readonly keyIdKha: string;
  /** C2SP verifier key. */
  readonly vkey: string;
}

/**
 * Makes an Ed25519 key pair: `NAME.key` (PKCS#8 PEM, mode 0600, encrypted where a passphrase is given) and `NAME.pub`
 * (SPKI PEM). Never overwrites: `output/exists`.
 */
export async function keygen(name: string, folder: string, passphrase: string | null): Promise<MadeKey> {
  if (basename(name) !== name || !isKeyName(name)) {
    throw new ClientError(
      "usage/bad-option",
      `"${name}" is no name for a key: take one without slash, space and "+"`,
    );
  }
  const seed = new Uint8Array(randomBytes(32));
  const key = ed25519Key(publicFromSeed(seed));
  const privateFile = join(folder, `${name}.key`);
  const publicFile = join(folder, `${name}.pub`);
  makeFolder(folder);
  const pem = toPkcs8Pem(seed);
  await writeWhole(privateFile, passphrase === null ? pem : encrypt(pem, passphrase), {
    mode: 0o600,
    replace: false,
  });
  try {
    await writeWhole(publicFile, toSpkiPem(key), { replace: false });
  } catch (error) {
    // Half a pair would be in the way of the next one.
    removeFile(privateFile);
    throw error;
  }
  return {
    name,
    privateFile,
    publicFile,
    keyId: keyIdPlain(key),
    keyIdKha: keyIdKha(key),
    vkey: toVkey(name, key.raw),
  };
}

function encrypt(pem: string, passphrase: string): string {
  const options = { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase } as const;
  return createPrivateKey(pem).export(options).toString();
}
