import type { Random } from "./random.ts";

export interface Conditions {
  /** ms one way, at least and at most; each message draws its own, so that later ones overtake earlier ones. */
  readonly latency: readonly [number, number];
  /** Probability that a gossip message, a question or an answer gets lost. */
  readonly loss: number;
  /** Probability that it comes a second time. */
  readonly duplication: number;
  /** Octets a second that each node can send in all: what comes faster waits its turn. */
  readonly bandwidth: number;
}

/** A good wide-area network. */
export const FAIR: Conditions = {
  latency: [5, 60],
  loss: 0,
  duplication: 0,
  bandwidth: Number.POSITIVE_INFINITY,
};
/** One message of ten gets lost, and some are slow. */
export const POOR: Conditions = { ...FAIR, latency: [5, 800], loss: 0.1 };

/** Who is connected to whom, who can reach whom, and how long that takes. */
export class Network {
  readonly #random: Random;
  readonly #links = new Map<string, Set<string>>();
  /** The same in order, made when asked for. */
  readonly #sorted = new Map<string, readonly string[]>();
  /** When each node has sent what waits to be sent. */
  readonly #freeAt = new Map<string, number>();
  /** Peers of different groups can't reach each other; null = all can. */
  #groups: ReadonlyMap<string, number> | null = null;
  conditions: Conditions = FAIR;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Peers connected to `name`, in a fixed order. */
  neighbours(name: string): readonly string[] {
    const known = this.#sorted.get(name) ?? [...(this.#links.get(name) ?? [])].sort();
    this.#sorted.set(name, known);
    return known;
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
      this.#sorted.delete(one);
    }
  }

  unlink(a: string, b: string): void {
    this.#links.get(a)?.delete(b);
    this.#links.get(b)?.delete(a);
    this.#sorted.delete(a);
    this.#sorted.delete(b);
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

  /** ms after which each copy of a message of so many octets arrives: none where it gets lost. */
  transits(from: string, octets: number, now: number): readonly number[] {
    const { latency, loss, duplication, bandwidth } = this.conditions;
    const [least, most] = latency;
    const waits = this.#turn(from, octets, now, bandwidth);
    const delay = (): number => waits + least + this.#random.below(most - least + 1);
    const first = delay();
    if (this.#random.chance(loss)) return [];
    return duplication > 0 && this.#random.chance(duplication) ? [first, delay()] : [first];
  }

  /** ms until the last octet has left. */
  #turn(from: string, octets: number, now: number, bandwidth: number): number {
    if (bandwidth === Number.POSITIVE_INFINITY) return 0;
    const end = Math.max(now, this.#freeAt.get(from) ?? 0) + (octets * 1_000) / bandwidth;
    this.#freeAt.set(from, end);
    return Math.ceil(end - now);
  }
}
