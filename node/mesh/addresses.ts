import { readFile, rename, writeFile } from "node:fs/promises";
import { multiaddr } from "@multiformats/multiaddr";
import type { Multiaddr } from "@multiformats/multiaddr";
import {
  MAX_ADDRESS_BOOK_BYTES,
  MAX_KNOWN_PEERS,
  MAX_PEER_ADDRESSES,
  readJson,
  record,
} from "../../protocol/index.ts";
import { NodeError } from "../errors.ts";

/** A peer that this one has called, and where. */
export interface KnownPeer {
  readonly peer: string;
  readonly addresses: readonly string[];
  /** ms since 1970 of the first and of the last call that came through. */
  readonly since: number;
  readonly seen: number;
}

/** Peers that could be called before: where a node begins when what it was told to begin from is gone. */
export class AddressBook {
  readonly #path: string | null;
  readonly #peers = new Map<string, KnownPeer>();
  #changed = false;

  private constructor(path: string | null) {
    this.#path = path;
  }

  /** The book in a file (null: in memory); one that cannot be read is begun anew. */
  static async open(path: string | null): Promise<AddressBook> {
    const book = new AddressBook(path);
    if (path === null) return book;
    for (const known of await readBook(path)) book.#peers.set(known.peer, known);
    return book;
  }

  /** Whether it knows what its file does not. */
  get changed(): boolean {
    return this.#changed;
  }

  /** Peers, the longest known first. */
  get peers(): readonly KnownPeer[] {
    return [...this.#peers.values()].sort((a, b) => a.since - b.since);
  }

  /** A call to the peer came through; the one not seen for longest makes room. */
  met(peer: string, address: string, now: number): void {
    const known = this.#peers.get(peer);
    const others = known?.addresses.filter((other) => other !== address) ?? [];
    const addresses = [address, ...others].slice(0, MAX_PEER_ADDRESSES);
    this.#peers.set(peer, { peer, addresses, since: known?.since ?? now, seen: now });
    this.#changed = true;
    if (this.#peers.size <= MAX_KNOWN_PEERS) return;
    const [oldest] = [...this.#peers.values()].sort((a, b) => a.seen - b.seen);
    if (oldest !== undefined) this.#peers.delete(oldest.peer);
  }

  /** Forgets a peer: it was hung up on. */
  forget(peer: string): void {
    this.#changed = this.#peers.delete(peer) || this.#changed;
  }

  /** Writes what changed; a book that cannot be written is only not remembered. */
  async save(): Promise<void> {
    if (this.#path === null || !this.#changed) return;
    this.#changed = false;
    const text = `${JSON.stringify({ samebits: 1, peers: this.peers }, null, 1)}\n`;
    try {
      await writeFile(`${this.#path}.new`, text, { mode: 0o600 });
      await rename(`${this.#path}.new`, this.#path);
    } catch {
      this.#changed = true;
    }
  }
}

/** Multiaddrs as an operator wrote them. Throws `config/bad-address`. */
export function readAddresses(texts: readonly string[], option: string): readonly Multiaddr[] {
  return texts.map((text) => {
    try {
      return multiaddr(text);
    } catch (cause) {
      throw new NodeError(
        "config/bad-address",
        `${option} ${JSON.stringify(text)} is not a multiaddr such as /ip4/127.0.0.1/tcp/4001`,
        { cause },
      );
    }
  });
}

async function readBook(path: string): Promise<readonly KnownPeer[]> {
  try {
    const bytes = new Uint8Array(await readFile(path));
    const file = record(readJson(bytes, { maxBytes: MAX_ADDRESS_BOOK_BYTES }), path);
    file.integer("samebits", 1, 1);
    const peers = file.list("peers", MAX_KNOWN_PEERS).map((item): KnownPeer => {
      const known = item.record();
      const addresses = known.list("addresses", MAX_PEER_ADDRESSES).map((address) => address.string());
      readAddresses(addresses, path);
      const peer = known.string("peer");
      const since = known.integer("since", 0, Number.MAX_SAFE_INTEGER);
      return { peer, addresses, since, seen: known.integer("seen", 0, Number.MAX_SAFE_INTEGER) };
    });
    return peers;
  } catch {
    return [];
  }
}
