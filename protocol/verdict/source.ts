/** Who states that something is the source of what was built (spec/verdict.md, "Source"). */
import { toHex } from "../bytes/index.ts";
import { sourceStatersOf } from "../policy/index.ts";
import type { Builder, Requirement, Rule, Tally } from "../policy/index.ts";
import { isBelowForks } from "./carried.ts";
import { isHeard, isInFeed, isWitnessed, isYoung } from "./demands.ts";
import { forkOf } from "./dossier.ts";
import type { Count } from "./dossier.ts";
import { feedsOf, shrunkFeed } from "./feeds.ts";
import { sayingOf } from "./heard.ts";
import type { Saying } from "./heard.ts";
import { SOURCE_FILE } from "./named.ts";
import { anybodysBy } from "./revoked.ts";
import { echoing, linkOf, onlyLinksOf, seated } from "./voices.ts";

/** What a statement lacks of what the rule asks of votes too; the nearest to being enough first. */
const LACKS = ["too new", "unseen", "unlogged", "stale", "old"] as const;
export type Lack = (typeof LACKS)[number];

/** Somebody who states a source, and not as the rule asks. */
export interface Short {
  readonly builder: string;
  readonly lack: Lack;
  /** ms since 1970: from when on it counts, where it is too new. */
  readonly from: number | null;
}

/** Who has stated that something is the source, and how near that comes to what the rule asks. */
export interface Stated extends Tally {
  readonly short: readonly Short[];
  /** Who of those that count has signed no more than a link that another one signed too, link by link. */
  readonly echoing: readonly (readonly string[])[];
}

/** Says of a source who states it; null where the rule asks nobody. */
export type StatedBy = (source: string) => Stated | null;

/** A live statement of one who is asked, and what it lacks. */
interface Statement {
  readonly builder: Builder;
  readonly said: Saying;
  readonly short: Short | null;
}

/**
 * Who of those that the rule asks states which source: a live positive claim in the step that the rule names gives its SHA-256, and is held to
 * what the rule asks of votes. Seats are taken as by votes too. A commit is no file: it is signed.
 */
export function statementsIn(count: Count): StatedBy {
  const { rule, policy } = count;
  const stated = rule.source?.stated ?? null;
  if (stated === null) return () => null;
  const all = sourceStatersOf(rule, policy).flatMap((builder) => statementsOf(builder, stated, count));
  const byFile = Map.groupBy(all, ({ said: { claim } }) =>
    claim.sha256 === null ? "" : `${SOURCE_FILE}${toHex(claim.sha256)}`,
  );
  const seating = { ways: stated.ways, distinct: rule.distinct };
  return (source) => {
    const byBuilder = Map.groupBy(byFile.get(source) ?? [], ({ builder }) => builder);
    const speakers = [...byBuilder].map(([builder, some]) => ({
      builder,
      spoken: some
        .filter(({ short }) => short === null)
        .map(({ said }) => ({
          step: said.claim.step,
          sources: new Set<string>(),
          object: null,
          link: linkOf(said.verified),
        })),
    }));
    const short = [...byBuilder.values()].flatMap((some) => nearest(some) ?? []);
    const echoes = echoing(speakers.map(({ builder, spoken }) => ({ builder, links: onlyLinksOf(spoken) })));
    return {
      ...seated(seating, speakers),
      short,
      echoing: echoes.map((some) => some.map(({ builder }) => builder.name)),
    };
  };
}

function statementsOf(
  builder: Builder,
  stated: { readonly requirement: Requirement; readonly maxAttestationAgeMs: number | null },
  count: Count,
): readonly Statement[] {
  const { found, feeds, now } = count;
  // Of two histories nobody knows which one the author means: what both begin with (RULES R15).
  const fork = forkOf(builder, count);
  return sayingOf(builder, found, anybodysBy(builder, found, now))
    .filter(
      ({ claim, carried, retracted }) =>
        retracted === null &&
        claim.kind === "positive" &&
        claim.step === stated.requirement.step &&
        (fork === null || isBelowForks({ carried }, fork, feeds)),
    )
    .map((said) => ({ builder, said, short: shortOf(said, builder, stated.maxAttestationAgeMs, count) }));
}

function shortOf(said: Saying, builder: Builder, maxAgeMs: number | null, count: Count): Short | null {
  const { feeds, found, now } = count;
  const own = feedsOf(builder, feeds);
  const short = (lack: Lack, from: number | null = null): Short => ({ builder: builder.name, lack, from });
  if (!isInFeed(said, count)) return short("unlogged");
  if (!isWitnessed(said, count)) return unseen(said, count, short);
  if (!isYoung(said, maxAgeMs, now)) return short("old");
  const isShrunk = shrunkFeed(builder, feeds, found, now) !== null;
  return isShrunk || !isHeard(said, own, count) ? short("stale") : null;
}

function unseen(
  said: Saying,
  { witnessed, rule }: { readonly witnessed: Count["witnessed"]; readonly rule: Rule },
  short: (lack: Lack, from?: number | null) => Short,
): Short {
  if (said.carried.length === 0) return short("unlogged");
  const seen = witnessed?.whoSaw(said);
  const since = seen?.since ?? null;
  const isEnough = seen !== undefined && seen.count >= seen.needed;
  return isEnough && since !== null && rule.loggedForMs !== null
    ? short("too new", since + rule.loggedForMs)
    : short("unseen");
}

/** What its nearest statement lacks; null where one lacks nothing. */
function nearest(statements: readonly Statement[]): Short | null {
  const short = statements.flatMap((one) => one.short ?? []);
  return short.length < statements.length ? null : nearestOf(short);
}

/** The one that is nearest to being enough; null where there is none. */
export function nearestOf(short: readonly Short[]): Short | null {
  const [first] = short.toSorted(
    (a, b) => LACKS.indexOf(a.lack) - LACKS.indexOf(b.lack) || (a.from ?? 0) - (b.from ?? 0),
  );
  return first ?? null;
}
