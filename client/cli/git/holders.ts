/** Who may have signed: holders of keys, as `--key` names them. */
import { isPrintable } from "../../../protocol/index.ts";
import type { PublicKey } from "../../../protocol/index.ts";
import { ClientError } from "../../errors.ts";
import { openOwnerKey } from "../../keys/index.ts";

/** Somebody with one key or, as an OpenPGP certificate has them, several. */
export interface Holder {
  readonly name: string;
  readonly keys: readonly PublicKey[];
}

/** The holder of a file's key, as `openOwnerKey` reads it: all keys of a certificate that may sign are one holder's. Throws `key/…`, `input/…`. */
export async function openHolder(path: string): Promise<Holder> {
  if (!isPrintable(path)) throw new ClientError("usage/bad-option", "--key: a path of one line expected");
  return { name: path, keys: await openOwnerKey(path) };
}
