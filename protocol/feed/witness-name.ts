/** Names of witnesses that are their keys, as origins are: whoever sees a line of one can verify it without having heard of it (spec/checkpoint.md). */
import { fromHex, toHex } from "../bytes/index.ts";
import { KEY_BYTES } from "../crypto/index.ts";
import { ProtocolError } from "../errors.ts";
import type { Cosigner } from "./cosignature.ts";

/** `samebits/<network>/witness/<lowercase hex of the key>`. */
export function witnessName(network: string, key: Uint8Array): string {
  return `${prefixOf(network)}${toHex(key)}`;
}

/** The witness whom a name names, exactly as `witnessName` writes it; null for any other name. */
export function witnessOfName(name: string, network: string): Cosigner | null {
  const prefix = prefixOf(network);
  if (!name.startsWith(prefix)) return null;
  try {
    return { name, raw: fromHex(name.slice(prefix.length), KEY_BYTES) };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return null;
  }
}

function prefixOf(network: string): string {
  return `samebits/${network}/witness/`;
}
