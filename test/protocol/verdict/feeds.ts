/** Small feeds with real heads and proofs, as sources hand them over. */
import { utf8 } from "../../../protocol/bytes/index.ts";
import { proveFork, writeEvidence } from "../../../protocol/evidence/index.ts";
import {
  consistencyProof,
  cosignatureLine,
  cosignatureMessage,
  headBody,
  leafHash,
  nodeHash,
  origin,
  rootOf,
  signCheckpoint,
  verifyCheckpoint,
  withOwnTime,
  withSignatureLine,
} from "../../../protocol/feed/index.ts";
import type { Cosigner, Subtree } from "../../../protocol/feed/index.ts";
import type { RawEntry, RawFindings } from "../../../protocol/verdict/index.ts";
import { NETWORK, NOW, signer } from "./cast.ts";
import type { Signer } from "./cast.ts";

/** A witness cosigned a head. */
export interface Seen {
  readonly witness: string;
  /** Null = that of all entries. */
  readonly size: number | null;
  /** ms since then. */
  readonly age: number;
  /** The proof that leads from it to the largest head is shown too. */
  readonly joined: boolean;
}

export interface FeedStory {
  /** Whose feed: key 1 of this name. */
  readonly name: string;
  readonly entries: readonly { readonly bytes: Uint8Array; readonly by: Signer }[];
  /** ms since its newest time line; null = it has none. */
  readonly age: number | null;
  readonly complete: boolean;
  /** Who saw which head of it. */
  readonly seen?: readonly Seen[];
  /** A second history: from the first leaf on, or after it. */
  readonly fork: "none" | "whole" | "after-first";
}

export function originOf(name: string): string {
  return origin(NETWORK, signer(name).key.raw);
}

/** The verifier key of a witness, and its signer. */
export function witnessOf(name: string): { readonly cosigner: Cosigner; readonly sign: Signer["sign"] } {
  const { key, sign } = signer(`witness ${name}`);
  return { cosigner: { name: `${name}.example/witness`, raw: key.raw }, sign };
}

export function tellFeed({ name, entries, age, complete, fork, seen = [] }: FeedStory): RawFindings {
  const leaves = entries.map(({ bytes }) => bytes);
  for (const least = fork === "none" ? 1 : 2; leaves.length < least;)
    leaves.push(utf8(`filler ${leaves.length}`));
  const hashes = leaves.map(leafHash);
  const checkpoint = headOf(name, hashes, age);
  const cosigned = seen
    .filter(({ size }) => size !== 0)
    .map((one) => ({ ...one, ...cosign(name, hashes, one) }));
  return {
    entries: entries.map(({ bytes, by }, index): RawEntry => ({
      entry: bytes,
      signer: by.key.raw,
      index,
      path: pathTo(hashes, index),
      checkpoint,
    })),
    heads: [
      { checkpoint, timed: null, complete },
      ...cosigned.map(({ note }) => ({ checkpoint: note, timed: null, complete: false })),
    ],
    joins: cosigned
      .filter(({ joined, proof }) => joined && proof !== null)
      .map(({ note, proof }) => ({ small: note, large: checkpoint, proof: proof ?? [] })),
    envelopes: [],
    evidence: fork === "none" ? [] : [forkOf(name, hashes, fork === "after-first")],
  };
}

/** Two heads of one size; with a common first leaf, the proofs from it are the other leaves of a tree of two. */
function forkOf(name: string, hashes: readonly Uint8Array[], common: boolean): Uint8Array {
  const [first, ...others] = hashes;
  const [otherFirst, ...otherOthers] = hashes.map((_, index) => leafHash(utf8(`other ${index}`)));
  if (first === undefined || otherFirst === undefined) throw new Error("a fork needs leaves");
  const second = [common ? first : otherFirst, ...otherOthers];
  const [a, b] = [hashes, second].map((branch) => verifyCheckpoint(headOf(name, branch, null), NETWORK));
  const shared = { size: 1, root: first, toA: others, toB: otherOthers };
  const proof = a && b ? proveFork(a, b, null, common ? shared : null) : null;
  if (proof === null) throw new Error("this is no fork");
  return writeEvidence(proof);
}

/** A head with the line of one witness, and the proof from there to the whole feed. */
function cosign(
  name: string,
  hashes: readonly Uint8Array[],
  { witness, size, age }: Seen,
): { readonly note: Uint8Array; readonly proof: readonly Uint8Array[] | null } {
  const { cosigner, sign } = witnessOf(witness);
  const count = Math.min(size ?? hashes.length, hashes.length);
  const head = verifyCheckpoint(headOf(name, hashes.slice(0, count), null), NETWORK);
  const seconds = Math.floor((NOW - age) / 1000);
  const line = cosignatureLine(cosigner, seconds, sign(cosignatureMessage(seconds, headBody(head))));
  const read = ({ level, index }: Subtree): Uint8Array =>
    rootOf(hashes.slice(index * 2 ** level, (index + 1) * 2 ** level));
  return {
    note: withSignatureLine(head.note, line),
    proof: count < hashes.length ? consistencyProof(count, hashes.length, read) : null,
  };
}

function headOf(name: string, hashes: readonly Uint8Array[], age: number | null): Uint8Array {
  const { sign } = signer(name);
  const note = signCheckpoint(originOf(name), hashes.length, rootOf(hashes), sign);
  if (age === null) return note;
  const head = verifyCheckpoint(note, NETWORK);
  const seconds = Math.floor((NOW - age) / 1000);
  return withOwnTime(head, seconds, sign(cosignatureMessage(seconds, headBody(head))));
}

/** Inclusion proof by the definition of RFC 6962, section 2.1.1. */
function pathTo(hashes: readonly Uint8Array[], index: number): readonly Uint8Array[] {
  if (hashes.length < 2) return [];
  const split = splitOf(hashes.length);
  const [left, right] = [hashes.slice(0, split), hashes.slice(split)];
  return index < split
    ? [...pathTo(left, index), treeOf(right)]
    : [...pathTo(right, index - split), treeOf(left)];
}

function treeOf(hashes: readonly Uint8Array[]): Uint8Array {
  const [only, ...more] = hashes;
  if (only !== undefined && more.length === 0) return only;
  const split = splitOf(hashes.length);
  return nodeHash(treeOf(hashes.slice(0, split)), treeOf(hashes.slice(split)));
}

/** The largest power of two below `size`. */
function splitOf(size: number): number {
  return 2 ** Math.ceil(Math.log2(size) - 1);
}
