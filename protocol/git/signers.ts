/** Who signed a commit or tag: found out from its octets alone, as `git verify-tag` and `git verify-commit` find it with gpg and ssh-keygen. */
import { concat, equalBytes, startsWith, utf8 } from "../bytes/index.ts";
import {
  openPgpTail,
  readDetached,
  readOpenPgpSignature,
  readSshSignature,
  verifySignature,
  verifySshSignature,
} from "../crypto/index.ts";
import type { PublicKey } from "../crypto/index.ts";
import { ProtocolError } from "../errors.ts";
import type { GitSigned } from "./object.ts";

const SSH = utf8("-----BEGIN SSH SIGNATURE-----");
const OPENPGP = utf8("-----BEGIN PGP SIGNATURE-----");
/** What a signature of OpenSSH's has to be for. */
const NAMESPACE = "git";

/** Those of `keys` that signed, each once. Throws `git/bad-signature` for a signature that is none, or of a kind that is not read (X.509). */
export function gitSigners(
  { payload, signature }: GitSigned,
  keys: readonly PublicKey[],
): Promise<readonly PublicKey[]> {
  if (startsWith(signature, SSH)) return sshSigner(payload, signature, keys);
  if (startsWith(signature, OPENPGP)) return openPgpSigners(payload, signature, keys);
  throw new ProtocolError("git/bad-signature", "the signature is neither OpenPGP's nor OpenSSH's");
}

function sshSigner(
  payload: Uint8Array,
  armored: Uint8Array,
  keys: readonly PublicKey[],
): Promise<readonly PublicKey[]> {
  const signature = within(() => readSshSignature(armored));
  const known = keys.filter(({ type, spki }) => type !== "openpgp" && equalBytes(spki, signature.key.spki));
  if (known.length === 0 || signature.namespace !== NAMESPACE) return Promise.resolve([]);
  return verifySshSignature(signature, payload).then((good) => (good ? known.slice(0, 1) : []));
}

function openPgpSigners(
  payload: Uint8Array,
  armored: Uint8Array,
  keys: readonly PublicKey[],
): Promise<readonly PublicKey[]> {
  const packets = within(() => readDetached(armored));
  const checks = keys
    .filter(({ type }) => type === "openpgp")
    .map((key) =>
      Promise.all(packets.map((packet) => signedBy(key, payload, packet))).then((held) =>
        held.includes(true) ? [key] : [],
      ),
    );
  return Promise.all(checks).then((some) => some.flat());
}

function signedBy(key: PublicKey, payload: Uint8Array, packet: Uint8Array): Promise<boolean> {
  try {
    const { signed } = readOpenPgpSignature(packet);
    return verifySignature(key, concat(payload, openPgpTail(signed)), packet);
  } catch (error) {
    if (error instanceof ProtocolError) return Promise.resolve(false); // of a kind that never holds
    throw error;
  }
}

function within<Value>(read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new ProtocolError("git/bad-signature", error.message, { cause: error });
  }
}
