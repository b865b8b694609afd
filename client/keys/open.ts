/** A builder's key, wherever it is: in a file, in an ssh-agent, with GnuPG, or known by its public half alone. */
import { ed25519Key, keyIdPlain } from "../../protocol/index.ts";
import type { PublicKey } from "../../protocol/index.ts";
import type { EnvelopeSigner, Signer } from "../edges.ts";
import { ClientError } from "../errors.ts";
import { openPrivate, publicKeyIn, readKeyFile } from "./file.ts";
import { gpgSigner } from "./gnupg.ts";
import type { GpgHash } from "./gnupg.ts";
import { agentSigner } from "./ssh-agent.ts";

/** A builder's key, with what signs where that can be reached. */
export interface AnyKey {
  readonly key: PublicKey;
  /** As an envelope names it, hex. */
  readonly keyId: string;
  /** Null for a public key: its private one is elsewhere. */
  readonly signer: EnvelopeSigner | null;
  /** True if others than the owner may read its file. */
  readonly exposed: boolean;
}

const AGENT = "ssh-agent:";
const GNUPG = "gpg:";

/**
 * Opens a key as `--key` names it: `ssh-agent:SHA256:…`, `gpg:FINGERPRINT`, or a file with a private or a public key (PEM, a C2SP verifier
 * key, `openpgp:…`). `hash` is that of GnuPG's signatures. Throws `key/…`, `input/…`, `openpgp/…`.
 */
export async function openAnyKey(name: string, passphraseFile?: string, hash?: GpgHash): Promise<AnyKey> {
  if (name.startsWith(AGENT)) return held(await agentSigner(name.slice(AGENT.length)));
  if (name.startsWith(GNUPG)) return held(await gpgSigner(name.slice(GNUPG.length), passphraseFile, hash));
  const text = readKeyFile(name);
  if (text.includes("PRIVATE KEY-----")) {
    const { signer, exposed } = await openPrivate(text, name, passphraseFile);
    return { ...held(signerOf(signer)), exposed };
  }
  const key = publicKeyIn(text, name);
  if (key.type !== "ed25519" && key.type !== "openpgp") {
    throw new ClientError(
      "key/bad-file",
      `${name}: envelopes are signed with Ed25519 or OpenPGP, this key is ${key.type}`,
    );
  }
  return { key, keyId: keyIdPlain(key), signer: null, exposed: false };
}

/** What signs envelopes with a private key that is at hand. */
export function signerOf(signer: Signer): EnvelopeSigner {
  return {
    key: ed25519Key(signer.publicKey),
    keyId: signer.keyId,
    sign: async (message) => ({ sig: signer.sign(message), openPgpHeaders: null }),
  };
}

function held(signer: EnvelopeSigner): AnyKey {
  return { key: signer.key, keyId: signer.keyId, signer, exposed: false };
}
