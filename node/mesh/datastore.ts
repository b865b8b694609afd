import { BaseDatastore } from "datastore-core";
import { Key } from "interface-datastore";
import type { KeyQuery, Pair, Query } from "interface-datastore";
import { NotFoundError } from "@libp2p/interface";
import { Record as DhtRecord } from "@libp2p/kad-dht";
import { DHT_ROW_MS, MAX_CONNECTIONS, MAX_DHT_ROWS } from "../../protocol/index.ts";
import type { Database } from "../store/index.ts";
import type { HeadRecords } from "./heads.ts";
import { isOfOneKey, ProviderRows, PROVIDERS } from "./provider-rows.ts";
import { keyOf, nameOf, rangeOf } from "./row-names.ts";
import { Turns } from "./turns.ts";

const VALUES = "/dht/record/";
const PEERS = "/peers/";
const PEER_WRITE_MS = 5_000;
/** Kinds of rows that strangers make us write: each has its own MAX_DHT_ROWS. */
const BOUNDED = [VALUES, PROVIDERS, PEERS];

/**
 * libp2p's rows in the node's own database: known peers, values and providers of the DHT. kad-dht overwrites a value
 * without asking its selector and sweeps nothing (js-libp2p#3377), so a head record that loses against the one held is
 * refused here, and each kind of row is bounded: a new one beyond the bound takes the place of another.
 */
export class PeerDatastore extends BaseDatastore {
  readonly #database: Database;
  readonly #heads: HeadRecords;
  readonly #most: number;
  /** By kind: what is counted, or gives way, is settled before the next row of its kind is looked at. */
  readonly #turns = new Turns();
  readonly #counts = new Map<string, number>();
  readonly #providers: ProviderRows;
  /** Rows of known peers, last used last: libp2p reads one whenever anybody names its peer. */
  readonly #recent = new Map<string, Uint8Array>();
  /** Those of them that are not written yet: libp2p saves a peer whenever anybody names it, changed or not. */
  readonly #unwritten = new Map<string, Uint8Array>();
  #writing: NodeJS.Timeout | null = null;

  constructor(database: Database, heads: HeadRecords, most: number = MAX_DHT_ROWS) {
    super();
    this.#database = database;
    this.#providers = new ProviderRows(database);
    this.#heads = heads;
    this.#most = most;
  }

  /** Counts the rows and forgets values older than DHT_ROW_MS, and providers older than PROVIDER_MS. */
  async open(now: number): Promise<void> {
    this.#counts.set(PROVIDERS, await this.#providers.open(now));
    for (const start of [VALUES, PEERS]) {
      let count = 0;
      for await (const [key, value] of this.#database.iterator(rangeOf(start))) {
        if (start === VALUES && isOld(value, now)) await this.#database.del(key);
        else count++;
      }
      this.#counts.set(start, count);
    }
  }

  override async put(key: Key, value: Uint8Array): Promise<Key> {
    const start = kindOf(key);
    if (start === null) await this.#database.put(nameOf(key), value);
    else if (this.#recent.has(key.toString())) this.#writeLater(key, value);
    else await this.#turns.take(start, () => this.#putInTurn(start, key, value));
    if (start === PEERS && this.#unwritten.size >= MAX_CONNECTIONS) await this.flush();
    return key;
  }

  override async get(key: Key): Promise<Uint8Array> {
    const recent = this.#recent.get(key.toString());
    if (recent !== undefined) return recent;
    if (kindOf(key) !== PEERS) return this.#read(key);
    return this.#turns.take(PEERS, async () => {
      const value = this.#recent.get(key.toString()) ?? (await this.#read(key));
      this.#remember(key, value);
      return value;
    });
  }

  override async has(key: Key): Promise<boolean> {
    return this.#recent.has(key.toString()) || (await this.#database.get(nameOf(key))) !== undefined;
  }

  override async delete(key: Key): Promise<void> {
    const start = kindOf(key);
    if (start === null) await this.#database.del(nameOf(key));
    else await this.#turns.take(start, () => this.#deleteInTurn(start, key));
  }

  override async *_all(query: Query): AsyncGenerator<Pair> {
    await this.flush();
    for await (const [name, value] of this.#database.iterator(rangeOf(query.prefix ?? "/"))) {
      const key = keyOf(name);
      if (isOfOneKey(query.prefix) && !(await this.#isGood(key, value))) continue;
      yield { key, value };
    }
  }

  override async *_allKeys(query: KeyQuery): AsyncGenerator<Key> {
    await this.flush();
    for await (const name of this.#database.keys(rangeOf(query.prefix ?? "/"))) yield keyOf(name);
  }

  /** Writes what is known of peers. What a crash loses, they tell again. */
  async flush(): Promise<void> {
    if (this.#writing !== null) clearTimeout(this.#writing);
    this.#writing = null;
    await this.#turns.take(PEERS, async () => {
      const some = [...this.#unwritten];
      const rows = some.map(([name, value]) => {
        return { type: "put", key: nameOf(new Key(name, false)), value } as const;
      });
      try {
        if (rows.length > 0) await this.#database.batch(rows);
      } finally {
        // What was told meanwhile is still to be written.
        for (const [name, value] of some)
          if (this.#unwritten.get(name) === value) this.#unwritten.delete(name);
      }
    });
  }

  async #putInTurn(start: string, key: Key, value: Uint8Array): Promise<void> {
    const name = nameOf(key);
    const held = this.#recent.get(key.toString()) ?? (await this.#database.get(name));
    if (start === VALUES && held !== undefined) this.#assertWins(value, held);
    if (held === undefined && start === PROVIDERS) this.#count(start, -(await this.#providers.makeRoom(key)));
    if (held === undefined) await this.#makeRoom(start, name);
    if (start === PEERS) this.#writeLater(key, value);
    else await this.#database.put(name, value);
  }

  async #deleteInTurn(start: string, key: Key): Promise<void> {
    const isThere = this.#forget(key) || (await this.#database.get(nameOf(key))) !== undefined;
    if (!isThere) return;
    await this.#database.del(nameOf(key));
    this.#count(start, -1);
    if (start === PROVIDERS) this.#providers.gone(key);
  }

  async #read(key: Key): Promise<Uint8Array> {
    const value = await this.#database.get(nameOf(key));
    if (value === undefined) throw new NotFoundError();
    return value;
  }

  #isGood(key: Key, value: Uint8Array): Promise<boolean> {
    return this.#providers.isGood(key, value, Date.now(), (other) => this.has(other));
  }

  #writeLater(key: Key, value: Uint8Array): void {
    this.#remember(key, value);
    this.#unwritten.set(key.toString(), value);
    this.#writing ??= setTimeout(() => {
      // A store that is closing has been flushed; one that fails says so to the engine.
      this.flush().catch(() => {});
    }, PEER_WRITE_MS).unref();
  }

  #remember(key: Key, value: Uint8Array): void {
    const name = key.toString();
    this.#recent.delete(name);
    this.#recent.set(name, value);
    for (const oldest of this.#recent.keys()) {
      if (this.#recent.size <= MAX_CONNECTIONS || this.#unwritten.has(oldest)) break;
      this.#recent.delete(oldest);
    }
  }

  /** Of a peer: what is known and not written is not to be written any more. Whether there was such. */
  #forget(key: Key): boolean {
    this.#recent.delete(key.toString());
    return this.#unwritten.delete(key.toString());
  }

  #assertWins(value: Uint8Array, held: Uint8Array): void {
    const [next, old] = [DhtRecord.deserialize(value), DhtRecord.deserialize(held)];
    if (this.#heads.sizeOf(next.key, next.value) < this.#heads.sizeOf(old.key, old.value)) {
      throw new Error("a head record for a longer feed is held");
    }
  }

  /** DHT names are hashes or peer ids, so that the row next to a new one is any row. */
  async #makeRoom(start: string, name: Uint8Array): Promise<void> {
    if ((this.#counts.get(start) ?? 0) >= this.#most) {
      const range = rangeOf(start);
      const [after] = await this.#database.keys({ ...range, gte: name, limit: 1 }).all();
      const [victim = after] =
        after === undefined ? await this.#database.keys({ ...range, limit: 1 }).all() : [after];
      if (victim !== undefined) {
        this.#forget(keyOf(victim));
        await this.#database.del(victim);
        this.#count(start, -1);
        if (start === PROVIDERS) this.#providers.gone(keyOf(victim));
      }
    }
    this.#count(start, 1);
  }

  #count(start: string, by: number): void {
    this.#counts.set(start, (this.#counts.get(start) ?? 0) + by);
  }
}

/** Null where rows have no bound. */
function kindOf(key: Key): string | null {
  return BOUNDED.find((each) => key.toString().startsWith(each)) ?? null;
}

function isOld(value: Uint8Array, now: number): boolean {
  try {
    return now - DhtRecord.deserialize(value).timeReceived.getTime() > DHT_ROW_MS;
  } catch {
    return true;
  }
}
