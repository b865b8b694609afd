/** Look-ups in the DHT, a few at a time. */
import { LOOKUP_TIMEOUT_MS, MAX_LOOKUPS, MAX_SLOT_PEERS } from "../limits.ts";
import type { Context } from "./context.ts";
import type { PeerName } from "./types.ts";

export class Closest {
  readonly #ctx: Context;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(ctx: Context) {
    this.#ctx = ctx;
  }

  /** The peers closest to a slot, this one excluded; null where the look-up failed. */
  find(slot: Uint8Array, done: (peers: readonly PeerName[] | null) => void): void {
    if (this.#running >= MAX_LOOKUPS) {
      this.#waiting.push(() => this.find(slot, done));
      return;
    }
    this.#running++;
    this.#ctx.turn.lookup(
      slot,
      LOOKUP_TIMEOUT_MS,
      (peers) => {
        this.#running--;
        done(peers.filter((peer) => peer !== this.#ctx.config.self).slice(0, MAX_SLOT_PEERS));
        this.#next();
      },
      () => {
        this.#running--;
        done(null);
        this.#next();
      },
    );
  }

  #next(): void {
    this.#waiting.shift()?.();
  }
}
