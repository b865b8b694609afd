/** Who is around a slot: one look-up serves its whole region, for a while. */
import { LOOKUP_TIMEOUT_MS, REGION_MS } from "../limits.ts";
import type { Context } from "./context.ts";
import { placeOfSlot, regionBits, sharesBits } from "./region.ts";
import type { PlacedPeer } from "./region.ts";

/** Who is around a place that was looked up, and how far that holds. */
export interface Region {
  readonly place: Uint8Array;
  /** Bits that other places must share with it. */
  readonly bits: number;
  /** Without those who did not answer since. */
  peers: readonly PlacedPeer[];
}

export class Surroundings {
  readonly #ctx: Context;
  #region: Region | null = null;
  #until = 0;

  constructor(ctx: Context) {
    this.#ctx = ctx;
  }

  /** Somebody came: while a mesh forms, few are not all. */
  joined(): void {
    if (this.#region?.bits === 0) this.#region = null;
  }

  /** The region of a slot: the last one, if it reaches there and has anybody, or another look-up. */
  of(slot: Uint8Array, done: (region: Region) => void, failed: () => void): void {
    const { turn, config, counters } = this.#ctx;
    const place = placeOfSlot(slot);
    const held = this.#region;
    const reaches = held !== null && held.peers.length > 0 && sharesBits(place, held.place, held.bits);
    if (reaches && turn.steady < this.#until) {
      done(held);
      return;
    }
    counters.add("sweep-lookups");
    turn.region(
      slot,
      LOOKUP_TIMEOUT_MS,
      (named) => {
        const peers = named.filter(({ peer }) => peer !== config.self);
        const region = { place, bits: regionBits(place, peers), peers };
        this.#region = region;
        this.#until = turn.steady + REGION_MS;
        done(region);
      },
      failed,
    );
  }
}
