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
import { MAX_GIT_SIGNATURES } from "../limits.ts";
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
  if (packets.length > MAX_GIT_SIGNATURES)
    throw new ProtocolError(
      "git/bad-signature",
      `${packets.length} signatures in one; at most ${MAX_GIT_SIGNATURES} are tried`,
    );
  const known = keys.filter(({ type }) => type === "openpgp");
  const signers = new Set<PublicKey>();
  return inTurn(packets, (packet) =>
    signerOf(packet, payload, known).then((key) => {
      if (key !== null) signers.add(key);
      return false;
    }),
  ).then(() => known.filter((key) => signers.has(key)));
}

/** The key that a packet is of; null where it is none of these. */
function signerOf(
  packet: Uint8Array,
  payload: Uint8Array,
  keys: readonly PublicKey[],
): Promise<PublicKey | null> {
  const signed = signedIn(packet);
  if (signed === null) return Promise.resolve(null);
  const message = concat(payload, openPgpTail(signed));
  return inTurn(keys, (key) => verifySignature(key, message, packet));
}

/** Null for what is of a kind that never holds. */
function signedIn(packet: Uint8Array): Uint8Array | null {
  try {
    return readOpenPgpSignature(packet).signed;
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw error;
  }
}

/** The first of which it holds, tried one after the other: what each try needs in memory is not needed at once. */
function inTurn<Item>(items: readonly Item[], holds: (item: Item) => Promise<boolean>): Promise<Item | null> {
  return items.reduce<Promise<Item | null>>(
    (before, item) =>
      before.then((found) => (found === null ? holds(item).then((held) => (held ? item : null)) : found)),
    Promise.resolve(null),
  );
}

function within<Value>(read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new ProtocolError("git/bad-signature", error.message, { cause: error });
  }
}
