/** What people call the holders of keys: as the node's policies do. */
import type { NodePolicy } from "./answers.ts";
import { short } from "./words.ts";

export class BuilderNames {
  readonly #names = new Map<string, { readonly name: string; readonly operator: string }>();

  constructor(policies: readonly NodePolicy[]) {
    for (const { builders } of policies) {
      for (const { name, operator, keys } of builders) {
        for (const key of keys) if (!this.#names.has(key)) this.#names.set(key, { name, operator });
      }
    }
  }

  /** Its name, or the beginning of its key. */
  of(key: string): string {
    return this.#names.get(key)?.name ?? `key ${short(key)}`;
  }

  /** Whom the policy says to run it; null where no policy names the key. */
  operator(key: string): string | null {
    return this.#names.get(key)?.operator ?? null;
  }
}
