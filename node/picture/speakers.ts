/** Whose votes are counted, who speaks where a key does, and whose keys are one builder's. */
import type { FeedView } from "../../protocol/index.ts";
import type { PolicyView } from "../policies.ts";
import type { SpeakerOf } from "./count.ts";

/** The builders that a key is of; what one key of a builder says, any of its keys takes back (RULES R17). At least one. */
export type BuildersOf = (key: string) => readonly string[];

/** Whom the node was told to count. */
export interface Followed {
  readonly policies: readonly PolicyView[];
  /** Raw keys in hex, whether a policy names them or not. */
  readonly builders: readonly string[];
  /** It follows whoever there is. */
  readonly all: boolean;
}

/** What of the node's feeds is to be known for that. */
interface Feeds {
  readonly feeds: readonly Pick<FeedView, "origin" | "class" | "state">[];
}

/** Who is counted at a time. */
export interface Speakers {
  readonly of: SpeakerOf;
  /** The keys that are counted before any other, each once: of the policies, then of followed feeds. */
  readonly keys: readonly string[];
  /** Votes or none: a fork undoes no retraction. */
  readonly buildersOf: BuildersOf;
}

/**
 * Builders of the policies, each by its operator; whoever else's feed is followed here or vouched for, by its key; anybody only where the node
 * follows all, or nobody in particular: no number of strangers' keys changes the picture (I6). A key whose feed has forked has no vote (R19).
 */
export function speakersOf({ policies, builders, all }: Followed, { feeds }: Feeds): Speakers {
  const speakers = new Map<string, string>();
  for (const { operator, keys } of policies.flatMap((policy) => policy.builders))
    for (const key of keys) if (!speakers.has(key)) speakers.set(key, `operator ${operator}`);
  for (const key of builders) if (!speakers.has(key)) speakers.set(key, `key ${key}`);
  for (const feed of feeds) {
    const key = keyOfOrigin(feed.origin);
    if (feed.class !== "unknown" && !speakers.has(key)) speakers.set(key, `key ${key}`);
  }
  const forked = feeds.filter(({ state }) => state === "forked").map(({ origin }) => keyOfOrigin(origin));
  for (const key of forked) speakers.delete(key);
  const excluded = new Set(forked);
  const isAlone = feeds.every((feed) => feed.class === "unknown" || feed.class === "own");
  const anybody = all || (isAlone && builders.length === 0);
  const of: SpeakerOf = (key) => {
    const speaker = speakers.get(key) ?? null;
    return speaker === null && anybody && policies.length === 0 && !excluded.has(key)
      ? `key ${key}`
      : speaker;
  };
  return { of, keys: [...speakers.keys()], buildersOf: buildersBy(policies) };
}

/** Each policy names builders by itself; a key of no builder is one alone. An operator's builders are as apart as anybody's. */
function buildersBy(policies: Followed["policies"]): BuildersOf {
  const byKey = new Map<string, string[]>();
  for (const [at, policy] of policies.entries())
    for (const { name, keys } of policy.builders)
      for (const key of keys) byKey.set(key, [...(byKey.get(key) ?? []), `policy ${at} ${name}`]);
  return (key) => byKey.get(key) ?? [`key ${key}`];
}

function keyOfOrigin(origin: string): string {
  return origin.slice(origin.lastIndexOf("/") + 1);
}
