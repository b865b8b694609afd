/** Look-ups in the DHT, a few at a time. */
import { LOOKUP_TIMEOUT_MS, MAX_LOOKUPS, MAX_SLOT_PEERS, SMALL_NETWORK_MS } from "../limits.ts";
import type { Context } from "./context.ts";
import type { PeerName } from "./types.ts";

export class Closest {
  readonly #ctx: Context;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  /** Where fewer peers were found than a slot has, they are all there are: for a while nobody looks again. */
  #everybody: { readonly peers: readonly PeerName[]; readonly until: number } | null = null;

  constructor(ctx: Context) {
    this.#ctx = ctx;
  }

  /** The peers closest to a slot, this one excluded; null where the look-up failed. */
  find(slot: Uint8Array, done: (peers: readonly PeerName[] | null) => void): void {
    if (this.#running >= MAX_LOOKUPS) {
      this.#waiting.push(() => this.find(slot, done));
      return;
    }
    if (this.#everybody !== null && this.#everybody.until > this.#ctx.turn.now) {
      done(this.#everybody.peers);
      this.#next();
      return;
    }
    this.#running++;
    this.#ctx.turn.lookup(
      slot,
      LOOKUP_TIMEOUT_MS,
      (peers) => {
        this.#running--;
        const others = peers.filter((peer) => peer !== this.#ctx.config.self).slice(0, MAX_SLOT_PEERS);
        if (peers.length > 0 && peers.length < MAX_SLOT_PEERS / 2) {
          this.#everybody = { peers: others, until: this.#ctx.turn.now + SMALL_NETWORK_MS };
        }
        done(others);
        this.#next();
      },
      () => {
        this.#running--;
        done(null);
        this.#next();
      },
    );
  }

  /** The network has changed. */
  joined(): void {
    this.#everybody = null;
  }

  #next(): void {
    this.#waiting.shift()?.();
  }
}
