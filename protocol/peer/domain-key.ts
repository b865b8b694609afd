/** Where the DHT says who carries a trust domain: at two slots of this key, as of any other (RULES R26). */
import { toHex, utf8 } from "../bytes/index.ts";
import { sha256 } from "../crypto/index.ts";

/** SHA-256 of `samebits/<network>/trust/<40 hex digits>`: the beginning of the fingerprint, which every pin has. */
export function domainKey(network: string, domain: Uint8Array): Uint8Array {
  return sha256(utf8(`samebits/${network}/trust/${toHex(domain)}`));
}
