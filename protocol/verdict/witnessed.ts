/** Which witnesses saw what: a cosigned head speaks for every head that is proven to be of its history (RULES R10; spec/verdict.md, "Witnesses"). */
import type { SignedHead } from "../feed/index.ts";
import type { Rule, Witness, WitnessQuorum } from "../policy/index.ts";
import { Histories } from "./histories.ts";
import { usableTime } from "./usable-time.ts";
import type { Carried, Heard } from "./heard.ts";
import type { Findings, FoundCosignature, Witnessing } from "./types.ts";

type Known = Pick<Findings, "cosignatures" | "joins">;

/** What the rule's witnesses have cosigned; null where it asks for none. */
export function witnessedBy({ witnesses }: Rule, found: Known, now: number): Witnessed | null {
  return witnesses === null ? null : new Witnessed(witnesses, found, now);
}

export class Witnessed {
  readonly #quorum: WitnessQuorum;
  /** By witness: what is not ahead of the clock. */
  readonly #cosignatures: ReadonlyMap<string, readonly FoundCosignature[]>;
  readonly #histories: Histories;

  constructor(quorum: WitnessQuorum, { cosignatures, joins }: Known, now: number) {
    this.#quorum = quorum;
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
    });
  }

  /** Whether enough of them saw a claim. */
  isSeen(heard: Pick<Heard, "carried">): boolean {
    const { count, needed } = this.whoSaw(heard);
    return count >= needed;
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

  #by(name: string): readonly FoundCosignature[] {
    return this.#cosignatures.get(name) ?? [];
  }

  /** A head of the history in which the claim stands was cosigned, and it is large enough to hold the claim. */
  #sawPlace({ name }: Witness, { head, index }: Carried): boolean {
    return this.#by(name).some((one) => index < one.head.size && this.#histories.areOfOne(one.head, head));
  }
}

function operatorsOf(witnesses: readonly Witness[]): number {
  return new Set(witnesses.map(({ operator }) => operator)).size;
}
