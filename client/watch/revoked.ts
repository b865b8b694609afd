/** What an alert is worth where a policy has revoked the key that it is about: as much as `verify` makes of it (spec/verdict.md, "Revoked keys"). */
import { keyIdPlain, toHex, writeDate } from "../../protocol/index.ts";
import type { Policy, Revocation } from "../../protocol/index.ts";

/** That a builder's key is anybody's, and since when. */
export interface Revoked {
  readonly builder: string;
  readonly revocation: Revocation;
}

/** For each of the keys: null where it is not revoked, or not yet. */
export function revokedIn(
  policy: Policy,
  keys: readonly Uint8Array[],
  now: number,
): readonly (Revoked | null)[] {
  return keys.map((raw) => {
    const hex = toHex(raw);
    for (const { name, revoked } of policy.builders.values()) {
      const revocation = revoked.find(({ key, atMs }) => toHex(key.raw) === hex && atMs <= now);
      if (revocation !== undefined) return { builder: name, revocation };
    }
    return null;
  });
}

/** What to make of an alert of this kind. */
export function revokedInWords(kind: string, { builder, revocation }: Revoked): string {
  const { key, atMs, witnesses } = revocation;
  const whose = `The key ${keyIdPlain(key).slice(0, 8)}… of ${builder} is revoked as of ${writeDate(atMs)}`;
  switch (kind) {
    case "self-contradiction":
    case "disagreement":
      return witnesses === null
        ? `${whose}: what it signed may be anybody's, and counts neither for nor against.`
        : `${whose}: what it signed may be anybody's, and counts neither for nor against, but for what ${witnesses.k} of ${witnesses.of.map(({ name }) => name).join(", ")} had seen in a feed before.`;
    case "fork":
    case "bad-leaf":
      return `${whose}: whoever has the key can do this, so it is held against nobody.`;
    default:
      return `${whose}: this says nothing of ${builder}.`;
  }
}
