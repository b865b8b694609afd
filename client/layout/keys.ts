/** Functionaries' keys as people name them in layouts: files, keys in the text itself, keys of GnuPG's and of an ssh-agent. */
import { isAbsolute, join } from "node:path";
import { keyIdPlain, parsePublicKey, ProtocolError } from "../../protocol/index.ts";
import type { PublicKey } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";
import { openAnyKey, openOwnerKey } from "../keys/index.ts";

/** What a key that stands in the text itself begins with: PEM, OpenPGP. */
const INLINE = ["-----BEGIN ", "openpgp:"];
/** What is asked for it. */
const HELD = ["ssh-agent:", "gpg:"];
/** A C2SP verifier key: name, key id, base64. */
const VERIFIER_KEY = /^[^+\s]+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+$/;

/**
 * The public key that a text names: PEM, a verifier key or `openpgp:…` as it stands; `gpg:FINGERPRINT` or `ssh-agent:SHA256:…`; else a file with
 * one of these, with in-toto's JSON or an OpenPGP certificate of one key, in `folder` where its path is relative. Throws `key/…`, `input/…`.
 */
export async function openLayoutKey(name: string, folder: string): Promise<PublicKey> {
  if (HELD.some((scheme) => name.startsWith(scheme))) return (await openAnyKey(name)).key;
  if (INLINE.some((start) => name.startsWith(start)) || VERIFIER_KEY.test(name)) return inText(name);
  const path = isAbsolute(name) ? name : join(folder, name);
  const [key, ...others] = await openOwnerKey(path);
  if (others.length === 0) return key;
  const which = [key, ...others].map((one) => `gpg:${keyIdPlain(one)}`).join(", ");
  throw new ClientError(
    "key/bad-file",
    `${path}: several keys of this certificate may sign, and a functionary is one: name it as ${which}`,
  );
}

function inText(text: string): PublicKey {
  try {
    return parsePublicKey(text.trim());
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new ClientError("key/bad-file", `no key of functionaries: ${error.message} (${error.code})`, {
      cause: error,
    });
  }
}
