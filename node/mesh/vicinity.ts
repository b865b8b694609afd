import type { PeerId } from "@libp2p/interface";
import { compareBytes, distance, LOOKUP_PEERS, MAX_LOOKUP_NEIGHBOURS } from "../../protocol/index.ts";
import { kadId } from "./closest.ts";

/** A peer in Kademlia's table. */
interface Known {
  readonly peer: PeerId;
  readonly id: Uint8Array;
  /** Its neighbourhood, null where that is exempt; undefined until it was seen connected. */
  place: string | null | undefined;
}

/**
 * Whether this peer is one of those that a record belongs to, as far as it knows the network: RULES R25 lets records be kept by the 2k
 * closest. Of one neighbourhood only as many count as a look-up would give (R26): else whoever rents one could put so many peers
 * around a key that nobody else kept its records.
 */
export class Vicinity {
  readonly #own: Uint8Array;
  readonly #placeOf: (peer: PeerId) => string | null | undefined;
  readonly #known = new Map<string, Known>();

  /** `placeOf` gives the neighbourhood of a peer, null for those that are exempt, undefined while it is not connected. */
  constructor(self: PeerId, placeOf: (peer: PeerId) => string | null | undefined) {
    this.#own = kadId(self);
    this.#placeOf = placeOf;
  }

  /** The table has a peer more. */
  add(peer: PeerId): void {
    this.#known.set(peer.toString(), { peer, id: kadId(peer), place: this.#placeOf(peer) });
  }

  /** The table has a peer less. */
  remove(peer: PeerId): void {
    this.#known.delete(peer.toString());
  }

  /** Whether fewer than 2k of the known peers are closer to `target` (an id of Kademlia, 32 octets) than this one. */
  holds(target: Uint8Array): boolean {
    const own = distance(this.#own, target);
    const counted = new Map<string, number>();
    let closer = 0;
    for (const known of this.#known.values()) {
      if (compareBytes(distance(known.id, target), own) >= 0) continue;
      if (known.place === undefined) known.place = this.#placeOf(known.peer);
      // All that were never seen connected count as one neighbourhood: addresses that are only told prove nothing.
      const place = known.place === undefined ? "" : known.place;
      if (place !== null) {
        const count = counted.get(place) ?? 0;
        if (count >= MAX_LOOKUP_NEIGHBOURS) continue;
        counted.set(place, count + 1);
      }
      if (++closer === 2 * LOOKUP_PEERS) return false;
    }
    return true;
  }
}
