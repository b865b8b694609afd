import assert from "node:assert/strict";
import type { Clock } from "../../node/edges.ts";

/** A clock for what sets one timer at a time; it stands still but for `pass`. */
export class OneTimer implements Clock {
  #now = 0;
  #timer: { readonly at: number; readonly run: () => void } | null = null;

  get isSet(): boolean {
    return this.#timer !== null;
  }

  now(): number {
    return this.#now;
  }

  at(at: number, run: () => void): () => void {
    this.#timer = { at, run };
    return () => (this.#timer = null);
  }

  /** Goes on to the timer, runs it, and lets what it began come to its end; how many ms it was away. */
  async pass(): Promise<number> {
    const { at, run } = this.#timer ?? assert.fail("no timer");
    const ms = at - this.#now;
    this.#now = at;
    run();
    await new Promise((resolve) => setImmediate(resolve));
    return ms;
  }
}

/** Hands out one after the other; null stands for a node that stops. */
export function inTurn<Value>(told: (Value | null)[]): () => Promise<Value> {
  return async () => {
    const next = told.shift() ?? null;
    if (next === null) throw new Error("the node stops");
    return next;
  };
}
