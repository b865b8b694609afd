/** Forks: two heads that one feed signed and that no consistency proof can join (RULES R15). */
import { compareBytes, equalBytes, tried } from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import { checkConsistency } from "../feed/index.ts";
import type { SignedHead } from "../feed/index.ts";
import { freezeProven } from "./proven.ts";
import type { Proven } from "./proven.ts";

/** Size and root, as a head states them. */
export interface TreeHead {
  readonly size: number;
  readonly root: Uint8Array;
}

/** For heads of different sizes: the root that the larger tree has at the smaller size, and the proof that it leads to its head. */
export interface ForkJoin {
  readonly root: Uint8Array;
  /** RFC 6962 consistency proof from (a.size, root) to b. */
  readonly proof: readonly Uint8Array[];
}

/** A tree that both branches begin with: what it holds still counts. */
export interface ForkCommon extends TreeHead {
  readonly toA: readonly Uint8Array[];
  readonly toB: readonly Uint8Array[];
}

export interface ForkEvidence extends Proven {
  readonly kind: "fork";
  /** The smaller head; of two of one size the one with the smaller root. */
  readonly a: SignedHead;
  readonly b: SignedHead;
  /** Null for heads of one size. */
  readonly join: ForkJoin | null;
  readonly common: ForkCommon | null;
}

/**
 * Whether `other` is to take the place of `known`, another proof of the same feed's fork: it says of the same heads what they share, or
 * of other heads that they share less. What a third branch shares with one of the two gives no leaf back that these took away.
 */
export function saysMore(other: ForkEvidence, known: ForkEvidence): boolean {
  if (other.common === null) return false;
  if (areOfSameHeads(other, known)) return known.common === null;
  return known.common !== null && other.common.size < known.common.size;
}

/** Whether both are proofs about the same two trees. */
export function areOfSameHeads(one: ForkEvidence, other: ForkEvidence): boolean {
  return isSameTree(one.a, other.a) && isSameTree(one.b, other.b);
}

function isSameTree(one: TreeHead, other: TreeHead): boolean {
  return one.size === other.size && equalBytes(one.root, other.root);
}

/**
 * Proof of a fork by two verified heads, given in any order; `join` belongs to the larger one, `common.toA` to `one`. Null where they show
 * none: another feed, the same tree, or a join that does not hold or leads to the smaller head's own root; also where `common` does not hold.
 */
export function proveFork(
  one: SignedHead,
  other: SignedHead,
  join: ForkJoin | null,
  common: ForkCommon | null,
): ForkEvidence | null {
  return tried(() => fork(one, other, join, common));
}

/** As `proveFork`, but throws `evidence/…` and `tree/…` that say why it is none. */
export function fork(
  one: SignedHead,
  other: SignedHead,
  join: ForkJoin | null,
  common: ForkCommon | null,
): ForkEvidence {
  if (one.origin !== other.origin) {
    throw new ProtocolError(
      "evidence/different-feeds",
      `${one.origin} and ${other.origin} are different feeds`,
    );
  }
  if ((one.size - other.size || compareBytes(one.root, other.root)) > 0) {
    return fork(other, one, join, common === null ? null : { ...common, toA: common.toB, toB: common.toA });
  }
  checkFork(one, other, join);
  if (common !== null) checkCommon(one, other, common);
  return freezeProven({ kind: "fork", a: one, b: other, join, common });
}

/**
 * Throws unless a and b, a the smaller, can't be heads of one growing tree: equal sizes with different roots, or a root of b's tree at
 * a's size (proven) that is not a's.
 */
export function checkFork(a: TreeHead, b: TreeHead, join: ForkJoin | null): void {
  if (a.size < 1) throw noFork("a tree of no entries is part of every tree");
  if (a.size > b.size) throw noFork("the first head is the larger one");
  if (a.size === b.size) {
    if (join !== null) throw noFork("heads of one size need no consistency proof");
    if (equalBytes(a.root, b.root)) throw noFork("both heads have the same root");
    return;
  }
  if (join === null) throw noFork("heads of different sizes need a consistency proof");
  if (equalBytes(a.root, join.root)) throw noFork("the larger tree begins with the smaller one");
  checkConsistency(a.size, b.size, join.root, b.root, join.proof);
}

function checkCommon(a: TreeHead, b: TreeHead, common: ForkCommon): void {
  if (common.size < 1 || common.size >= a.size) {
    throw noFork(`the common tree has ${common.size} entries, not 1 to ${a.size - 1}`);
  }
  checkConsistency(common.size, a.size, common.root, a.root, common.toA);
  checkConsistency(common.size, b.size, common.root, b.root, common.toB);
}

function noFork(reason: string): ProtocolError {
  return new ProtocolError("evidence/no-fork", `no fork: ${reason}`);
}
