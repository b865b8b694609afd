import {
  heardBy,
  legacyKey,
  MAX_ASKED_KEYS,
  MAX_NAMED_SIGNERS,
  MAX_QUERY_KEYS,
  MAX_SINCE_TIMES,
  origin,
  rulesFor,
  sourceSignersOf,
} from "../../protocol/index.ts";
import type { Artifact, Builder, Cosigner, Policy, PublicKey, Question, Rule } from "../../protocol/index.ts";
import type { Sought } from "../edges.ts";

/** Whose claims on which files are wanted, and by which times it matters that witnesses have seen them, in seconds since 1970. */
export interface Wanted {
  readonly artifact: Artifact;
  readonly builders: readonly Builder[];
  readonly since: readonly number[];
  /** What links, which name no package, may call it. */
  readonly names: readonly string[];
}

/** What the policy wants to know of each file: the claims of all builders that its rule counts, and of those who have to sign its source. Files without a rule are left out. */
export function wantedBy(policy: Policy, artifacts: readonly Artifact[], now: number): readonly Wanted[] {
  return artifacts.flatMap((artifact) => {
    const rules = rulesOf(policy, artifact);
    if (rules.length === 0) return [];
    const asked = rules.map((rule) => ({ rule, builders: askedBy(rule, policy) }));
    const builders = [...new Set(asked.flatMap((one) => one.builders))];
    const since = new Set(asked.flatMap((one) => timesFor(one.rule, one.builders, now)));
    const isByLayout = rules.some(({ layout }) => layout !== null);
    const names = isByLayout && artifact.target !== null ? [artifact.target.file] : [];
    return [{ artifact, builders, since: [...since], names }];
  });
}

/** Whoever signs a tag says so best himself, by what he attests; whoever else brings it is as good. */
function askedBy(rule: Rule, policy: Policy): readonly Builder[] {
  return [...new Set([...heardBy(rule, policy), ...sourceSignersOf(rule, policy)])];
}

/** The rules that may be for a file: one as a rule, or none. */
export function rulesOf(policy: Policy, { target, listed }: Artifact): readonly Rule[] {
  return rulesFor(policy, target?.purl ?? null, listed).filter((rule) => rule !== null);
}

/** By when a claim must have been seen: for the rule, and where a key of a builder is revoked. */
export function timesFor(
  { loggedForMs }: Rule,
  builders: readonly Builder[],
  now: number,
): readonly number[] {
  const asked = loggedForMs === null ? [] : [now - loggedForMs];
  const revoked = builders.flatMap((one) => one.revoked.flatMap(({ atMs }) => (atMs <= now ? atMs - 1 : [])));
  return [...new Set([...asked, ...revoked].map((ms) => Math.max(0, Math.floor(ms / 1_000))))];
}

/** The same as questions, none longer than those asked may take: over the network fewer signers are named at once. */
export function questionsFor(wanted: readonly Wanted[], network: boolean): readonly Question[] {
  const keys = new Map(
    wanted.flatMap(({ builders }) =>
      builders.flatMap((one) => one.keys.map((key) => [key.raw.join(), key] as const)),
    ),
  );
  const limit = network ? MAX_NAMED_SIGNERS : MAX_ASKED_KEYS;
  return parts([...keys.values()], limit).flatMap((some) => {
    const files = Math.max(1, Math.floor(MAX_QUERY_KEYS / (1 + legacyKeysEach(wanted, some))));
    return parts(wanted, files).flatMap((few) => {
      const times = parts([...new Set(few.flatMap(({ since }) => since))], MAX_SINCE_TIMES);
      return (times.length === 0 ? [[]] : times).map((since) => ({ ...question(few, some), since }));
    });
  });
}

/** A file is asked for by its target and, for what names no package, by the file's name and each signer who may have said it so. */
function legacyKeysEach(wanted: readonly Wanted[], keys: readonly PublicKey[]): number {
  const names = Math.max(0, ...wanted.map(({ names: some }) => some.length));
  const isInside = wanted.some(({ artifact }) => artifact.inside !== null);
  return (
    names * keys.length + (isInside ? keys.length : keys.filter(({ type }) => type === "openpgp").length)
  );
}

/** The same for whole feeds, which have no limit: those of the builders, and what is said in any of the files. */
export function soughtBy(wanted: readonly Wanted[], network: string, witnesses: readonly Cosigner[]): Sought {
  const artifacts = wanted.map(({ artifact }) => artifact);
  const builders = new Set(wanted.flatMap(({ builders: some }) => some));
  return {
    targets: artifacts.flatMap(({ target }) => target?.key ?? []),
    digests: artifacts.map(({ sha256 }) => sha256),
    files: wanted.flatMap(({ artifact: { target, inside }, names }) =>
      [target?.file ?? [], inside?.file ?? [], names].flat(),
    ),
    origins: [...new Set([...builders].flatMap((builder) => originsOf(builder, network)))],
    since: [...new Set(wanted.flatMap(({ since }) => since))],
    witnesses,
  };
}

/** Feeds that the policy names for a builder, else those of its own keys. */
export function originsOf({ feeds, keys }: Builder, network: string): readonly string[] {
  if (feeds.length > 0) return feeds;
  return keys.filter(({ type }) => type === "ed25519").map(({ raw }) => origin(network, raw));
}

function question(wanted: readonly Wanted[], keys: readonly PublicKey[]): Question {
  const targets = wanted.flatMap(({ artifact }) => artifact.target ?? []);
  const legacy = wanted.flatMap(({ artifact, names }) =>
    keys.flatMap((key) => {
      const file = key.type === "openpgp" ? artifact.target?.file : artifact.inside?.file;
      const files = new Set([...(file === undefined ? [] : [file]), ...names]);
      return [...files].map((one) => legacyKey(key.raw, one));
    }),
  );
  return {
    targets: [...targets.map(({ key }) => key), ...legacy],
    digests: wanted.map(({ artifact }) => artifact.sha256),
    builders: keys.map(({ raw }) => raw),
  };
}

function parts<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, i) => items.slice(i * size, (i + 1) * size));
}
