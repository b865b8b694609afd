import { peerIdFromString } from "@libp2p/peer-id";
import { Key } from "interface-datastore";
import { MAX_KEYS_OF_PROVIDER, MAX_PROVIDERS_OF_KEY, PROVIDER_MS } from "../../protocol/index.ts";
import type { Database } from "../store/index.ts";
import { keyOf, nameOf, rangeOf } from "./row-names.ts";

export const PROVIDERS = "/dht/provider/";

/** What a row's name says: `/dht/provider/KEY/PEER`. */
interface Named {
  /** Of all rows of its key. */
  readonly start: string;
  readonly peer: string;
}

/**
 * Rows of providers as kad-dht writes them, and what it does not see to: it keeps as many of a key as there are, so that its answers grow
 * beyond what anybody reads, as many of one peer, and hands out those that have expired. Of one whose addresses are gone it answers nothing
 * at all.
 */
export class ProviderRows {
  readonly #database: Database;
  readonly #ofPeer = new Map<string, number>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** Counts the rows and deletes the expired ones; how many are left. */
  async open(now: number): Promise<number> {
    let count = 0;
    for await (const [name, value] of this.#database.iterator(rangeOf(PROVIDERS))) {
      if (isExpired(value, now)) await this.#database.del(name);
      else {
        this.#count(keyOf(name), 1);
        count++;
      }
    }
    return count;
  }

  /** Makes room for a new row: how many others went for it. Throws where its peer has as many as are kept of one. */
  async makeRoom(key: Key): Promise<number> {
    const { start, peer } = namedBy(key);
    if ((this.#ofPeer.get(peer) ?? 0) >= MAX_KEYS_OF_PROVIDER)
      throw new Error(`${peer} provides more than is kept of one peer`);
    const held = await this.#database.keys({ ...rangeOf(start), limit: MAX_PROVIDERS_OF_KEY }).all();
    this.#count(key, 1);
    if (held.length < MAX_PROVIDERS_OF_KEY) return 0;
    // Ends of names are keys of peers, so that the row next to a new one is any row.
    const own = nameOf(key);
    const victim = held.find((name) => Buffer.compare(name, own) > 0) ?? held[0];
    if (victim === undefined) return 0;
    await this.#database.del(victim);
    this.#count(keyOf(victim), -1);
    return 1;
  }

  /** A row is gone. */
  gone(key: Key): void {
    this.#count(key, -1);
  }

  /** Whether a row may be handed out: it has not expired, and an address of its peer is known (`has` tells of rows). */
  async isGood(
    key: Key,
    value: Uint8Array,
    now: number,
    has: (key: Key) => Promise<boolean>,
  ): Promise<boolean> {
    if (isExpired(value, now)) return false;
    const { peer } = namedBy(key);
    return has(new Key(`/peers/${peerIdFromString(peer).toCID().toString()}`));
  }

  #count(key: Key, by: number): void {
    const { peer } = namedBy(key);
    const count = (this.#ofPeer.get(peer) ?? 0) + by;
    if (count > 0) this.#ofPeer.set(peer, count);
    else this.#ofPeer.delete(peer);
  }
}

/** Whether these are the rows of one key: kad-dht asks for them to answer; for those of all keys to sweep them. */
export function isOfOneKey(prefix: string | undefined): boolean {
  return prefix?.startsWith(PROVIDERS) === true;
}

function namedBy(key: Key): Named {
  const parts = key.toString().split("/");
  return { start: `${parts.slice(0, -1).join("/")}/`, peer: parts.at(-1) ?? "" };
}

/** The value is ms since 1970, in LEB128. */
function isExpired(value: Uint8Array, now: number): boolean {
  const time = value.reduce((sum, octet, i) => sum + (octet % 128) * 2 ** (7 * i), 0);
  return now - time >= PROVIDER_MS;
}
