/** Feeds in memory, honest or not: append anything, sign any head, prove from any size, answer any question. */
import { publicFromSeed, signDomain } from "../../protocol/crypto/index.ts";
import {
  consistencyProof,
  inclusionProof,
  leafHash,
  origin,
  rangeAt,
  rangeRoot,
  rootOf,
  signCheckpoint,
  verifyCheckpoint,
} from "../../protocol/feed/index.ts";
import type { SignedHead, Subtree } from "../../protocol/feed/index.ts";
import { writeFeedUpdate } from "../../protocol/wire/index.ts";
import type { StoredRecord, TilesRequest } from "../../protocol/wire/index.ts";

/** Of one answer; small, so that tests page. */
const MAX_ENTRIES_ANSWERED = 25;

/** Leaf hashes of entries, which no test changes: most of the work of small feeds would be making them again. */
const leaves = new WeakMap<Uint8Array, Uint8Array>();

function leafOf(entry: Uint8Array): Uint8Array {
  const known = leaves.get(entry) ?? leafHash(entry);
  leaves.set(entry, known);
  return known;
}

export class MemoryFeed {
  readonly seed: Uint8Array;
  readonly network: string;
  readonly origin: string;
  /** Added to, and nothing else. */
  readonly entries: Uint8Array[] = [];
  /** Roots of perfect subtrees, by level and index. */
  readonly #roots = new Map<string, Uint8Array>();

  constructor(seed: number, network = "test") {
    this.seed = new Uint8Array(32).fill(seed);
    this.network = network;
    this.origin = origin(network, publicFromSeed(this.seed));
  }

  /** A branch with the same key and the same first `size` entries. */
  branch(size: number): MemoryFeed {
    const other = new MemoryFeed(this.seed[0] ?? 0, this.network);
    other.entries.push(...this.entries.slice(0, size));
    return other;
  }

  append(...texts: (string | Uint8Array)[]): this {
    for (const text of texts) {
      this.entries.push(typeof text === "string" ? new TextEncoder().encode(text) : text);
    }
    return this;
  }

  root(size: number = this.entries.length): Uint8Array {
    return rangeRoot(rangeAt(size, this.#read));
  }

  note(size: number = this.entries.length): Uint8Array {
    return signCheckpoint(this.origin, size, this.root(size), (bytes) => signDomain(this.seed, bytes));
  }

  head(size: number = this.entries.length): SignedHead {
    return verifyCheckpoint(this.note(size), this.network);
  }

  inclusion(index: number, size: number = this.entries.length): Uint8Array[] {
    return inclusionProof(index, size, this.#read);
  }

  consistency(from: number, to: number = this.entries.length): Uint8Array[] {
    return consistencyProof(from, to, this.#read);
  }

  /** An entry as a record of the DHT, under the newest head. */
  record(slot: Uint8Array, signer: Uint8Array, index: number): StoredRecord {
    return {
      slot,
      envelope: this.entries[index] ?? new Uint8Array(0),
      signer,
      origin: this.origin,
      index,
      path: this.inclusion(index),
      checkpoint: this.note(),
    };
  }

  /** The gossip frame for all entries since `from`. */
  update(from: number): Uint8Array {
    const frontier = from === 0 ? [] : rangeAt(from, this.#read).hashes;
    return writeFeedUpdate({ checkpoint: this.note(), from, frontier, tail: this.entries.slice(from) });
  }

  /** Blobs of the answer to a question about this feed. */
  answer(request: TilesRequest): Uint8Array[] {
    switch (request.kind) {
      case "heads":
        return request.after < this.origin ? [this.note()] : [];
      case "entries":
        return this.entries.slice(request.from, request.from + Math.min(request.count, MAX_ENTRIES_ANSWERED));
      case "tiles":
        return request.tiles.map(({ level, index, width }) => {
          const start = index * 256;
          const hashes = Array.from({ length: width }, (_, i) =>
            this.#read({ level: 8 * level, index: start + i }),
          );
          return new Uint8Array(Buffer.concat(hashes));
        });
      case "consistency":
        return [this.root(request.from), ...this.consistency(request.from, request.to)];
      case "evidence":
      case "domain":
        return [];
    }
  }

  readonly #read = ({ level, index }: Subtree): Uint8Array => {
    const [from, to] = [index * 2 ** level, (index + 1) * 2 ** level];
    const root = (): Uint8Array => rootOf(this.entries.slice(from, to).map(leafOf));
    if (to > this.entries.length) return root();
    const name = `${level}/${index}`;
    const known = this.#roots.get(name) ?? root();
    this.#roots.set(name, known);
    return known.slice();
  };
}
