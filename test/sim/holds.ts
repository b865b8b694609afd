import { sha256Hex, verifyEd25519 } from "../../protocol/crypto/index.ts";
import type { SignatureItem } from "../../protocol/peer/index.ts";

/** What was checked once, by whichever peer: the same octets have the same answer, and checking is what a run spends its time on. */
const CHECKED: Map<string, boolean> = new Map();

/** Whether the signature is this key's. */
export function holds({ key, message, signature }: SignatureItem): boolean {
  if (key.type !== "ed25519") return false;
  const name = sha256Hex(key.raw, signature, message);
  const known = CHECKED.get(name) ?? verifyEd25519(key.raw, message, signature);
  CHECKED.set(name, known);
  return known;
}
