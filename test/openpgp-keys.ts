/** OpenPGP keys that OpenPGP.js makes, and what they sign: for tests of those who check it. */
import assert from "node:assert/strict";
import * as openpgp from "openpgp";
import { readCertificate } from "../client/keys/certificate.ts";
import { readDetached } from "../protocol/crypto/index.ts";
import type { PublicKey } from "../protocol/crypto/index.ts";

export interface Making {
  readonly type: "ecc" | "curve25519" | "rsa";
  readonly curve?: "ed25519Legacy" | "nistP256";
  readonly rsaBits?: number;
  readonly date?: Date;
  readonly keyExpirationTime?: number;
}

export interface OpenPgpSigner {
  readonly key: PublicKey;
  /** The signature packet over a document, as of `date`: now, if that is left out. */
  readonly sign: (document: Uint8Array, date?: Date) => Promise<Uint8Array>;
}

export async function openPgpSigner(options: Making): Promise<OpenPgpSigner> {
  const { privateKey } = await openpgp.generateKey({
    userIDs: [{ name: "Tester" }],
    ...options,
    format: "object",
  });
  const { keys } = await readCertificate(new Uint8Array(privateKey.toPublic().write()));
  const [key] = keys;
  assert.ok(key !== undefined);
  const sign = async (document: Uint8Array, date: Date = new Date()): Promise<Uint8Array> => {
    const message = await openpgp.createMessage({ binary: document });
    const signature = await openpgp.sign({
      date,
      message,
      signingKeys: privateKey,
      detached: true,
      format: "binary",
    });
    const [packet] = readDetached(new Uint8Array(signature));
    assert.ok(packet !== undefined);
    return packet;
  };
  return { key, sign };
}
