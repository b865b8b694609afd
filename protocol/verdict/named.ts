/** What builders name as their source, and which of that is tried (spec/verdict.md, "Source"). */
import type { Claim } from "../attestation/index.ts";
import { compareCodePoints } from "../bytes/index.ts";
import { MAX_SOURCES_EACH } from "../limits.ts";
import type { Speaker, Spoken } from "./voices.ts";

/** How a file is named as a source: this, and its SHA-256. */
export const SOURCE_FILE = "sha256:";

/** What a claim names as its source, as `gitCommit:…` and `sha256:…`; empty = nothing is known. */
export function sourcesOf({ source }: Claim): readonly string[] {
  if (source === null) return [];
  const commit = source.commit === null ? [] : [`gitCommit:${source.commit}`];
  return [...commit, ...source.files.map((file) => `${SOURCE_FILE}${file}`)].toSorted(compareCodePoints);
}

/**
 * What one builder's claims name, in the order of names: at most MAX_SOURCES_EACH, those that most of its own claims name first. What others name
 * changes nothing, so that whoever names thousands crowds out none but its own.
 */
export function namedIn(spoken: readonly Pick<Spoken, "sources">[]): readonly string[] {
  const named = new Map<string, number>();
  for (const { sources } of spoken) for (const name of sources) named.set(name, (named.get(name) ?? 0) + 1);
  return [...named]
    .toSorted(([a, of], [b, others]) => others - of || compareCodePoints(a, b))
    .slice(0, MAX_SOURCES_EACH)
    .map(([name]) => name)
    .toSorted(compareCodePoints);
}

/** What any of them names, in the order of names. */
export function sourcesNamed(agreeing: readonly Pick<Speaker, "spoken">[]): readonly string[] {
  return [...new Set(agreeing.flatMap(({ spoken }) => namedIn(spoken)))].toSorted(compareCodePoints);
}
