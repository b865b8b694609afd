/** What builders name as their source, and which of that is tried (spec/verdict.md, "Source"). */
import type { Claim } from "../attestation/index.ts";
import { compareCodePoints, quote } from "../bytes/index.ts";
import { MAX_SOURCES_EACH } from "../limits.ts";
import type { Rule } from "../policy/index.ts";
import type { Speaker, Spoken } from "./voices.ts";

/** How a file is named as a source: this, and its SHA-256; and a commit: this, and its id. */
export const SOURCE_FILE = "sha256:";
export const SOURCE_COMMIT = "gitCommit:";

/** What a claim names as its source, as `gitCommit:…` and `sha256:…`; empty = nothing is known. */
export function sourcesOf({ source }: Claim): readonly string[] {
  if (source === null) return [];
  const commit = source.commit === null ? [] : [`${SOURCE_COMMIT}${source.commit}`];
  return [...commit, ...source.files.map((file) => `${SOURCE_FILE}${file}`)].toSorted(compareCodePoints);
}

/** Why a claim does not say of its source what the rule asks it to, in words; null where it does. */
export function untraced(claim: Claim, { source }: Pick<Rule, "source">): string | null {
  if (source === null) return null;
  const names = sourcesOf(claim);
  const git = source.git;
  if (git === null) return names.length > 0 ? null : "its claim does not say from which source";
  if ((claim.source?.commit ?? null) === null) return "its claim does not say from which commit";
  const { branch = null, repository = null } = claim.git ?? {};
  if (git.branch !== null && branch !== git.branch)
    return `its claim does not say that its commit is on the branch ${quote(git.branch)}`;
  if (git.repositories.length > 0 && !git.repositories.includes(repository ?? ""))
    return `its claim does not say that its commit is of ${git.repositories.join(" or ")}`;
  const isFile = source.stated === null || names.some((name) => name.startsWith(SOURCE_FILE));
  return isFile ? null : "its claim does not say from which source file beside the commit";
}

/** What those who agree may have built from, as far as votes are counted for it: a source, and the file beside a commit where that is to be stated too. */
export interface Tried {
  readonly name: string;
  readonly file: string | null;
}

/** All that is tried, in the order of names. Where the rule asks for a commit, that; where the file is to be stated too, each that a claim has beside it. */
export function triedOf(
  agreeing: readonly Pick<Speaker, "spoken">[],
  { source }: Pick<Rule, "source">,
): readonly Tried[] {
  const isOfGit = (source?.git ?? null) !== null;
  const names = sourcesNamed(agreeing).filter((name) => !isOfGit || name.startsWith(SOURCE_COMMIT));
  if (!isOfGit || source?.stated === null)
    return names.map((name) => ({ name, file: name.startsWith(SOURCE_FILE) ? name : null }));
  const files = sourcesNamed(agreeing).filter((name) => name.startsWith(SOURCE_FILE));
  const spoken = agreeing.flatMap((one) => one.spoken);
  return names.flatMap((name) => {
    const beside = new Set(spoken.flatMap(({ sources }) => (sources.has(name) ? [...sources] : [])));
    return files.filter((file) => beside.has(file)).map((file) => ({ name, file }));
  });
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
