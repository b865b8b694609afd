/** Feeds in memory, honest or not: append anything, sign any head, prove from any size. */
import { publicFromSeed, signDomain } from "../../protocol/crypto/index.ts";
import {
  appendLeaf,
  consistencyProof,
  emptyRange,
  inclusionProof,
  leafHash,
  origin,
  rangeRoot,
  rootOf,
  signCheckpoint,
  verifyCheckpoint,
} from "../../protocol/feed/index.ts";
import type { SignedHead, Subtree } from "../../protocol/feed/index.ts";

export class MemoryFeed {
  readonly seed: Uint8Array;
  readonly origin: string;
  readonly entries: Uint8Array[] = [];

  constructor(seed: number, network = "test") {
    this.seed = new Uint8Array(32).fill(seed);
    this.origin = origin(network, publicFromSeed(this.seed));
  }

  /** A branch with the same key and the same first `size` entries. */
  branch(size: number): MemoryFeed {
    const other = new MemoryFeed(this.seed[0] ?? 0, this.origin.split("/")[1]);
    other.entries.push(...this.entries.slice(0, size));
    return other;
  }

  append(...texts: (string | Uint8Array)[]): this {
    for (const text of texts)
      this.entries.push(typeof text === "string" ? new TextEncoder().encode(text) : text);
    return this;
  }

  root(size: number = this.entries.length): Uint8Array {
    return rangeRoot(
      this.entries.slice(0, size).reduce((range, entry) => appendLeaf(range, leafHash(entry)), emptyRange),
    );
  }

  note(size: number = this.entries.length): Uint8Array {
    return signCheckpoint(this.origin, size, this.root(size), (bytes) => signDomain(this.seed, bytes));
  }

  head(size: number = this.entries.length): SignedHead {
    return verifyCheckpoint(this.note(size), this.origin.split("/")[1] ?? "");
  }

  inclusion(index: number, size: number = this.entries.length): Uint8Array[] {
    return inclusionProof(index, size, this.#read);
  }

  consistency(from: number, to: number = this.entries.length): Uint8Array[] {
    return consistencyProof(from, to, this.#read);
  }

  readonly #read = ({ level, index }: Subtree): Uint8Array =>
    rootOf(this.entries.slice(index * 2 ** level, (index + 1) * 2 ** level).map(leafHash));
}
