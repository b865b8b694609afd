/**
 * Keys that are revoked as of a time (spec/verdict.md, "Revoked keys"): whatever is signed with one from then on is anybody's, and a thief
 * dates it as he likes. So only witnesses tell what was there before. That counts in full, the rest neither for nor against.
 */
import { sameKey } from "../crypto/index.ts";
import type { PublicKey } from "../crypto/index.ts";
import type { Builder, Revocation } from "../policy/index.ts";
import type { Heard } from "./heard.ts";
import type { Findings } from "./types.ts";
import { Witnessed } from "./witnessed.ts";

/** Tells of signatures by a builder's keys whether they may be anybody's: the key is revoked, and enough witnesses are not proven to have seen it before. */
export function anybodysBy(
  builder: Builder,
  found: Findings,
  now: number,
): (spoken: Pick<Heard, "verified" | "carried">) => boolean {
  const isAnybodys = isAnybodysKey(builder, found, now);
  return ({ verified, carried }) => isAnybodys(verified.signer, carried);
}

/** The same by the key that signed, and where that is carried. */
export function isAnybodysKey(
  builder: Builder,
  found: Findings,
  now: number,
): (signer: PublicKey, carried: Heard["carried"]) => boolean {
  const before = new Map(
    revokedBy(builder, now).map((one) => {
      const { atMs, witnesses } = one;
      // Before that time: times are whole ms.
      return [one, witnesses === null ? null : new Witnessed(witnesses, found, now, atMs - 1)] as const;
    }),
  );
  return (signer, carried) => {
    const revocation = revocationOf(builder, signer, now);
    return revocation !== null && before.get(revocation)?.isSeen({ carried }) !== true;
  };
}

/** Since when a key of the builder is anybody's; null where it is not. */
export function revocationOf(builder: Builder, signer: PublicKey, now: number): Revocation | null {
  return revokedBy(builder, now).find(({ key }) => sameKey(key, signer)) ?? null;
}

/** Keys whose time has come: until then they are as any. */
export function revokedBy({ revoked }: Builder, now: number): readonly Revocation[] {
  return revoked.filter(({ atMs }) => atMs <= now);
}
