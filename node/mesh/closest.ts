import type { PeerId } from "@libp2p/interface";
import { byDistance, sha256 } from "../../protocol/index.ts";

/** A peer's id in Kademlia: the SHA-256 of its multihash. */
export function kadId(peer: PeerId): Uint8Array {
  return sha256(peer.toMultihash().bytes);
}

/** Closest to `target` (32 octets) first. */
export function closestFirst(peers: readonly PeerId[], target: Uint8Array): readonly PeerId[] {
  return byDistance(target, peers, kadId);
}
