/**
 * The hashes of a bundle's entries and the root over them, made in place: whoever takes in a feed makes two hashes an entry, and an object for
 * each was a third of all that it allocated.
 */
import { sha256, sha256Into } from "../crypto/index.ts";
import { ProtocolError } from "../errors.ts";
import { TILE_WIDTH } from "../limits.ts";
import { HASH_BYTES, leafInput, NODE_PREFIX } from "./merkle.ts";

const PAIR_BYTES = 2 * HASH_BYTES;
const NODE_BYTES = NODE_PREFIX.length + PAIR_BYTES;

/** What each node over two hashes of a full tile is the hash of; the rows above take its beginning. */
const room = new Uint8Array((NODE_BYTES * TILE_WIDTH) / 2);
const nodes: readonly Uint8Array[] = Array.from({ length: TILE_WIDTH / 2 }, (_, i) => {
  const node = room.subarray(NODE_BYTES * i, NODE_BYTES * (i + 1));
  node.set(NODE_PREFIX);
  return node;
});

/** `leafHash` of each of these entries, one after the other, as a tile of level 0 has them. */
export function leafHashes(entries: readonly Uint8Array[]): Uint8Array {
  const hashes = new Uint8Array(HASH_BYTES * entries.length);
  entries.forEach((entry, i) => sha256Into(hashes, HASH_BYTES * i, leafInput(entry)));
  return hashes;
}

/** `rootOf` the hashes of a full tile. Throws `tile/bad-width` for what is none. */
export function fullTileRoot(tile: Uint8Array): Uint8Array {
  if (tile.length !== PAIR_BYTES * nodes.length)
    throw new ProtocolError("tile/bad-width", `${tile.length} octets are no tile of ${TILE_WIDTH} hashes`);
  nodes.forEach((node, i) =>
    node.set(tile.subarray(PAIR_BYTES * i, PAIR_BYTES * (i + 1)), NODE_PREFIX.length),
  );
  // A node's hash goes where the input of a node before it was, or its own.
  for (let width = nodes.length; width > 1; width /= 2)
    for (let i = 0; i < width; i++) sha256Into(room, placeOf(i), nodes[i] ?? room);
  return sha256(nodes[0] ?? room);
}

/** Where in `room` the hash of node `i` stands as a part of its parent's input. */
function placeOf(i: number): number {
  return NODE_BYTES * (i >> 1) + NODE_PREFIX.length + HASH_BYTES * (i & 1);
}
