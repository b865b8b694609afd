/** Functionaries' keys as people name them in layouts: files, keys in the text itself, keys of GnuPG's and of an ssh-agent. */
import { isAbsolute, join } from "node:path";
import {
  MAX_KEY_FILE_BYTES,
  parsePublicKey,
  ProtocolError,
  readJson,
  readLayoutKey,
  Shape,
} from "../../protocol/index.ts";
import type { PublicKey } from "../../protocol/index.ts";
import { readText } from "../artifact/index.ts";
import { ClientError } from "../errors.ts";
import { openAnyKey } from "../keys/index.ts";

/** What a key that stands in the text itself begins with: PEM, OpenPGP. */
const INLINE = ["-----BEGIN ", "openpgp:"];
/** What is asked for it. */
const HELD = ["ssh-agent:", "gpg:"];
/** A C2SP verifier key: name, key id, base64. */
const VERIFIER_KEY = /^[^+\s]+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+$/;

/**
 * The public key that a text names: PEM, a verifier key or `openpgp:…` as it stands; `gpg:FINGERPRINT` or `ssh-agent:SHA256:…`; else a file with
 * one of these, with a private key of its own, or with in-toto's JSON, in `folder` where its path is relative. Throws `key/…`, `input/…`.
 */
export async function openLayoutKey(name: string, folder: string): Promise<PublicKey> {
  if (HELD.some((scheme) => name.startsWith(scheme))) return (await openAnyKey(name)).key;
  if (INLINE.some((start) => name.startsWith(start)) || VERIFIER_KEY.test(name))
    return publicKeyIn(name, "the key");
  const path = isAbsolute(name) ? name : join(folder, name);
  const text = readText(path, MAX_KEY_FILE_BYTES);
  if (text.includes("PRIVATE KEY-----"))
    throw new ClientError(
      "key/bad-file",
      `${path}: a private key: name the public one (.pub), which layouts hold`,
    );
  return text.trimStart().startsWith("{") ? inTotoKey(text, path) : publicKeyIn(text, path);
}

function publicKeyIn(text: string, place: string): PublicKey {
  return told(place, () => parsePublicKey(text.trim()));
}

/** A key as in-toto's tools write it: `in-toto-keygen -t ed25519`. */
function inTotoKey(text: string, path: string): PublicKey {
  return told(path, () =>
    readLayoutKey(new Shape(readJson(text, { maxBytes: MAX_KEY_FILE_BYTES }), path, []), null),
  );
}

function told(place: string, read: () => PublicKey): PublicKey {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new ClientError(
      "key/bad-file",
      `${place}: no key of functionaries: ${error.message} (${error.code})`,
      {
        cause: error,
      },
    );
  }
}
