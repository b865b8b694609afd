/** Which witnesses saw what: a cosigned head speaks for every head that is proven to be of its history (RULES R10; spec/verdict.md, "Witnesses"). */
import type { SignedHead } from "../feed/index.ts";
import type { Rule, Witness, WitnessQuorum } from "../policy/index.ts";
import { Histories } from "./histories.ts";
import { usableTime } from "../lifecycle/index.ts";
import type { Carried, Heard } from "./heard.ts";
import type { Findings, FoundCosignature, Witnessing } from "./types.ts";

type Known = Pick<Findings, "cosignatures" | "joins">;

/** What the rule's witnesses have cosigned; null where it asks for none. */
export function witnessedBy({ witnesses, loggedForMs }: Rule, found: Known, now: number): Witnessed | null {
  if (witnesses === null) return null;
  return new Witnessed(witnesses, found, now, loggedForMs === null ? null : now - loggedForMs);
}

export class Witnessed {
  readonly #quorum: WitnessQuorum;
  /** By witness: what is not ahead of the clock. */
  readonly #cosignatures: ReadonlyMap<string, readonly FoundCosignature[]>;
  readonly #histories: Histories;
  readonly #latest: number | null;

  /** `latest`: ms since 1970 by which a claim must have been seen; null = whenever it was. */
  constructor(
    quorum: WitnessQuorum,
    { cosignatures, joins }: Known,
    now: number,
    latest: number | null = null,
  ) {
    this.#quorum = quorum;
    this.#latest = latest;
    const usable = cosignatures.filter(({ timeMs }) => usableTime(timeMs, now) !== null);
    this.#cosignatures = Map.groupBy(usable, ({ witness }) => witness);
    this.#histories = new Histories(joins);
  }

  /** Who of them saw a claim: the place at which most operators did. */
  whoSaw({ carried }: Pick<Heard, "carried">): Witnessing {
    const { k, of } = this.#quorum;
    const seen = carried.map((place) => of.filter((witness) => this.#sawPlace(witness, place)));
    const best = seen.reduce<readonly Witness[]>((a, b) => (operatorsOf(b) > operatorsOf(a) ? b : a), []);
    return Object.freeze({
      saw: Object.freeze(best.map(({ name }) => name)),
      count: operatorsOf(best),
      needed: k,
      ...(this.#latest === null ? {} : { since: this.#since(carried) }),
    });
  }

  /** Whether enough of them saw a claim, and long enough ago. */
  isSeen(heard: Pick<Heard, "carried">): boolean {
    const { count, needed, since } = this.whoSaw(heard);
    return count >= needed && (this.#latest === null || isBy(since, this.#latest));
  }

  /**
   * When a feed's head was last called the newest by enough of them, in ms since 1970: the k-th newest of their operators' times (R10); null
   * where fewer have cosigned what belongs to it.
   */
  timeOf(head: SignedHead): number | null {
    const { k, of } = this.#quorum;
    const newest = new Map<string, number>();
    for (const { name, operator } of of) {
      for (const one of this.#by(name)) {
        if (this.#histories.areOfOne(one.head, head))
          newest.set(operator, Math.max(newest.get(operator) ?? 0, one.timeMs));
      }
    }
    return [...newest.values()].toSorted((a, b) => b - a)[k - 1] ?? null;
  }

  /** At one place the k-th of the operators' first times: fewer than k who date theirs back change nothing. */
  #since(carried: readonly Carried[]): number | null {
    const { k, of } = this.#quorum;
    const since = carried.flatMap((place) => {
      const first = new Map<string, number>();
      for (const { name, operator } of of) {
        for (const { head, timeMs } of this.#by(name)) {
          if (this.#holds(head, place)) first.set(operator, Math.min(first.get(operator) ?? timeMs, timeMs));
        }
      }
      return [...first.values()].toSorted((a, b) => a - b)[k - 1] ?? [];
    });
    return since.length === 0 ? null : Math.min(...since);
  }

  #by(name: string): readonly FoundCosignature[] {
    return this.#cosignatures.get(name) ?? [];
  }

  #sawPlace({ name }: Witness, place: Carried): boolean {
    return this.#by(name).some((one) => this.#holds(one.head, place));
  }

  /** A head that was cosigned is of the history in which the claim stands, and large enough to hold it. */
  #holds(cosigned: SignedHead, { head, index }: Carried): boolean {
    return index < cosigned.size && this.#histories.areOfOne(cosigned, head);
  }
}

function isBy(since: number | null | undefined, latest: number): boolean {
  return since !== null && since !== undefined && since <= latest;
}

function operatorsOf(witnesses: readonly Witness[]): number {
  return new Set(witnesses.map(({ operator }) => operator)).size;
}
