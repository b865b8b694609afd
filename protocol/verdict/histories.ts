/** Which heads are proven to be of one history: the same, or both begin one that is larger. */
import { nameOfHead } from "../feed/index.ts";
import type { SignedHead } from "../feed/index.ts";

/** A head by what it says, whoever signed it. */
export type NamedHead = Pick<SignedHead, "origin" | "size" | "root">;

/** Names of heads are made once for all questions of one verdict: there are several for each claim and feed. */
export class Histories {
  /** By name of the smaller head: the larger ones. A bundle may have one join a million times. */
  readonly #larger = new Map<string, Set<string>>();
  /** By name of a head: itself and all that are proven to extend it. */
  readonly #extensions = new Map<string, ReadonlySet<string>>();

  constructor(joins: readonly { readonly small: NamedHead; readonly large: NamedHead }[]) {
    for (const { small, large } of joins) {
      const name = nameOfHead(small);
      const some = this.#larger.get(name) ?? new Set();
      this.#larger.set(name, some.add(nameOfHead(large)));
    }
  }

  areOfOne(a: NamedHead, b: NamedHead): boolean {
    if (a.origin !== b.origin) return false;
    const above = this.#extensionsOf(a);
    return [...this.#extensionsOf(b)].some((name) => above.has(name));
  }

  #extensionsOf(head: NamedHead): ReadonlySet<string> {
    const first = nameOfHead(head);
    const known = this.#extensions.get(first);
    if (known !== undefined) return known;
    const names = new Set([first]);
    // Those that are added on the way are looked at too.
    for (const name of names) for (const larger of this.#larger.get(name) ?? []) names.add(larger);
    this.#extensions.set(first, names);
    return names;
  }
}
