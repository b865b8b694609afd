import type { Finding, FindingKind, PeerName } from "../../protocol/peer/index.ts";
import type { ObservedPeer } from "./observer.ts";
import type { World } from "./world.ts";

/** When what was published came to whom, and when evidence did. */
export class Delivery {
  readonly #world: World;
  /** Sizes to which a feed grew at its publisher, and when. */
  readonly #grown = new Map<string, { readonly size: number; readonly at: number }[]>();
  /** How much of each feed a peer has had, whatever it lost since. */
  readonly #reached = new Map<string, number>();
  readonly #found = new Map<FindingKind, Map<PeerName, number>>();
  /** ms from the publisher's disk to the disk of one follower, for each growth and follower. */
  readonly latencies: number[] = [];

  constructor(world: World) {
    this.#world = world;
  }

  stored(peer: ObservedPeer, origin: string, size: number): void {
    const name = `${peer.name} ${origin}`;
    const before = this.#reached.get(name) ?? 0;
    if (size <= before) return;
    this.#reached.set(name, size);
    const grown = this.#grown.get(origin) ?? [];
    this.#grown.set(origin, grown);
    if (peer.origin === origin) {
      grown.push({ size, at: this.#world.now });
      return;
    }
    for (const growth of grown) {
      if (growth.size > before && growth.size <= size) this.latencies.push(this.#world.now - growth.at);
    }
  }

  found(peer: ObservedPeer, { kind }: Finding): void {
    const found = this.#found.get(kind) ?? new Map<PeerName, number>();
    this.#found.set(kind, found);
    if (!found.has(peer.name)) found.set(peer.name, this.#world.now);
  }

  /** How many growths of feeds that they follow these peers have not got to the end. */
  missed(peers: readonly ObservedPeer[]): number {
    let missed = 0;
    for (const [origin, grown] of this.#grown) {
      for (const peer of peers) {
        if (!peer.follows(origin)) continue;
        const reached = this.#reached.get(`${peer.name} ${origin}`) ?? 0;
        missed += grown.filter(({ size }) => size > reached).length;
      }
    }
    return missed;
  }

  /** ms since `lie` after which each of these peers had found a matter of this kind; null = it has not. */
  evidence(kind: FindingKind, lie: number, peers: readonly ObservedPeer[]): readonly (number | null)[] {
    return peers.map(({ name }) => {
      const at = this.#found.get(kind)?.get(name);
      return at === undefined ? null : at - lie;
    });
  }
}

/** The `share`-th of the numbers, by size: 0.5 is their median. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}
