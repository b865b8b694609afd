import { compareBytes, concat, toHex, utf8 } from "../bytes/index.ts";
import { sha256Hex } from "../crypto/index.ts";

/**
 * The same matter has the same id, whoever proves it and with which proof (RULES R14: one for each kind, keys and target). `keys` are
 * raw Ed25519 keys or SPKI, in any order; `target` is a target key or null. 64 hex digits.
 */
export function evidenceId(kind: string, keys: readonly Uint8Array[], target: Uint8Array | null): string {
  const sorted = [...keys].sort(compareBytes).map((key) => `${toHex(key)}\n`);
  const tail = utf8(`${sorted.join("")}${target === null ? "" : toHex(target)}\n`);
  return sha256Hex(concat(utf8(`samebits evidence\n${kind}\n`), tail));
}
