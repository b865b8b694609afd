/**
 * Which record of a stranger goes where there is room for no more (RULES R25): by lot, each as likely as any other. The key after
 * one chosen at random would not do: whoever crowds his records together leaves no gap before them, and would hardly ever be hit.
 */
import { RECORD_LOTS } from "../limits.ts";
import type { Context } from "./context.ts";
import type { KnownKeys } from "./keys.ts";
import { readOne, readPages } from "./reads.ts";
import { expiryOf, rowsOf, signerOfRecord } from "./rows.ts";
import type { Row, StoreOp } from "./types.ts";

type Take = (ops: readonly StoreOp[] | null) => void;

export class RecordLots {
  readonly #ctx: Context;
  readonly #keys: KnownKeys;
  /** Keys of the expiry rows that were drawn last and are not used yet, in the order of the draw. */
  #drawn: Uint8Array[] = [];
  /** Who waits for the draw that is under way; null for none. */
  #waiting: Take[] | null = null;

  constructor(ctx: Context, keys: KnownKeys) {
    this.#ctx = ctx;
    this.#keys = keys;
  }

  /** What deletes one record of a signer that nobody here follows; null where there is none, or it can't be read. */
  take(take: Take): void {
    const key = this.#drawn.pop();
    if (key === undefined) this.#draw(take);
    else {
      readOne(
        this.#ctx.turn,
        key,
        (value) => {
          // Gone or extended since the draw: the next one.
          if (value === null) this.take(take);
          else take(deletionOf(key));
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
        this.#drawn = shuffled(drawn, this.#ctx.rng);
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

function deletionOf(expiry: Uint8Array): readonly StoreOp[] {
  return [
    { op: "delete", key: expiry },
    { op: "delete", key: expiryOf(expiry).record },
  ];
}

/** The first rows of a pass would otherwise be the first to go. */
function shuffled(keys: Uint8Array[], rng: () => number): Uint8Array[] {
  for (let last = keys.length - 1; last > 0; last--) {
    const at = Math.floor(rng() * (last + 1));
    const [one, other] = [keys[last], keys[at]];
    if (one !== undefined && other !== undefined) [keys[last], keys[at]] = [other, one];
  }
  return keys;
}
