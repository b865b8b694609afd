/** Where the rig's peers stand in the key space. */
import { utf8 } from "../../../protocol/bytes/index.ts";
import { sha256 } from "../../../protocol/crypto/index.ts";
import { REGION_PEERS } from "../../../protocol/limits.ts";
import { byDistance, placeOf, placeOfSlot } from "../../../protocol/peer/index.ts";
import type { PlacedPeer } from "../../../protocol/peer/index.ts";

/** A peer of no network that counts. */
export function placed(name: string): PlacedPeer {
  return { peer: name, place: sha256(utf8(name)), net: null };
}

/** What a look-up for `key` tells among these. */
export function regionAmong(
  peers: readonly { readonly name: string }[],
  key: Uint8Array,
): readonly PlacedPeer[] {
  const all = peers.map(({ name }) => placed(name));
  return byDistance(placeOfSlot(key), all, placeOf).slice(0, REGION_PEERS);
}
