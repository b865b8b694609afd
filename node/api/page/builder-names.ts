import { toHex } from "../../../protocol/index.ts";
import type { PolicyView } from "../../policies.ts";
import { foreign, html } from "./html.ts";
import type { Markup } from "./html.ts";

const SHOWN_DIGITS = 16;

/** Builders by the names of this node's policies; whom none of them names by the beginning of its key. */
export class Names {
  readonly #byKey: ReadonlyMap<string, string>;

  constructor(policies: readonly PolicyView[]) {
    const builders = policies.flatMap((policy) => policy.builders);
    this.#byKey = new Map([
      ...builders.flatMap(({ name, feeds }) => feeds.map((feed) => [keyOfOrigin(feed), name] as const)),
      ...builders.flatMap(({ name, keys }) => keys.map((key) => [key, name] as const)),
    ]);
  }

  ofKey(key: Uint8Array): Markup {
    return this.#named(toHex(key));
  }

  ofFeed(origin: string): Markup {
    return this.#named(keyOfOrigin(origin));
  }

  #named(key: string): Markup {
    const name = this.#byKey.get(key);
    return name === undefined
      ? html`<code>${key.slice(0, SHOWN_DIGITS)}…</code>`
      : html`<strong>${foreign(name)}</strong>`;
  }
}

function keyOfOrigin(origin: string): string {
  return origin.slice(origin.lastIndexOf("/") + 1);
}
