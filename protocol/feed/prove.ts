/**
 * Making proofs (RFC 6962, sections 2.1.1 and 2.1.2) without holding a tree: first the subtrees that a proof is made of,
 * as a plan, then the proof, from a reader of stored hashes.
 */
import { ProtocolError } from "../errors.ts";
import { assertSize, nodeHash } from "./merkle.ts";
import { appendLeaves, rangeFromFrontier, rangeRoot } from "./range.ts";
import type { CompactRange } from "./range.ts";

/** The perfect subtree over the 2^level leaves that begin with leaf index · 2^level. */
export interface Subtree {
  readonly level: number;
  readonly index: number;
}

/** A smaller size of a feed: its root there, and the proof that the larger tree begins with it. */
export interface Earlier {
  readonly root: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/** Gives the root of a perfect subtree; throws where it has none. */
export type ReadHash = (subtree: Subtree) => Uint8Array;

/** For each hash of the inclusion proof, leaf's sibling first: the perfect subtrees, left to right, that it hashes together. */
export function planInclusion(index: number, size: number): readonly (readonly Subtree[])[] {
  assertSize(size);
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) {
    throw new ProtocolError("tree/bad-index", `leaf ${index} is not in a tree of ${size} leaves`);
  }
  const plan: Subtree[][] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const middle = start + largestPowerBelow(end - start);
    if (index < middle) {
      plan.push(perfectSubtrees(middle, end));
      end = middle;
    } else {
      plan.push(perfectSubtrees(start, middle));
      start = middle;
    }
  }
  return plan.reverse();
}

/** The same for the proof that the tree of `n` leaves begins with the tree of `m`, 0 < m ≤ n. */
export function planConsistency(m: number, n: number): readonly (readonly Subtree[])[] {
  assertSize(n);
  if (!Number.isSafeInteger(m) || m < 1 || m > n) {
    throw new ProtocolError("tree/bad-index", `no consistency proof leads from ${m} to ${n} leaves`);
  }
  const plan: Subtree[][] = [];
  let start = 0;
  let end = n;
  while (end !== m) {
    const middle = start + largestPowerBelow(end - start);
    if (m <= middle) {
      plan.push(perfectSubtrees(middle, end));
      end = middle;
    } else {
      plan.push(perfectSubtrees(start, middle));
      start = middle;
    }
  }
  // At leaf 0 what is left is the old tree itself, whose root the verifier has.
  if (start > 0) plan.push(perfectSubtrees(start, end));
  return plan.reverse();
}

/** The perfect subtrees, left to right, whose roots are the frontier of a tree of `size` leaves. */
export function planFrontier(size: number): readonly Subtree[] {
  assertSize(size);
  return perfectSubtrees(0, size);
}

/** Proof that leaf `index` is in the tree of `size` leaves. */
export function inclusionProof(index: number, size: number, read: ReadHash): Uint8Array[] {
  return planInclusion(index, size).map((subtrees) => fold(subtrees, read));
}

/** Proof that the tree of `n` leaves begins with the tree of `m`, 0 < m ≤ n. */
export function consistencyProof(m: number, n: number, read: ReadHash): Uint8Array[] {
  return planConsistency(m, n).map((subtrees) => fold(subtrees, read));
}

/** The right edge at `size`, read from any tree that is at least as large. */
export function rangeAt(size: number, read: ReadHash): CompactRange {
  return rangeFromFrontier(size, planFrontier(size).map(read));
}

/** What the first `m` leaves look like from the tree of `n`, 0 < m ≤ n. */
export function earlierAt(m: number, n: number, read: ReadHash): Earlier {
  return { root: rangeRoot(rangeAt(m, read)), proof: consistencyProof(m, n, read) };
}

/**
 * Proof from the tree with this edge to the one with these leaves behind it. A gossip message carries both, so that
 * whoever holds another root for `range.size` has all that a fork's evidence needs (RULES R6, R15).
 */
export function consistencyFromRange(range: CompactRange, leafHashes: readonly Uint8Array[]): Uint8Array[] {
  const known = new Map<string, Uint8Array>();
  for (const [i, subtree] of planFrontier(range.size).entries()) {
    const hash = range.hashes[i];
    if (hash !== undefined) known.set(name(subtree), hash);
  }
  const { size } = appendLeaves(range, leafHashes, (level, index, hash) =>
    known.set(name({ level, index }), hash),
  );
  return consistencyProof(range.size, size, (subtree) => {
    const hash = known.get(name(subtree));
    if (hash === undefined)
      throw new ProtocolError("internal/impossible", `subtree ${name(subtree)} is not planned`);
    return hash;
  });
}

/** The root over neighbouring subtrees that shrink from left to right. */
function fold(subtrees: readonly Subtree[], read: ReadHash): Uint8Array {
  const [first, ...rest] = subtrees;
  if (first === undefined) throw new ProtocolError("internal/impossible", "a proof's hash over no subtree");
  return rest.length === 0 ? read(first) : nodeHash(read(first), fold(rest, read));
}

/** Leaves start … end - 1 as perfect subtrees; `start` is a multiple of the largest power of two that fits. */
function perfectSubtrees(start: number, end: number): Subtree[] {
  const subtrees: Subtree[] = [];
  let at = start;
  for (let level = levelOf(end - start); at < end; level--) {
    const leaves = 2 ** level;
    if (leaves > end - at) continue;
    subtrees.push({ level, index: at / leaves });
    at += leaves;
  }
  return subtrees;
}

/** ⌊log2⌋ of a number ≥ 1, without rounding. */
function levelOf(leaves: number): number {
  let level = 0;
  for (let rest = leaves; rest >= 2; rest /= 2) level++;
  return level;
}

function largestPowerBelow(leaves: number): number {
  const power = 2 ** levelOf(leaves);
  return power === leaves ? power / 2 : power;
}

function name(subtree: Subtree): string {
  return `${subtree.level}/${subtree.index}`;
}
