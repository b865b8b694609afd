/** A budget that fills up again with time: what a stranger may cost us. */
export class Budget {
  readonly #perSecond: number;
  readonly #burst: number;
  #left: number;
  /** Steady ms, when `#left` was that. */
  #at = 0;

  constructor(perSecond: number, burst: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#left = burst;
  }

  /** What is left; nothing, or less = whoever asks has to wait. */
  left(now: number): number {
    const gone = now - this.#at;
    this.#left = Math.min(this.#burst, this.#left + (gone * this.#perSecond) / 1_000);
    this.#at = now;
    return this.#left;
  }

  isFull(now: number): boolean {
    return this.left(now) >= this.#burst;
  }

  /** Whether anything is left; a cost that is known only afterwards is charged by `take` then. */
  allows(now: number): boolean {
    return this.left(now) > 0;
  }

  /** Takes `cost` if anything is left (the budget may go below zero once); false = nothing was left. */
  take(cost: number, now: number): boolean {
    if (!this.allows(now)) return false;
    this.#left -= cost;
    return true;
  }

  /** Takes `cost` whatever is left, down to `debt` below zero at most. */
  charge(cost: number, debt: number, now: number): void {
    this.#left = Math.max(-debt, this.left(now) - cost);
  }
}
