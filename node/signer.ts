import { publicFromSeed, readPrivateKey, signDomain } from "../protocol/index.ts";
import type { Signer } from "./edges.ts";
import { NodeError } from "./errors.ts";

/** A signer with an unencrypted PKCS#8 Ed25519 key. Throws `data/bad-key` naming `where` the text came from. */
export function openSigner(pem: string, where: string): Signer {
  const seed = seedOf(pem, where);
  return {
    publicKey: publicFromSeed(seed),
    sign: (bytes) => signDomain(seed, bytes),
  };
}

function seedOf(pem: string, where: string): Uint8Array {
  try {
    return readPrivateKey(pem);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new NodeError("data/bad-key", `${where} is not an Ed25519 private key in PKCS#8 PEM: ${why}`, {
      cause,
    });
  }
}
