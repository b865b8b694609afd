import type { PeerId } from "@libp2p/interface";
import { compareBytes, LOOKUP_PEERS, MAX_LOOKUP_NEIGHBOURS, sha256 } from "../../protocol/index.ts";

/** Closest to `target` (32 octets) first, by the XOR of Kademlia's ids: a peer's is the SHA-256 of its multihash. */
export function byDistance(peers: readonly PeerId[], target: Uint8Array): readonly PeerId[] {
  return peers
    .map((peer) => ({ peer, distance: xor(sha256(peer.toMultihash().bytes), target) }))
    .sort((a, b) => compareBytes(a.distance, b.distance))
    .map(({ peer }) => peer);
}

/**
 * The first LOOKUP_PEERS of these, of which no neighbourhood gives more than MAX_LOOKUP_NEIGHBOURS: addresses of one can
 * be rented (RULES R26). `placeOf` gives null for peers that are exempt.
 */
export function spread<Peer>(
  peers: readonly Peer[],
  placeOf: (peer: Peer) => string | null,
): readonly Peer[] {
  const taken = new Map<string, number>();
  const chosen: Peer[] = [];
  for (const peer of peers) {
    const place = placeOf(peer);
    const count = place === null ? 0 : (taken.get(place) ?? 0);
    if (count >= MAX_LOOKUP_NEIGHBOURS) continue;
    if (place !== null) taken.set(place, count + 1);
    if (chosen.push(peer) === LOOKUP_PEERS) break;
  }
  return chosen;
}

function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((octet, i) => octet ^ (b[i] ?? 0));
}
