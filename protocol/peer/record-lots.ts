/**
 * Which record of a stranger goes where there is room for no more (RULES R25): by lot, each as likely as any other. The key after
 * one chosen at random would not do: whoever crowds his records together leaves no gap before them, and would hardly ever be hit.
 */
import { RECORD_LOTS } from "../limits.ts";
import type { Context } from "./context.ts";
import type { KnownKeys } from "./keys.ts";
import { drawLot } from "./lot.ts";
import { readOne, readPages } from "./reads.ts";
import { expiryOf, rowsOf, signerOfRecord } from "./rows.ts";
import type { Row } from "./types.ts";

type Take = (expiry: Uint8Array | null) => void;

export class RecordLots {
  readonly #ctx: Context;
  readonly #keys: KnownKeys;
  /** Keys of the expiry rows that were drawn last and are not used yet. */
  #drawn: Uint8Array[] = [];
  /** Who waits for the draw that is under way; null for none. */
  #waiting: Take[] | null = null;

  constructor(ctx: Context, keys: KnownKeys) {
    this.#ctx = ctx;
    this.#keys = keys;
  }

  /** The key of the expiry row of one record whose signer nobody here follows; null where there is none, or it can't be read. */
  take(take: Take): void {
    // Where in the draw a row stands is no lot: a pass begins with those that expire first.
    const key = drawLot(this.#drawn, this.#ctx.rng);
    if (key === null) this.#draw(take);
    else {
      readOne(
        this.#ctx.turn,
        key,
        (value) => {
          // Gone or extended since the draw: the next one.
          if (value === null) this.take(take);
          else take(key);
        },
        () => this.#failed([take]),
      );
    }
  }

  /** One pass over all, of which each stays with the same chance: the store is read once for RECORD_LOTS of them. */
  #draw(take: Take): void {
    if (this.#waiting !== null) {
      this.#waiting.push(take);
      return;
    }
    const waiting = [take];
    this.#waiting = waiting;
    const drawn: Uint8Array[] = [];
    let seen = 0;
    readPages(
      this.#ctx.turn,
      rowsOf("x", Number.MAX_SAFE_INTEGER),
      (rows) => {
        for (const { key } of rows.filter((row) => this.#isStrangers(row))) {
          const at = drawn.length < RECORD_LOTS ? drawn.length : Math.floor(this.#ctx.rng() * (seen + 1));
          if (at < RECORD_LOTS) drawn[at] = key;
          seen++;
        }
      },
      () => {
        this.#waiting = null;
        this.#drawn = drawn;
        for (const each of waiting) {
          if (this.#drawn.length > 0) this.take(each);
          else each(null);
        }
      },
      () => {
        this.#waiting = null;
        this.#failed(waiting);
      },
    );
  }

  #isStrangers({ key }: Row): boolean {
    return !this.#keys.followsHash(signerOfRecord(expiryOf(key).record));
  }

  #failed(waiting: readonly Take[]): void {
    this.#ctx.counters.add("read-failed");
    for (const take of waiting) take(null);
  }
}
