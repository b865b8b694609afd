import { toHex } from "../../protocol/bytes/index.ts";
import { parseCheckpoint } from "../../protocol/feed/index.ts";

/** The head records of a DHT of which every peer sees the same. */
export class HeadRecords {
  readonly #byKey = new Map<string, Uint8Array>();

  /** Puts a head there, unless a larger one is. */
  announce(key: Uint8Array, head: Uint8Array): void {
    const held = this.recall(key);
    if (held === null || parseCheckpoint(held).size <= parseCheckpoint(head).size) this.plant(key, head);
  }

  /** Puts any octets there, as nodes that do not check could. */
  plant(key: Uint8Array, octets: Uint8Array): void {
    this.#byKey.set(toHex(key), octets);
  }

  recall(key: Uint8Array): Uint8Array | null {
    return this.#byKey.get(toHex(key)) ?? null;
  }
}
