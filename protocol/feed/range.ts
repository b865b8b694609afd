/** Compact ranges: the right edge of a tree, from which it grows without its leaves. */
import { concat, Cursor, reading, u64be } from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import { MAX_FEED_SIZE } from "../limits.ts";
import { EMPTY_ROOT, HASH_BYTES, assertHash, nodeHash } from "./merkle.ts";

/**
 * The right edge of a tree of `size` leaves. `hashes` is the *frontier*: the roots of its perfect subtrees from left to
 * right, largest first, one for each bit that is set in `size`. Frozen.
 */
export interface CompactRange {
  readonly size: number;
  readonly hashes: readonly Uint8Array[];
}

/** Told of every perfect subtree as it becomes complete: 2^level leaves, the `index`-th of that level. */
export type OnSubtree = (level: number, index: number, hash: Uint8Array) => void;

/** The edge of the tree without leaves. */
export const emptyRange: CompactRange = freeze(0, []);

/** The edge after one more leaf. */
export function appendLeaf(range: CompactRange, leafHash: Uint8Array): CompactRange {
  return appendLeaves(range, [leafHash]);
}

/** The edge after more leaves: about one node hash a leaf. Throws `tree/bad-index` beyond MAX_FEED_SIZE, `tree/bad-hash`. */
export function appendLeaves(
  range: CompactRange,
  leafHashes: readonly Uint8Array[],
  onSubtree: OnSubtree | null = null,
): CompactRange {
  const hashes = [...range.hashes];
  let size = range.size;
  if (size + leafHashes.length > MAX_FEED_SIZE) {
    throw new ProtocolError(
      "tree/bad-index",
      `${size} leaves and ${leafHashes.length} more exceed ${MAX_FEED_SIZE}`,
    );
  }
  for (const leafHash of leafHashes) {
    assertHash(leafHash);
    let hash = leafHash;
    let level = 0;
    let index = size;
    onSubtree?.(level, index, hash);
    // Where the new subtree is a right child, its left sibling is the last of the frontier.
    while (index % 2 === 1) {
      hash = nodeHash(popped(hashes), hash);
      level++;
      index = (index - 1) / 2;
      onSubtree?.(level, index, hash);
    }
    hashes.push(hash);
    size++;
  }
  return freeze(size, hashes);
}

/** Root of the tree with this edge. */
export function rangeRoot(range: CompactRange): Uint8Array {
  return (
    range.hashes.reduceRight<Uint8Array | null>(
      (right, left) => (right ? nodeHash(left, right) : left),
      null,
    ) ?? EMPTY_ROOT
  );
}

/**
 * The edge whose frontier somebody gives; that it belongs to any tree is not known before its root is compared.
 * Throws `tree/bad-frontier` unless there is one hash for each bit set in `size`.
 */
export function rangeFromFrontier(size: number, frontier: readonly Uint8Array[]): CompactRange {
  const expected = frontierLength(size);
  if (frontier.length !== expected) {
    throw new ProtocolError(
      "tree/bad-frontier",
      `the frontier of ${size} leaves has ${expected} hashes, not ${frontier.length}`,
    );
  }
  for (const hash of frontier) assertHash(hash);
  return freeze(size, [...frontier]);
}

/** Hashes of the frontier of a tree of `size` leaves: the bits set in `size`. */
export function frontierLength(size: number): number {
  if (!Number.isSafeInteger(size) || size < 0 || size > MAX_FEED_SIZE) {
    throw new ProtocolError(
      "tree/bad-index",
      `${size} is no size of a feed (an integer from 0 to ${MAX_FEED_SIZE})`,
    );
  }
  let bits = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) bits += rest % 2;
  return bits;
}

/** Octets of an edge, to be kept: u64be size ‖ hashes. */
export function writeRange(range: CompactRange): Uint8Array {
  return concat(u64be(range.size), ...range.hashes);
}

/** Reads what `writeRange` wrote, exactly. Throws `tree/bad-frontier`. */
export function readRange(bytes: Uint8Array): CompactRange {
  return reading("tree/bad-frontier", "range", () => {
    const cursor = new Cursor(bytes);
    const size = cursor.u64();
    const hashes = Array.from({ length: frontierLength(size) }, () => cursor.take(HASH_BYTES).slice());
    cursor.done();
    return freeze(size, hashes);
  });
}

function freeze(size: number, hashes: Uint8Array[]): CompactRange {
  return Object.freeze({ size, hashes: Object.freeze(hashes) });
}

function popped(hashes: Uint8Array[]): Uint8Array {
  const hash = hashes.pop();
  if (hash === undefined)
    throw new ProtocolError("internal/impossible", "a frontier shorter than its size says");
  return hash;
}
