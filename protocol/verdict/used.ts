/** The attestations that a verdict rests on: for whoever wants to check it again. */
import type { Verified } from "../attestation/index.ts";
import { compareBytes, compareCodePoints } from "../bytes/index.ts";
import { sourceStatersOf } from "../policy/index.ts";
import type { Builder } from "../policy/index.ts";
import type { Count } from "./dossier.ts";
import { attestationsBy, isAbout } from "./heard.ts";

/**
 * All that the builders heard have said of the artefact, in any step, what they took back of it, and who states the source. Ordered by claim
 * id; of copies the one whose octets come first, so that the order in which they were found does not show.
 */
export function attestationsFor(
  count: Count,
  ballots: readonly { readonly builder: Builder }[],
  source: string | null,
): readonly Verified[] {
  const { artifact, found, rule, policy } = count;
  const digest = source?.split(":")[1];
  const used: Verified[] = [];
  for (const { builder } of ballots) {
    const all = attestationsBy(builder, found);
    const ids = new Set(all.flatMap(({ verified }) => (isAbout(verified, artifact) ? [verified.id] : [])));
    used.push(
      ...all
        .filter(({ verified, retracts }) => ids.has(verified.id) || retracts.some((id) => ids.has(id)))
        .map(({ verified }) => verified),
    );
  }
  for (const builder of digest === undefined ? [] : sourceStatersOf(rule, policy)) {
    const stating = attestationsBy(builder, found).filter(({ digests }) => digests.includes(digest ?? ""));
    used.push(...stating.map(({ verified }) => verified));
  }
  const ordered = used.toSorted((a, b) => compareCodePoints(a.id, b.id) || compareBytes(b.bytes, a.bytes));
  return Object.freeze([...new Map(ordered.map((verified) => [verified.id, verified])).values()]);
}
