/** The attestations that a verdict rests on: for whoever wants to check it again. */
import type { Verified } from "../attestation/index.ts";
import { compareBytes, compareCodePoints } from "../bytes/index.ts";
import { sourceStatersOf } from "../policy/index.ts";
import type { Builder } from "../policy/index.ts";
import type { Count } from "./dossier.ts";
import { attestationsBy, isAbout } from "./heard.ts";
import type { Attested } from "./heard.ts";
import type { CountedSource } from "./quorum.ts";

/**
 * All that the builders heard have said of the artefact, in any step, those who may state it of the source, and what brings the signatures that count, with what they took back. Ordered by claim
 * id; of copies the one whose octets come first, so that the order in which they were found does not show.
 */
export function attestationsFor(
  count: Count,
  ballots: readonly { readonly builder: Builder }[],
  source: CountedSource | null,
): readonly Verified[] {
  const { artifact, found, rule, policy } = count;
  const digest = (source?.file ?? source?.name)?.split(":")[1];
  const used: Verified[] = (source?.vouched?.objects ?? []).flatMap(({ from, lack }) =>
    lack === null ? from : [],
  );
  const use = (builder: Builder, isMeant: (one: Attested) => boolean): void => {
    const all = attestationsBy(builder, found);
    const ids = new Set(all.filter(isMeant).map(({ verified }) => verified.id));
    const isUsed = ({ verified, retracts }: Attested): boolean =>
      ids.has(verified.id) || retracts.some((id) => ids.has(id));
    used.push(...all.filter(isUsed).map(({ verified }) => verified));
  };
  for (const { builder } of ballots) use(builder, ({ verified }) => isAbout(verified, artifact));
  if (digest !== undefined)
    for (const builder of sourceStatersOf(rule, policy))
      use(builder, ({ digests }) => digests.includes(digest));
  return onceEach(used);
}

/** By claim id, each once. */
export function onceEach(attestations: readonly Verified[]): readonly Verified[] {
  const ordered = attestations.toSorted(
    (a, b) => compareCodePoints(a.id, b.id) || compareBytes(b.bytes, a.bytes),
  );
  return Object.freeze([...new Map(ordered.map((verified) => [verified.id, verified])).values()]);
}
