/** The hash tree of RFC 6962, with SHA-256. Proofs are checked by the algorithms of RFC 9162, which kept the tree. */
import { concat, equalBytes } from "../bytes/index.ts";
import { sha256 } from "../crypto/index.ts";
import { ProtocolError } from "../errors.ts";
import { MAX_ENTRY_BYTES, MAX_PROOF_HASHES } from "../limits.ts";

/** Octets of one hash. */
export const HASH_BYTES = 32;

/** Root of the tree without leaves: SHA-256 of nothing (RFC 6962, section 2.1). */
export const EMPTY_ROOT: Uint8Array = sha256(new Uint8Array(0));

const LEAF_PREFIX = Uint8Array.of(0);
/** What stands before the two hashes that a node is the hash of. */
export const NODE_PREFIX: Uint8Array = Uint8Array.of(1);

// Buffers that are filled anew for each hash spare an allocation on a hot path.
const leafRoom = new Uint8Array(LEAF_PREFIX.length + MAX_ENTRY_BYTES);
const nodeInput = concat(NODE_PREFIX, new Uint8Array(2 * HASH_BYTES));

/** SHA-256(0x00 ‖ entry): RFC 6962, section 2.1. */
export function leafHash(entry: Uint8Array): Uint8Array {
  return sha256(leafInput(entry));
}

/** 0x00 ‖ entry, until the next call. */
export function leafInput(entry: Uint8Array): Uint8Array {
  if (entry.length > MAX_ENTRY_BYTES) return concat(LEAF_PREFIX, entry);
  leafRoom.set(entry, LEAF_PREFIX.length);
  return leafRoom.subarray(0, LEAF_PREFIX.length + entry.length);
}

/** SHA-256(0x01 ‖ left ‖ right): RFC 6962, section 2.1. Both must be 32 octets. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  assertHash(left);
  assertHash(right);
  nodeInput.set(left, 1);
  nodeInput.set(right, 1 + HASH_BYTES);
  return sha256(nodeInput);
}

/** Root of the tree over these leaf hashes, in order: a node without a right neighbour moves up as it is. */
export function rootOf(leafHashes: readonly Uint8Array[]): Uint8Array {
  let row = leafHashes;
  while (row.length > 1) {
    const above: Uint8Array[] = [];
    for (let i = 0; i < row.length; i += 2) {
      const left = hashAt(row, i);
      above.push(i + 1 < row.length ? nodeHash(left, hashAt(row, i + 1)) : left);
    }
    row = above;
  }
  return row.length === 0 ? EMPTY_ROOT : hashAt(row, 0);
}

/**
 * The root to which `proof`, leaf's sibling first, leads from the leaf at `index` of a tree of `size` leaves
 * (RFC 9162, section 2.1.3.2). Throws `tree/bad-index`, `tree/bad-hash`, `tree/bad-proof`.
 */
export function rootFromInclusion(
  index: number,
  size: number,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
): Uint8Array {
  assertSize(size);
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) {
    throw new ProtocolError("tree/bad-index", `leaf ${index} is not in a tree of ${size} leaves`);
  }
  assertProof(proof);
  assertHash(leaf);
  const climb = new Climb(index, size - 1);
  let root = leaf;
  for (const hash of proof) root = climb.onto(hash) ? nodeHash(hash, root) : nodeHash(root, hash);
  climb.done();
  return root;
}

/** Throws unless `proof` shows that the leaf is at `index` of the tree with this size and root: `tree/root-mismatch`, or as above. */
export function checkInclusion(
  index: number,
  size: number,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): void {
  assertSameRoot(rootFromInclusion(index, size, leaf, proof), root, `the proof for leaf ${index} of ${size}`);
}

/**
 * Throws unless `proof` shows that the tree of n ≥ m leaves begins with the very m leaves of the other
 * (RFC 9162, section 2.1.4.2). From size 0, and for equal sizes, the proof is empty.
 */
export function checkConsistency(
  m: number,
  n: number,
  rootM: Uint8Array,
  rootN: Uint8Array,
  proof: readonly Uint8Array[],
): void {
  assertSize(m);
  assertSize(n);
  if (m > n) throw new ProtocolError("tree/bad-index", `a tree of ${n} leaves cannot extend one of ${m}`);
  assertProof(proof);
  if (m === 0 || m === n) {
    if (proof.length > 0) {
      throw new ProtocolError(
        "tree/bad-proof",
        `from ${m} to ${n} leaves the proof is empty, not ${proof.length} hashes`,
      );
    }
    if (m === n) assertSameRoot(rootM, rootN, `a tree of ${n} leaves`);
    else assertHash(rootN);
    if (m === 0) assertSameRoot(rootM, EMPTY_ROOT, "a tree of 0 leaves");
    return;
  }
  const climb = new Climb(m - 1, n - 1);
  climb.skipRightSteps();
  // Where m is a power of two its root is a node of the larger tree, and the proof leaves it out.
  const seed = climb.atLeftEdge ? rootM : proof[0];
  if (seed === undefined)
    throw new ProtocolError("tree/bad-proof", `the proof from ${m} to ${n} leaves is empty`);
  let before = seed;
  let after = seed;
  for (const hash of climb.atLeftEdge ? proof : proof.slice(1)) {
    if (climb.onto(hash)) {
      before = nodeHash(hash, before);
      after = nodeHash(hash, after);
    } else {
      after = nodeHash(after, hash);
    }
  }
  climb.done();
  assertSameRoot(before, rootM, `the proof from ${m} to ${n} leaves, at its beginning,`);
  assertSameRoot(after, rootN, `the proof from ${m} to ${n} leaves`);
}

/** The way up from one node: `at` is its number in its row, `last` the number of the row's last node. */
class Climb {
  #at: number;
  #last: number;

  constructor(at: number, last: number) {
    this.#at = at;
    this.#last = last;
  }

  /** Whether the node begins at leaf 0. */
  get atLeftEdge(): boolean {
    return this.#at === 0;
  }

  /** Goes up as long as the node is a right child. */
  skipRightSteps(): void {
    while (isOdd(this.#at)) this.#up();
  }

  /** Takes one step onto the parent shared with `hash`; true if `hash` is the left child of the two. */
  onto(hash: Uint8Array): boolean {
    if (this.#last === 0) throw new ProtocolError("tree/bad-proof", "the proof goes on above the root");
    assertHash(hash);
    const left = isOdd(this.#at) || this.#at === this.#last;
    // The last node of a row may have no sibling there: it moves up until it is a right child.
    if (left) while (!isOdd(this.#at) && this.#at !== 0) this.#up();
    this.#up();
    return left;
  }

  /** Throws unless this is the root. */
  done(): void {
    if (this.#last !== 0) throw new ProtocolError("tree/bad-proof", "the proof ends below the root");
  }

  #up(): void {
    this.#at = Math.floor(this.#at / 2);
    this.#last = Math.floor(this.#last / 2);
  }
}

/** Throws `tree/bad-hash` unless `hash` has 32 octets. */
export function assertHash(hash: Uint8Array): void {
  if (hash.length !== HASH_BYTES) {
    throw new ProtocolError("tree/bad-hash", `a hash has ${HASH_BYTES} octets, not ${hash.length}`);
  }
}

/** Throws `tree/bad-index` unless `size` is an integer from 0 to 2^53 - 1. */
export function assertSize(size: number): void {
  if (!Number.isSafeInteger(size) || size < 0) {
    throw new ProtocolError(
      "tree/bad-index",
      `${size} is no number of leaves (an integer from 0 to 2^53 - 1)`,
    );
  }
}

function assertProof(proof: readonly Uint8Array[]): void {
  if (proof.length > MAX_PROOF_HASHES) {
    throw new ProtocolError(
      "tree/bad-proof",
      `a proof has at most ${MAX_PROOF_HASHES} hashes, not ${proof.length}`,
    );
  }
}

function assertSameRoot(computed: Uint8Array, root: Uint8Array, what: string): void {
  if (!equalBytes(computed, root))
    throw new ProtocolError("tree/root-mismatch", `${what} does not have the given root`);
}

function hashAt(hashes: readonly Uint8Array[], at: number): Uint8Array {
  const hash = hashes[at];
  if (hash === undefined) throw new ProtocolError("internal/impossible", `no hash ${at}`);
  return hash;
}

function isOdd(number: number): boolean {
  return number % 2 === 1;
}
