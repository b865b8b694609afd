import { isIP } from "node:net";
import { MAX_CALLS_OF_HOST, MAX_CALLS_OF_NEIGHBOURHOOD } from "../../protocol/index.ts";
import { neighbourhood } from "./networks.ts";

/** Counts what each name has open. */
export class Tally {
  readonly #open = new Map<string, number>();

  /** One more for the name, until the returned function is called; null if it has `most` already. */
  enter(name: string, most: number): (() => void) | null {
    const open = this.#open.get(name) ?? 0;
    if (open >= most) return null;
    this.#open.set(name, open + 1);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      const now = this.#open.get(name) ?? 0;
      if (now > 1) this.#open.set(name, now - 1);
      else this.#open.delete(name);
    };
  }
}

/**
 * Inbound calls by where they come from: one neighbourhood of the public net, or one private host, cannot take all the
 * room there is (I9).
 */
export class Callers {
  readonly #tally = new Tally();

  /** As `Tally.enter`. */
  enter(ip: string): (() => void) | null {
    const place = isIP(ip) === 0 ? null : neighbourhood(ip);
    return place === null
      ? this.#tally.enter(ip, MAX_CALLS_OF_HOST)
      : this.#tally.enter(place, MAX_CALLS_OF_NEIGHBOURHOOD);
  }
}
