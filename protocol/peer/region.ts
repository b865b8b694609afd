/**
 * Regions of the key space. Kademlia's look-up for one key names everybody around it, so that it serves all keys that begin alike: for
 * each of them the closest are chosen from those named, without another look-up.
 */
import { compareBytes } from "../bytes/index.ts";
import { sha256 } from "../crypto/index.ts";
import { MAX_LOOKUP_NEIGHBOURS, MAX_SLOT_PEERS, REGION_EXTRA_BITS } from "../limits.ts";

/** A peer, where it stands in the key space, and the network that it counts for (RULES R26); null = exempt. */
export interface PlacedPeer {
  readonly peer: string;
  /** 32 octets. */
  readonly place: Uint8Array;
  readonly net: string | null;
}

/** Where a slot stands in the key space: Kademlia hashes its keys. */
export function placeOfSlot(slot: Uint8Array): Uint8Array {
  return sha256(slot);
}

/** How far two places are from each other: their XOR, to be compared octet by octet. */
export function distance(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((octet, i) => octet ^ (b[i] ?? 0));
}

/** The k peers closest to a place, closest first, of one network no more than a look-up would give. */
export function closestTo(place: Uint8Array, peers: readonly PlacedPeer[]): readonly string[] {
  return spread(byDistance(place, peers, placeOf), ({ net }) => net).map(({ peer }) => peer);
}

/**
 * The first k of these, of which no network gives more than MAX_LOOKUP_NEIGHBOURS: addresses of one can be rented (RULES R26).
 * `netOf` gives null for peers that are exempt.
 */
export function spread<Peer>(peers: readonly Peer[], netOf: (peer: Peer) => string | null): readonly Peer[] {
  const taken = new Map<string, number>();
  const chosen: Peer[] = [];
  for (const peer of peers) {
    const net = netOf(peer);
    const count = net === null ? 0 : (taken.get(net) ?? 0);
    if (count >= MAX_LOOKUP_NEIGHBOURS) continue;
    if (net !== null) taken.set(net, count + 1);
    if (chosen.push(peer) === MAX_SLOT_PEERS) break;
  }
  return chosen;
}

/**
 * How many leading bits a place must share with the one that was looked up for the answer to serve it too. What the look-up did not name
 * lies beyond its k-th peer; a place that shares REGION_EXTRA_BITS more than that peer has nearly the same k. Fewer than k peers are all.
 */
export function regionBits(place: Uint8Array, peers: readonly PlacedPeer[]): number {
  const last = byDistance(place, peers, placeOf)[MAX_SLOT_PEERS - 1];
  return last === undefined ? 0 : sharedBits(place, last.place) + REGION_EXTRA_BITS;
}

/** Whether two places share their first `bits` bits. */
export function sharesBits(a: Uint8Array, b: Uint8Array, bits: number): boolean {
  return sharedBits(a, b) >= Math.min(bits, 8 * Math.min(a.length, b.length));
}

/** Closest to `place` first; `placeOf` says where each stands. */
export function byDistance<Peer>(
  place: Uint8Array,
  peers: readonly Peer[],
  placeOf: (peer: Peer) => Uint8Array,
): readonly Peer[] {
  return peers
    .map((peer) => ({ peer, far: distance(placeOf(peer), place) }))
    .sort((a, b) => compareBytes(a.far, b.far))
    .map(({ peer }) => peer);
}

/** Where a peer stands. */
export function placeOf({ place }: PlacedPeer): Uint8Array {
  return place;
}

/** Leading bits that two octet strings share. */
export function sharedBits(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const differ = (a[at] ?? 0) ^ (b[at] ?? 0);
    if (differ !== 0) return 8 * at + Math.clz32(differ) - 24;
  }
  return 8 * length;
}
