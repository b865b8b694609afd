import { basename, join } from "node:path";
import { keyIdPlain, MAX_CERTIFICATE_BYTES, ProtocolError } from "../../protocol/index.ts";
import type { PublicKey } from "../../protocol/index.ts";
import { parseFile, readWhole } from "../artifact/index.ts";
import { readCertificate } from "../keys/index.ts";
import type { Certificate } from "../keys/index.ts";
import type { LeftOut, Signer } from "./imported.ts";
import { filesBelow } from "./walk.ts";

/** A certificate and what its file calls it. */
export interface NamedCertificate {
  readonly path: string;
  /** The file's name without its ending. */
  readonly name: string;
  readonly certificate: Certificate;
}

/** A key that may sign, and whose it is. */
export interface NamedKey {
  readonly signer: Signer;
  readonly key: PublicKey;
}

const ENDING = /\.(?:gpg|asc|pgp|pub|key)$/;

/** The certificate in a file. Throws `input/…`, `key/bad-openpgp`, `openpgp/bad-armor`. */
export async function openCertificate(path: string): Promise<NamedCertificate> {
  const octets = readWhole(path, MAX_CERTIFICATE_BYTES);
  try {
    return { path, name: basename(path).replace(ENDING, ""), certificate: await readCertificate(octets) };
  } catch (error) {
    return parseFile(path, () => {
      throw error;
    });
  }
}

/** The keys that may sign of all certificates in a folder; those that can't be read are left out. */
export async function keysIn(
  folder: string,
): Promise<{ readonly keys: readonly NamedKey[]; readonly leftOut: readonly LeftOut[] }> {
  const keys: NamedKey[] = [];
  const leftOut: LeftOut[] = [];
  for (const file of filesBelow(folder).filter((name) => ENDING.test(name))) {
    const path = join(folder, file);
    try {
      const { name, certificate } = await openCertificate(path);
      for (const key of certificate.keys) keys.push({ signer: { name, keyId: keyIdPlain(key) }, key });
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      leftOut.push({ source: path, code: error.code, reason: error.message });
    }
  }
  return { keys, leftOut };
}
