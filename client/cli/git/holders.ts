/** Who may have signed: holders of keys, as `--key` names them. */
import { isPrintable, ProtocolError } from "../../../protocol/index.ts";
import type { PublicKey } from "../../../protocol/index.ts";
import { ClientError } from "../../errors.ts";
import { openCertificate } from "../../import/index.ts";
import { readPublicKeyFile } from "../../keys/index.ts";

/** Somebody with one key or, as an OpenPGP certificate has them, several. */
export interface Holder {
  readonly name: string;
  readonly keys: readonly PublicKey[];
}

/**
 * The holder of a file's key: PEM, a C2SP verifier key, a line of OpenSSH's, `openpgp:…`, or an OpenPGP certificate, of which all keys that may
 * sign are one holder's. Throws `key/…`, `input/…`.
 */
export async function openHolder(path: string): Promise<Holder> {
  if (!isPrintable(path)) throw new ClientError("usage/bad-option", "--key: a path of one line expected");
  try {
    return { name: path, keys: [readPublicKeyFile(path)] };
  } catch (error) {
    const isOther = error instanceof ClientError && error.code === "key/bad-file";
    if (!isOther) throw error;
    try {
      const { certificate } = await openCertificate(path);
      return { name: path, keys: certificate.keys };
    } catch (second) {
      // Of a file that is no certificate either, what it lacks of being a key says more.
      if (second instanceof ClientError || second instanceof ProtocolError) throw error;
      throw second;
    }
  }
}
