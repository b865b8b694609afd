/** Kademlia's look-up among given peers, to count its questions: tables with buckets of k, three questions at a time, to the end. */
import { byDistance, placeOf, sharedBits } from "../../protocol/index.ts";
import type { PlacedPeer } from "../../protocol/index.ts";

const K = 20;
const PARALLEL = 3;

export class Kademlia {
  readonly #peers: readonly PlacedPeer[];
  readonly #tables = new Map<PlacedPeer, readonly PlacedPeer[]>();

  constructor(peers: readonly PlacedPeer[]) {
    this.#peers = peers;
  }

  /** Questions that `from` asks until the k closest peers to `place` that it has heard of have all answered. */
  questions(from: PlacedPeer, place: Uint8Array): number {
    let known = closest(place, this.#tableOf(from));
    const asked = new Set<PlacedPeer>([from]);
    for (;;) {
      const next = known.filter((peer) => !asked.has(peer)).slice(0, PARALLEL);
      if (next.length === 0) return asked.size - 1;
      const named = new Set(known);
      for (const peer of next) {
        asked.add(peer);
        for (const one of closest(place, this.#tableOf(peer))) if (one !== from) named.add(one);
      }
      known = closest(place, [...named]);
    }
  }

  /** What a peer knows of the others: of those that share so many bits with it, k. */
  #tableOf(peer: PlacedPeer): readonly PlacedPeer[] {
    const made = this.#tables.get(peer);
    if (made !== undefined) return made;
    const buckets = new Map<number, PlacedPeer[]>();
    for (const other of this.#peers) {
      if (other === peer) continue;
      const bits = sharedBits(peer.place, other.place);
      const bucket = buckets.get(bits) ?? [];
      if (bucket.length < K) buckets.set(bits, [...bucket, other]);
    }
    const table = [...buckets.values()].flat();
    this.#tables.set(peer, table);
    return table;
  }
}

function closest(place: Uint8Array, peers: readonly PlacedPeer[]): readonly PlacedPeer[] {
  return byDistance(place, peers, placeOf).slice(0, K);
}
