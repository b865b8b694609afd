/** The one signing function (RULES R2): a key may be builder and feed key at once because no format passes for another. */
import { startsWith, utf8 } from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import { signEd25519 } from "./ed25519.ts";

const DSSE = utf8("DSSEv1 ");
const CHECKPOINT = utf8("samebits/");
const COSIGNATURE = utf8("cosignature/v1\n");
const METABLOCK = utf8('{"_type"');
const NEWLINE = 0x0a;

/**
 * Signs octets of one of our formats with a 32-octet seed: DSSE's pre-authentication encoding, a checkpoint of an origin of ours, a
 * cosignature, or a legacy metablock. Throws `key/foreign-domain` for all else.
 */
export function signDomain(seed: Uint8Array, message: Uint8Array): Uint8Array {
  const known =
    startsWith(message, DSSE) ||
    startsWith(message, COSIGNATURE) ||
    startsWith(message, METABLOCK) ||
    (startsWith(message, CHECKPOINT) && message.includes(NEWLINE));
  if (!known) {
    throw new ProtocolError(
      "key/foreign-domain",
      "refusing to sign octets that begin like none of our formats (DSSE, checkpoint, cosignature, in-toto metablock)",
    );
  }
  return signEd25519(seed, message);
}
