import { setTimeout as sleep } from "node:timers/promises";

/** Works for a part of the time: after each piece of work it rests. */
export class Pace {
  /** ms that were worked, reads waited for included. */
  worked = 0;
  readonly #share: number;
  readonly #stop: AbortSignal;
  #since: number = performance.now();

  /** `share`: of a core, more than 0, at most 1. */
  constructor(share: number, stop: AbortSignal) {
    this.#share = share;
    this.#stop = stop;
  }

  /** Work begins. */
  begin(): void {
    this.#since = performance.now();
  }

  /** A piece of work is done. Rests for what it took, by the share; throws when it is stopped. */
  async rest(): Promise<void> {
    const took = performance.now() - this.#since;
    this.worked += took;
    const ms = took * (1 / this.#share - 1);
    // Others have their turn in any case.
    await sleep(Math.ceil(ms), undefined, { signal: this.#stop, ref: false });
    this.#since = performance.now();
  }
}
