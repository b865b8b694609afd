import type { PeerId } from "@libp2p/interface";
import { compareBytes, LOOKUP_PEERS, MAX_LOOKUP_NEIGHBOURS, sha256 } from "../../protocol/index.ts";

/** A peer's id in Kademlia: the SHA-256 of its multihash. */
export function kadId(peer: PeerId): Uint8Array {
  return sha256(peer.toMultihash().bytes);
}

/** How far two ids are from each other: their XOR, to be compared octet by octet. */
export function distance(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((octet, i) => octet ^ (b[i] ?? 0));
}

/** Closest to `target` (32 octets) first. */
export function byDistance(peers: readonly PeerId[], target: Uint8Array): readonly PeerId[] {
  return peers
    .map((peer) => ({ peer, far: distance(kadId(peer), target) }))
    .sort((a, b) => compareBytes(a.far, b.far))
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
