import type { PublicKey } from "../../../protocol/index.ts";

/** One of our files in words. */
export interface Shown {
  readonly kind: "attestation" | "bundle" | "evidence" | "checkpoint" | "proof" | "sums";
  readonly facts: readonly string[];
  readonly proven: readonly string[];
  readonly notProven: readonly string[];
}

/** A key that the user knows, and by what name. */
export interface KnownKey {
  readonly name: string;
  readonly key: PublicKey;
}

/** Text of strangers for a terminal: no control characters, cut. */
export function plain(text: string, maxChars: number = 200): string {
  const clean = text.replace(/\p{C}/gu, "?");
  return clean.length <= maxChars ? clean : `${clean.slice(0, maxChars)}…`;
}
