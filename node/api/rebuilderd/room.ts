import { GATEWAY_COMMON_PART } from "../../../protocol/index.ts";

/** Room for what builders say. A part of it is divided evenly, so that nobody has to ask how much another signed; the rest is for whoever needs more. */
export class Room {
  readonly #own: number;
  #common: number;

  /** `most`: places in all. */
  constructor(most: number, builders: number) {
    this.#own = builders === 0 ? 0 : Math.floor(((1 - GATEWAY_COMMON_PART) * most) / builders);
    this.#common = most - builders * this.#own;
  }

  /** One place more for a builder that has `taken` of them. False where there is none, and then for ever. */
  take(taken: number): boolean {
    if (taken < this.#own) return true;
    if (this.#common <= 0) return false;
    this.#common--;
    return true;
  }
}
