import {
  appendLeaves,
  earlierAt,
  emptyRange,
  equalBytes,
  inclusionProof,
  leafHash,
  ProtocolError,
  rangeFromFrontier,
  rangeRoot,
  readBundle,
  rootOf,
  TILE_WIDTH,
} from "../../../protocol/index.ts";
import type { Earlier, SignedHead, Subtree } from "../../../protocol/index.ts";

/** Entries of one bundle, and the hash of each. */
export interface Bundle {
  readonly octets: Uint8Array;
  /** Views of the octets. */
  readonly entries: readonly Uint8Array[];
  readonly leaves: readonly Uint8Array[];
}

/** Level of the subtree over the entries of a full bundle. */
const BUNDLE_LEVEL = 8;

/** Reads a bundle of so many entries; of one that has grown since, the first. Throws `bundle/…`. */
export function openBundle(octets: Uint8Array, count: number): Bundle {
  const entries = readBundle(octets).slice(0, count);
  if (entries.length < count)
    throw new ProtocolError(
      "bundle/bad-count",
      `the bundle has ${entries.length} entries; ${count} expected`,
    );
  return { octets, entries, leaves: entries.map(leafHash) };
}

/** The tree of a feed under one head, as far as proofs need it: the root of each full bundle, and the leaves behind the last of them. */
export class Tree {
  readonly head: SignedHead;
  /** Of the full bundles: whatever a bundle is read from, its own root shows whether it is the feed's. */
  readonly roots: readonly Uint8Array[];
  /** Entries behind the last full bundle; null where there are none. */
  readonly tail: Bundle | null;
  readonly #upper = new Map<string, Uint8Array>();

  /** Throws `tree/root-mismatch` where the head was signed over another tree. */
  constructor(head: SignedHead, roots: readonly Uint8Array[], tail: Bundle | null) {
    // Perfect subtrees over bundles are perfect subtrees over their entries.
    const full = appendLeaves(emptyRange, roots);
    const range = appendLeaves(
      rangeFromFrontier(full.size * TILE_WIDTH, full.hashes),
      tail === null ? [] : tail.leaves,
    );
    if (range.size !== head.size || !equalBytes(rangeRoot(range), head.root))
      throw new ProtocolError(
        "tree/root-mismatch",
        `the hashes make another tree than the head of ${head.origin} says`,
      );
    this.head = head;
    this.roots = roots;
    this.tail = tail;
  }

  /** The bundle of a number, from its octets. Throws `bundle/…`, `tile/mismatch` where they are not the feed's. */
  bundle(number: number, octets: Uint8Array): Bundle {
    const bundle = openBundle(octets, TILE_WIDTH);
    const root = this.roots[number];
    if (root !== undefined && equalBytes(rootOf(bundle.leaves), root)) return bundle;
    throw new ProtocolError("tile/mismatch", `bundle ${number} does not have the root that its tile says`);
  }

  /** Proof that an entry of a bundle, of the tail too, stands under the head: `at` counts from the bundle's first. */
  inclusion(number: number, { leaves }: Bundle, at: number): Uint8Array[] {
    return inclusionProof(number * TILE_WIDTH + at, this.head.size, (subtree) => {
      if (subtree.level >= BUNDLE_LEVEL) return this.#above(subtree);
      const width = 2 ** subtree.level;
      const first = subtree.index * width;
      const inside = Math.floor(first / TILE_WIDTH) === number ? leaves : (this.tail?.leaves ?? []);
      return rootOf(inside.slice(first % TILE_WIDTH, (first % TILE_WIDTH) + width));
    });
  }

  /** What the tree was at a smaller size, and the proof from there; `bundleOf` gives the full bundle in which that size lies. Throws `tile/missing`. */
  earlier(size: number, bundleOf: (number: number) => Bundle | null): Earlier {
    return earlierAt(size, this.head.size, (subtree) => {
      if (subtree.level >= BUNDLE_LEVEL) return this.#above(subtree);
      const width = 2 ** subtree.level;
      const first = subtree.index * width;
      const number = Math.floor(first / TILE_WIDTH);
      const bundle = number < this.roots.length ? bundleOf(number) : this.tail;
      if (bundle === null) throw new ProtocolError("tile/missing", `bundle ${number} is not kept`);
      return rootOf(bundle.leaves.slice(first % TILE_WIDTH, (first % TILE_WIDTH) + width));
    });
  }

  #above({ level, index }: Subtree): Uint8Array {
    const name = `${level}/${index}`;
    const width = 2 ** (level - BUNDLE_LEVEL);
    const hash = this.#upper.get(name) ?? rootOf(this.roots.slice(index * width, (index + 1) * width));
    this.#upper.set(name, hash);
    return hash;
  }
}
