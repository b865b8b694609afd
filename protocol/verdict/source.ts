/** From which source claims say that they were made, and who states that this is the source (spec/verdict.md, "Source"). */
import type { Claim } from "../attestation/index.ts";
import { compareCodePoints, equalBytes, fromHex } from "../bytes/index.ts";
import { sourceStatersOf, tally, voterOf } from "../policy/index.ts";
import type { Builder, Tally } from "../policy/index.ts";
import { sayingOf } from "./heard.ts";
import { isBelowForks } from "./carried.ts";
import { forkOf } from "./dossier.ts";
import type { Count } from "./dossier.ts";
import { anybodysBy } from "./revoked.ts";

const FILE = "sha256:";

/** What a claim names as its source, as `gitCommit:…` and `sha256:…`; empty = nothing is known. */
export function sourcesOf({ source }: Claim): readonly string[] {
  if (source === null) return [];
  const commit = source.commit === null ? [] : [`gitCommit:${source.commit}`];
  return [...commit, ...source.files.map((file) => `${FILE}${file}`)].toSorted(compareCodePoints);
}

/** Who has stated that something is the source, and how near that comes to what the rule asks. */
export interface Stated extends Tally {
  readonly by: readonly string[];
}

/**
 * Who of those that the rule asks states this source: a live positive claim in the step that the rule names gives its SHA-256. Null where
 * the rule asks nobody. A commit is no file, so nobody can state one yet.
 */
export function statedBy(source: string, count: Count): Stated | null {
  const { rule, policy } = count;
  const stated = rule.source?.stated ?? null;
  if (stated === null) return null;
  const { step } = stated.requirement;
  const by = sourceStatersOf(rule, policy).filter((builder) => states(builder, { step, source }, count));
  const voters = by.map((builder) => voterOf(builder, step, rule.distinct));
  return { ...tally(stated.ways, voters), by: by.map(({ name }) => name) };
}

function states(
  builder: Builder,
  { step, source }: { readonly step: string; readonly source: string },
  count: Count,
): boolean {
  if (!source.startsWith(FILE)) return false;
  const digest = fromHex(source.slice(FILE.length));
  const { found, feeds, now } = count;
  // Of two histories nobody knows which one the author means: what both begin with (RULES R15).
  const fork = forkOf(builder, count);
  return sayingOf(builder, found, anybodysBy(builder, found, now)).some(
    ({ claim, carried, retracted }) =>
      retracted === null &&
      (fork === null || isBelowForks({ carried }, fork, feeds)) &&
      claim.kind === "positive" &&
      claim.step === step &&
      claim.sha256 !== null &&
      equalBytes(claim.sha256, digest),
  );
}
