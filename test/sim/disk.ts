import { equalBytes } from "../../protocol/bytes/index.ts";
import type { Range, Row, StoreOp } from "../../protocol/peer/index.ts";
import { SimStore } from "./store.ts";
import type { World } from "./world.ts";

/**
 * What goes wrong at the n-th write or signature: power fails before it is done, or before anybody hears of it; or an error is told of
 * something that was not done, or was.
 */
export const FAULTS = ["crash-before", "crash-after", "error-before", "error-after"] as const;

export interface Fault {
  readonly step: number;
  readonly kind: (typeof FAULTS)[number];
}

/** How a step ended: null, or the code of an error. */
type Ended = (error: string | null) => void;

/** ms that they take at most. */
const READ = 1;
const WRITE = 1;
const SYNC = 8;

/** What survives a crash of one peer: the store, the own-head file; and when it comes. */
export class Disk {
  readonly #world: World;
  readonly #powerFails: () => void;
  store: SimStore = new SimStore();
  ownHead: Uint8Array | "none" | "lost" = "none";
  /** The own-head file is a copy of what was written. */
  moved = false;
  fault: Fault | null = null;
  #steps = 0;
  #freeAt = 0;
  #life = 0;

  /** `powerFails` is called at a crash and is to call `crash`. */
  constructor(world: World, powerFails: () => void) {
    this.#world = world;
    this.#powerFails = powerFails;
  }

  /** Writes and signatures so far. */
  get steps(): number {
    return this.#steps;
  }

  crash(): void {
    this.#life++;
    this.#freeAt = 0;
    this.store.crash(this.#world.random);
  }

  /** What an operator puts in place of the store while the peer is down; null = nothing. */
  restore(store: SimStore | null): void {
    this.store = store ?? new SimStore();
  }

  read(range: Range, done: (page: { readonly rows: readonly Row[]; readonly more: boolean }) => void): void {
    const life = this.#life;
    this.#world.plan(this.#turn(READ), () => {
      if (life === this.#life) done(this.store.read(range));
    });
  }

  /** `ended` is told of each of `asks` whether it had a row before. */
  write(
    ops: readonly StoreOp[],
    asks: readonly Uint8Array[],
    durable: boolean,
    ended: (error: string | null, there: readonly boolean[]) => void,
  ): void {
    let there: readonly boolean[] = [];
    const apply = (): void => {
      there = asks.map((key) => this.store.has(key));
      this.store.apply(ops, durable);
    };
    this.step(this.#turn(durable ? SYNC : WRITE), apply, (error) => ended(error, there));
  }

  /** Compare-and-swap of the own-head file. */
  swap(old: Uint8Array | null, next: Uint8Array, ended: Ended): void {
    let swapped = false;
    const replace = (): void => {
      const held = typeof this.ownHead === "string" ? null : this.ownHead;
      swapped = old === null ? held === null : held !== null && equalBytes(held, old);
      if (!swapped) return;
      this.ownHead = next.slice();
      this.moved = false;
    };
    this.step(1 + this.#world.random.below(SYNC), replace, (error) =>
      ended(error ?? (swapped ? null : "own-head/changed")),
    );
  }

  /** Something that may go wrong. */
  step(delay: number, run: () => void, ended: Ended): void {
    const step = ++this.#steps;
    const life = this.#life;
    this.#world.plan(delay, () => {
      if (life !== this.#life) return;
      const fault = this.fault?.step === step ? this.fault.kind : null;
      if (fault !== "crash-before" && fault !== "error-before") run();
      if (fault === null) ended(null);
      else if (fault.startsWith("crash")) this.#powerFails();
      else ended("disk/io-error");
    });
  }

  /** Delay until this one's turn is over: what was asked first is done first. */
  #turn(most: number): number {
    this.#freeAt = Math.max(this.#world.now, this.#freeAt) + this.#world.random.below(most + 1);
    return this.#freeAt - this.#world.now;
  }
}
