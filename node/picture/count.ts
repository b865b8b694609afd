/** What is counted of a target, and of all: pure. Votes are those of RULES R19, without a policy's rules: live positive claims, one voice a speaker. */
import type { Agreement, Agreements, BuilderCount, Counted, PairCount, Said, StepCount } from "./types.ts";

/** Who speaks where a key does: keys of one operator are one speaker. Null = whoever it is, it is not counted. */
export type SpeakerOf = (builder: string) => string | null;

export interface Standing {
  /** Speakers with a vote, of the step that has the most. */
  readonly voters: number;
  /** The worst of its steps; null without a vote. */
  readonly agreement: Agreement | null;
  /** The digest that more than half of the speakers got, of the step that has the most; null where there is none. */
  readonly majority: string | null;
}

/** The vote of whoever got several results and took none back: it agrees with nobody. */
const TORN = "";

/** From best to worst, where steps of a target differ in it. */
const RANKS: readonly Agreement[] = ["single", "same", "majority", "different", "split"];

/** One step of one target. */
interface Round {
  readonly step: string;
  /** By key and by speaker: its digest, or TORN. */
  readonly keys: ReadonlyMap<string, string>;
  readonly speakers: ReadonlyMap<string, string>;
  readonly agreement: Agreement;
  readonly majority: string | null;
}

export function standingOf(said: readonly Said[], speakerOf: SpeakerOf): Standing {
  return standing(roundsOf(said, speakerOf));
}

/** Each of its steps, that with the most speakers first: the majority is of that one, and the agreement the worst of theirs. */
export function stepsOf(said: readonly Said[], speakerOf: SpeakerOf): readonly StepCount[] {
  const byStep = Map.groupBy(said, ({ step }) => step);
  const rounds = roundsOf(said, speakerOf).toSorted(
    (a, b) => b.speakers.size - a.speakers.size || (a.step < b.step ? -1 : 1),
  );
  return rounds.map(({ step, speakers, agreement, majority }) => {
    const results = new Map<string, number>();
    for (const one of byStep.get(step) ?? []) {
      const sha256 = digestOf(one);
      if (sha256 !== null && speakerOf(one.builder) !== null) results.set(sha256, 0);
    }
    for (const digest of speakers.values())
      if (digest !== TORN) results.set(digest, (results.get(digest) ?? 0) + 1);
    return {
      step,
      voters: speakers.size,
      agreement,
      majority,
      results: [...results]
        .map(([sha256, voters]) => ({ sha256, voters }))
        .toSorted((a, b) => b.voters - a.voters || (a.sha256 < b.sha256 ? -1 : 1)),
    };
  });
}

function standing(rounds: readonly Round[]): Standing {
  let largest: Round | null = null;
  let worst: Round | null = null;
  for (const round of rounds) {
    const more = round.speakers.size - (largest?.speakers.size ?? 0);
    if (largest === null || more > 0 || (more === 0 && round.step < largest.step)) largest = round;
    if (worst === null || rank(round) > rank(worst)) worst = round;
  }
  return {
    voters: largest?.speakers.size ?? 0,
    agreement: worst?.agreement ?? null,
    majority: largest?.majority ?? null,
  };
}

function rank({ agreement }: Round): number {
  return RANKS.indexOf(agreement);
}

function roundsOf(said: readonly Said[], speakerOf: SpeakerOf): readonly Round[] {
  const steps = new Map<string, { keys: Map<string, string>; speakers: Map<string, string> }>();
  for (const one of said) {
    const { builder, step } = one;
    const [speaker, sha256] = [speakerOf(builder), digestOf(one)];
    if (speaker === null || sha256 === null) continue;
    const votes = steps.get(step) ?? { keys: new Map<string, string>(), speakers: new Map<string, string>() };
    steps.set(step, votes);
    vote(votes.keys, builder, sha256);
    vote(votes.speakers, speaker, sha256);
  }
  return [...steps].map(([step, votes]) => ({ step, ...votes, ...agreementOf(votes.speakers) }));
}

/** What it is a vote for, if anybody's; null where it is none. */
function digestOf({ kind, retracted, sha256 }: Said): string | null {
  return kind === "positive" && !retracted ? sha256 : null;
}

function vote(votes: Map<string, string>, who: string, sha256: string): void {
  const before = votes.get(who);
  votes.set(who, before === undefined || before === sha256 ? sha256 : TORN);
}

function agreementOf(speakers: ReadonlyMap<string, string>): Pick<Round, "agreement" | "majority"> {
  const camps = new Map<string, number>();
  let most = 0;
  let largest: string | null = null;
  for (const digest of speakers.values()) {
    const size = digest === TORN ? 1 : (camps.get(digest) ?? 0) + 1;
    if (digest !== TORN) camps.set(digest, size);
    if (size > most) [most, largest] = [size, digest];
  }
  const all = speakers.size;
  const majority = 2 * most > all && largest !== TORN ? largest : null;
  if (all === 1) return { agreement: largest === TORN ? "different" : "single", majority };
  if (most === all) return { agreement: "same", majority };
  if (majority !== null) return { agreement: "majority", majority };
  return { agreement: most === 1 ? "different" : "split", majority };
}

/** Adds up targets. */
export class Tally {
  readonly #speakerOf: SpeakerOf;
  readonly #paired: ReadonlyMap<string, number>;
  readonly #byBuilders = new Map<number, number>();
  readonly #agreement: Record<Agreement, number> = {
    same: 0,
    majority: 0,
    split: 0,
    different: 0,
    single: 0,
  };
  readonly #builders = new Map<
    string,
    { targets: number; same: number; different: number; failed: number }
  >();
  /** At 2(i · n + j): alike, and behind it: not; of the keys with these numbers. */
  readonly #pairs: Uint32Array;

  /** `paired`: the keys of which it is counted how often each two agree, as they are many: with the square of their number. */
  constructor(speakerOf: SpeakerOf, paired: readonly string[]) {
    this.#speakerOf = speakerOf;
    this.#paired = new Map(paired.map((key, number) => [key, number]));
    this.#pairs = new Uint32Array(2 * paired.length ** 2);
  }

  /** All that is said of one target. */
  add(said: readonly Said[]): Standing {
    const rounds = roundsOf(said, this.#speakerOf);
    const all = standing(rounds);
    if (all.agreement !== null) {
      this.#agreement[all.agreement]++;
      this.#byBuilders.set(all.voters, (this.#byBuilders.get(all.voters) ?? 0) + 1);
    }
    const voters = new Set(rounds.flatMap(({ keys }) => [...keys.keys()]));
    for (const key of voters) this.#addVoter(key, rounds);
    this.#addFailures(said, voters);
    if (voters.size > 1) this.#addPairs([...voters], rounds);
    return all;
  }

  result(): Counted {
    const { same, majority, split, different, single } = this.#agreement;
    return {
      targets: same + majority + split + different + single,
      byBuilders: [...this.#byBuilders]
        .map(([builders, targets]) => ({ builders, targets }))
        .toSorted((a, b) => a.builders - b.builders),
      agreement: { same, majority, split, different, single },
      builders: [...this.#builders]
        .map(([key, counts]): BuilderCount => ({ key, ...counts }))
        .toSorted((a, b) => b.targets - a.targets || (a.key < b.key ? -1 : 1)),
      pairs: this.#pairCounts(),
    };
  }

  #addVoter(key: string, rounds: readonly Round[]): void {
    const counts = this.#of(key);
    counts.targets++;
    let [withMost, apart] = [false, false];
    for (const { keys, speakers, majority } of rounds) {
      const digest = keys.get(key);
      if (digest === undefined || speakers.size < 2) continue;
      if (digest === majority) withMost = true;
      else apart = true;
    }
    if (apart) counts.different++;
    else if (withMost) counts.same++;
  }

  #addFailures(said: readonly Said[], voters: ReadonlySet<string>): void {
    const failed = said.filter(
      ({ kind, retracted, builder }) => kind === "failed" && !retracted && !voters.has(builder),
    );
    for (const key of new Set(failed.map(({ builder }) => builder)))
      if (this.#speakerOf(key) !== null) this.#of(key).failed++;
  }

  #of(key: string): { targets: number; same: number; different: number; failed: number } {
    const counts = this.#builders.get(key) ?? { targets: 0, same: 0, different: 0, failed: 0 };
    this.#builders.set(key, counts);
    return counts;
  }

  #addPairs(voters: readonly string[], rounds: readonly Round[]): void {
    for (const [n, one] of voters.entries()) {
      const i = this.#paired.get(one);
      for (const other of i === undefined ? [] : voters.slice(n + 1)) {
        const j = this.#paired.get(other);
        const alike = isAlike(one, other, rounds);
        if (i === undefined || j === undefined || alike === null) continue;
        const at = 2 * (Math.min(i, j) * this.#paired.size + Math.max(i, j)) + (alike ? 0 : 1);
        this.#pairs[at] = (this.#pairs[at] ?? 0) + 1;
      }
    }
  }

  #pairCounts(): readonly PairCount[] {
    const keys = [...this.#paired.keys()];
    return keys.flatMap((one, i) =>
      keys.slice(i + 1).flatMap((other, n): PairCount[] => {
        const at = 2 * (i * keys.length + i + 1 + n);
        const [same = 0, different = 0] = this.#pairs.subarray(at, at + 2);
        const [a, b] = one < other ? [one, other] : [other, one];
        return same + different === 0 ? [] : [{ a, b, same, different }];
      }),
    );
  }
}

/** Whether two keys got the same in every step in which both have a vote; null where there is none. */
function isAlike(one: string, other: string, rounds: readonly Round[]): boolean | null {
  let alike: boolean | null = null;
  for (const { keys } of rounds) {
    const [a, b] = [keys.get(one), keys.get(other)];
    if (a !== undefined && b !== undefined) alike = (alike ?? true) && a === b && a !== TORN;
  }
  return alike;
}

/** The numbers of nothing. */
export const NO_AGREEMENTS: Agreements = { same: 0, majority: 0, split: 0, different: 0, single: 0 };
