/** What one `find` keeps of what peers hand it, unverified and within bounds: none may keep out what others bring (RULES R23). */
import { concat, toHex, u64be } from "../bytes/index.ts";
import { sha256 } from "../crypto/index.ts";
import {
  MAX_FIND_BYTES,
  MAX_FIND_OTHER_BYTES,
  MAX_FIND_OTHER_PROOFS,
  MAX_FIND_RESULTS,
  MAX_PEER_COSIGNED,
  MAX_PEER_JOINS,
  MAX_RECORD_PROOFS,
} from "../limits.ts";
import { sizeOf } from "./lookup.ts";
import type { FoundEntry, HeadJoin, PeerName } from "./types.ts";

/** Who brings an entry: this peer's own store, a connected peer that was asked for claims, or one that keeps records of the DHT. */
export interface Bringer {
  readonly by: "store" | "query" | "records";
  readonly name: PeerName;
}

/** Room for so many entries and octets. */
class Shelf {
  readonly entries: FoundEntry[] = [];
  readonly #most: number;
  #octets: number;

  constructor(most: number, octets: number) {
    this.#most = most;
    this.#octets = octets;
  }

  put(found: FoundEntry): boolean {
    const size = sizeOf(found);
    if (this.entries.length >= this.#most || size > this.#octets) return false;
    this.entries.push(found);
    this.#octets -= size;
    return true;
  }
}

/** Entries, each once, and further proofs of the same ones in a room of their own: which of them holds is for the asker to see. */
export class FoundEntries {
  readonly #first = new Shelf(MAX_FIND_RESULTS, MAX_FIND_BYTES);
  readonly #others = new Shelf(MAX_FIND_OTHER_PROOFS, MAX_FIND_OTHER_BYTES);
  readonly #places = new Set<string>();
  /** By entry and signer: who brought a proof. */
  readonly #brought = new Map<string, Set<string>>();

  /** False where there is no room for an entry that is new. */
  add({ by, name }: Bringer, found: FoundEntry): boolean {
    const { entry, signer, index, path, checkpoint } = found;
    const what = toHex(sha256(signer, entry));
    const place = `${what} ${toHex(sha256(concat(u64be(index), checkpoint, ...path)))}`;
    const brought = this.#brought.get(what);
    if (brought === undefined) {
      if (!this.#first.put(found)) return false;
      this.#brought.set(what, new Set([`${by} ${name}`]));
    } else {
      if (brought.has(`${by} ${name}`) || this.#places.has(place)) return true;
      const records = [...brought].filter((other) => other.startsWith("records ")).length;
      // Connected peers bring a proof each, under heads that they also tell about; of the DHT's a few do until then.
      const isSpare = records < brought.size || records >= MAX_RECORD_PROOFS;
      if (by === "records" && isSpare) return true;
      if (this.#others.put(found)) brought.add(`${by} ${name}`);
    }
    this.#places.add(place);
    return true;
  }

  all(): readonly FoundEntry[] {
    return [...this.#first.entries, ...this.#others.entries];
  }
}

/** Heads with witnesses' lines, and proofs between heads: of each peer so many. */
export class FoundCosigned {
  readonly #cosigned = new Map<string, Uint8Array>();
  readonly #joins = new Map<string, HeadJoin>();
  readonly #left = new Map<PeerName, { cosigned: number; joins: number }>();
  readonly #beside: number;

  /** So many more of each are taken of a peer, since it was asked for the past too. */
  constructor(beside: number) {
    this.#beside = beside;
  }

  add(peer: PeerName, cosigned: readonly Uint8Array[], joins: readonly HeadJoin[]): void {
    const left = this.#left.get(peer) ?? {
      cosigned: MAX_PEER_COSIGNED + this.#beside,
      joins: MAX_PEER_JOINS + this.#beside,
    };
    this.#left.set(peer, left);
    const some = cosigned.slice(0, left.cosigned);
    for (const note of some) this.#cosigned.set(toHex(sha256(note)), note);
    const few = joins.slice(0, left.joins);
    for (const join of few) this.#joins.set(nameOf(join), join);
    left.cosigned -= some.length;
    left.joins -= few.length;
  }

  cosigned(): readonly Uint8Array[] {
    return [...this.#cosigned.values()];
  }

  joins(): readonly HeadJoin[] {
    return [...this.#joins.values()];
  }
}

function nameOf({ small, large, proof }: HeadJoin): string {
  return toHex(sha256(concat(u64be(small.length), small, u64be(large.length), large, ...proof)));
}
