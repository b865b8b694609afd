import {
  fromUtf8,
  MAX_CERTIFICATE_BYTES,
  ProtocolError,
  readJson,
  readLayoutKey,
  Shape,
} from "../../protocol/index.ts";
import type { PublicKey } from "../../protocol/index.ts";
import { readWhole } from "../artifact/index.ts";
import { ClientError } from "../errors.ts";
import { readCertificate } from "./certificate.ts";
import { publicKeyIn } from "./file.ts";

const ARMOR = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
const PEM = "-----BEGIN ";

/**
 * The public key of whoever signs layouts or tags, in any writing that there is of one: PEM, a verifier key, a line of OpenSSH's, `openpgp:…`, in-toto's JSON (`NAME.pub` of
 * in-toto-keygen), or an OpenPGP certificate, armored or not, of which any key that may sign is its holder's. Throws `input/…`, `key/bad-file`.
 */
export async function openOwnerKey(path: string): Promise<readonly [PublicKey, ...PublicKey[]]> {
  const octets = readWhole(path, MAX_CERTIFICATE_BYTES);
  const text = textIn(octets);
  if (text === null || text.startsWith(ARMOR)) return keysOfCertificate(octets, path);
  return [text.startsWith("{") ? intotoKeyIn(octets, path) : publicKeyIn(text, path)];
}

/** Null for what is no text: an OpenPGP certificate as it is exported. */
function textIn(octets: Uint8Array): string | null {
  try {
    const text = fromUtf8(octets).trim();
    return text.startsWith(PEM) || /^[\x20-\x7e\s]*$/.test(text) ? text : null;
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw error;
  }
}

async function keysOfCertificate(
  octets: Uint8Array,
  path: string,
): Promise<readonly [PublicKey, ...PublicKey[]]> {
  try {
    const { keys, refused } = await readCertificate(octets);
    const [first, ...others] = keys;
    if (first !== undefined) return [first, ...others];
    throw new ProtocolError(
      "key/bad-openpgp",
      `no key of the certificate may sign: ${refused.map(({ why }) => why).join(", ")}`,
    );
  } catch (error) {
    throw badFile(path, error);
  }
}

function intotoKeyIn(octets: Uint8Array, path: string): PublicKey {
  try {
    return readLayoutKey(new Shape(readJson(octets, { maxBytes: MAX_CERTIFICATE_BYTES }), path, []), null);
  } catch (error) {
    throw badFile(path, error);
  }
}

function badFile(path: string, error: unknown): unknown {
  // The single file of `verify` has no library to read certificates with, and says so.
  if (!(error instanceof Error)) return error;
  const code = error instanceof ProtocolError ? ` (${error.code})` : "";
  return new ClientError("key/bad-file", `${path}: ${error.message}${code}`, { cause: error });
}
