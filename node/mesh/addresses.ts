import { readFile, rename, writeFile } from "node:fs/promises";
import { multiaddr } from "@multiformats/multiaddr";
import type { Multiaddr } from "@multiformats/multiaddr";
import {
  MAX_ADDRESS_BOOK_BYTES,
  MAX_KNOWN_PEERS,
  MAX_OLD_PEERS,
  MAX_PEER_ADDRESSES,
  OLD_PEER_MS,
  readJson,
  record,
} from "../../protocol/index.ts";
import { NodeError } from "../errors.ts";

/** A peer that this one has called, and where. */
export interface KnownPeer {
  readonly peer: string;
  readonly addresses: readonly string[];
  /** ms since 1970 of the first call that came through, and when a connection by such a call was last there. */
  readonly since: number;
  readonly seen: number;
}

/** How far what is written of `seen` may lag behind: a book that is written all the time wears disks out. */
const SEEN_LAG_MS = 60 * 60 * 1_000;

/** Peers that could be called before: where a node begins when what it was told to begin from is gone. */
export class AddressBook {
  readonly #path: string | null;
  readonly #peers = new Map<string, KnownPeer>();
  #changed = false;
  /** When the first of those was seen whose `seen` is not in the file yet. */
  #unsaved: number | null = null;

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

  /** Those known for a day, the longest known first: by this book's own clock, whatever they say (RULES R27). */
  old(now: number): readonly KnownPeer[] {
    return this.peers.filter(({ since }) => now - since >= OLD_PEER_MS);
  }

  /** A call to the peer came through; where there are too many, one that was not seen for long makes room. */
  met(peer: string, address: string, now: number): void {
    const known = this.#peers.get(peer);
    const others = known?.addresses.filter((other) => other !== address) ?? [];
    const addresses = [address, ...others].slice(0, MAX_PEER_ADDRESSES);
    // A clock that was ahead once must not keep a peer young.
    this.#peers.set(peer, { peer, addresses, since: Math.min(known?.since ?? now, now), seen: now });
    this.#changed = true;
    if (this.#peers.size > MAX_KNOWN_PEERS) this.#makeRoom(now);
  }

  /** The connection to the peer is still there. */
  saw(peer: string, now: number): void {
    const known = this.#peers.get(peer);
    if (known === undefined) return;
    this.#peers.set(peer, { ...known, seen: now });
    this.#unsaved ??= now;
    if (now - this.#unsaved >= SEEN_LAG_MS) this.#changed = true;
  }

  /** Forgets a peer: it was hung up on. */
  forget(peer: string): void {
    this.#changed = this.#peers.delete(peer) || this.#changed;
  }

  /** Whoever has us call strangers by the hundred displaces strangers: of those known for a day MAX_OLD_PEERS stay. */
  #makeRoom(now: number): void {
    const old = this.old(now);
    const names = new Set(old.map(({ peer }) => peer));
    const some = old.length > MAX_OLD_PEERS ? old : this.peers.filter(({ peer }) => !names.has(peer));
    const [last] = some.toSorted((a, b) => a.seen - b.seen);
    if (last !== undefined) this.#peers.delete(last.peer);
  }

  /** Writes what changed; a book that cannot be written is only not remembered. */
  async save(): Promise<void> {
    if (this.#path === null || !this.#changed) return;
    this.#changed = false;
    this.#unsaved = null;
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
