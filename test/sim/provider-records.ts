import { toHex } from "../../protocol/bytes/index.ts";
import { PROVIDER_MS } from "../../protocol/limits.ts";
import type { NamedPeer } from "../../protocol/peer/index.ts";

/** How many are asked, and name whoever told them. */
const HOLDERS = 20;

/** Provider records of a DHT of which every peer sees the same. */
export class ProviderRecords {
  /** By key, who provides it since when. */
  readonly #byKey = new Map<string, Map<string, number>>();
  /** Who names himself for every key. */
  readonly #liars = new Set<string>();

  announce(key: Uint8Array, peer: string, now: number): void {
    const name = toHex(key);
    const held = this.#byKey.get(name) ?? new Map<string, number>();
    this.#byKey.set(name, held.set(peer, now));
  }

  /** From now on this one is named as a provider of everything. */
  lie(peer: string): void {
    this.#liars.add(peer);
  }

  named(key: Uint8Array, now: number): readonly NamedPeer[] {
    const held = [...(this.#byKey.get(toHex(key)) ?? [])].filter(([, since]) => now - since < PROVIDER_MS);
    const names = new Set([...held.map(([peer]) => peer), ...this.#liars]);
    return [...names].map((peer) => ({ peer, by: HOLDERS, net: null }));
  }

  /** Who told of a key, and when last. */
  told(key: Uint8Array): ReadonlyMap<string, number> {
    return this.#byKey.get(toHex(key)) ?? new Map<string, number>();
  }
}
