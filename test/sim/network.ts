import type { Random } from "./random.ts";

export interface Conditions {
  /** ms one way, at least and at most. */
  readonly latency: readonly [number, number];
  /** Probability that a gossip message, a question or an answer gets lost. */
  readonly loss: number;
}

/** A good wide-area network. */
export const FAIR: Conditions = { latency: [5, 60], loss: 0 };
/** One message of ten gets lost, and some are slow. */
export const POOR: Conditions = { latency: [5, 800], loss: 0.1 };

/** Who is connected to whom, who can reach whom, and how long that takes. */
export class Network {
  readonly #random: Random;
  readonly #links = new Map<string, Set<string>>();
  /** Peers of different groups can't reach each other; null = all can. */
  #groups: ReadonlyMap<string, number> | null = null;
  conditions: Conditions = FAIR;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Peers connected to `name`, in a fixed order. */
  neighbours(name: string): readonly string[] {
    return [...(this.#links.get(name) ?? [])].sort();
  }

  connected(a: string, b: string): boolean {
    return this.#links.get(a)?.has(b) ?? false;
  }

  link(a: string, b: string): void {
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const) {
      const links = this.#links.get(one) ?? new Set();
      this.#links.set(one, links.add(other));
    }
  }

  unlink(a: string, b: string): void {
    this.#links.get(a)?.delete(b);
    this.#links.get(b)?.delete(a);
  }

  /** From now on only peers of one group reach each other. */
  partition(groups: readonly (readonly string[])[]): void {
    this.#groups = new Map(groups.flatMap((group, number) => group.map((name) => [name, number] as const)));
  }

  heal(): void {
    this.#groups = null;
  }

  reachable(a: string, b: string): boolean {
    return this.#groups === null || this.#groups.get(a) === this.#groups.get(b);
  }

  /** ms that one message takes now; null = it gets lost. */
  transit(): number | null {
    const [least, most] = this.conditions.latency;
    const delay = least + this.#random.below(most - least + 1);
    return this.#random.chance(this.conditions.loss) ? null : delay;
  }
}
