import type { KadDHT } from "@libp2p/kad-dht";
import type { Libp2p, PeerId } from "@libp2p/interface";
import {
  HINT_MS,
  LOOKUP_PEERS,
  LOOKUP_START_MS,
  MAX_CONNECTIONS,
  MAX_MESH_LOOKUPS,
  MAX_WAITING_HINTS,
  MAX_WAITING_LOOKUPS,
  REGION_PEERS,
  sha256,
  spread,
} from "../../protocol/index.ts";
import type { PlacedPeer } from "../../protocol/index.ts";
import { NodeError } from "../errors.ts";
import type { Log } from "../log.ts";
import { closestFirst, kadId } from "./closest.ts";
import type { HeadRecords } from "./heads.ts";
import { ipOf, neighbourhood } from "./networks.ts";
import { Vicinity } from "./vicinity.ts";

const POLL_MS = 25;
/** A peer that can't be called in this time counts as gone (RULES R20). */
const CALL_MS = 1_000;
/** ms for which a mesh of few peers is taken to stay as it was found. */
const FEW_MS = 30_000;

/** All peers of a small mesh. */
interface Few {
  readonly peers: readonly PeerId[];
  /** How many this peer knew and was connected with then: when that changes, somebody came or went. */
  readonly known: number;
  /** ms of the monotonic clock. */
  readonly since: number;
}

/** What samebits wants of Kademlia: who is closest to a key, and hints about heads. */
export class Dht {
  readonly #libp2p: Libp2p;
  readonly #dht: KadDHT;
  readonly #heads: HeadRecords;
  readonly #log: Log;
  readonly #vicinity: Vicinity;
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  #few: Few | null = null;
  #seeking = false;
  #hints: Promise<void> = Promise.resolve();
  #waitingHints = 0;

  constructor(libp2p: Libp2p, dht: KadDHT, heads: HeadRecords, log: Log) {
    this.#libp2p = libp2p;
    this.#dht = dht;
    this.#heads = heads;
    this.#log = log;
    const vicinity = new Vicinity(libp2p.peerId, (peer) => this.#placeOf(peer));
    this.#vicinity = vicinity;
    const table = tableOf(dht);
    table?.addEventListener("peer:add", ({ detail }) => vicinity.add(detail));
    table?.addEventListener("peer:remove", ({ detail }) => vicinity.remove(detail));
  }

  /** Whether this peer is one of the 2k closest to SHA-256(key) that it knows; asks nobody. */
  isNear(key: Uint8Array): boolean {
    return this.#vicinity.holds(sha256(key));
  }

  /**
   * The peers closest to SHA-256(key) that answered within `timeoutMs`, closest first, at most LOOKUP_PEERS, of these at
   * most MAX_LOOKUP_NEIGHBOURS in one neighbourhood. Silence is an answer: never rejects for it.
   */
  async lookup(key: Uint8Array, timeoutMs: number): Promise<readonly string[]> {
    const there = await this.#there(key, timeoutMs);
    return spread(there, (peer) => this.#placeOf(peer) ?? null).map(String);
  }

  /** The same, but up to REGION_PEERS of them, whatever their neighbourhoods, with their places. */
  async region(key: Uint8Array, timeoutMs: number): Promise<readonly PlacedPeer[]> {
    const there = await this.#there(key, timeoutMs);
    return there.slice(0, REGION_PEERS).map((peer) => ({
      peer: peer.toString(),
      place: kadId(peer),
      net: this.#placeOf(peer) ?? null,
    }));
  }

  async #there(key: Uint8Array, timeoutMs: number): Promise<readonly PeerId[]> {
    return within(timeoutMs, async (signal) => {
      await this.#turn(signal);
      try {
        return await this.#find(key, signal, timeoutMs);
      } finally {
        this.#running--;
        this.#waiting.shift()?.();
      }
    });
  }

  /** The largest head record under `key` that comes within `timeoutMs`; null for none. Never rejects. */
  async recall(key: Uint8Array, timeoutMs: number): Promise<Uint8Array | null> {
    const name = this.#heads.nameOf(key);
    const found: { readonly size: number; readonly value: Uint8Array }[] = [];
    await within(timeoutMs, async (signal) => {
      for await (const event of this.#dht.get(name, { signal })) {
        if (event.name !== "VALUE") continue;
        found.push({ size: this.#heads.sizeOf(name, event.value), value: event.value });
      }
    }).catch((error: unknown) => {
      // What came before is the answer.
      this.#log.debug(
        { event: "dht-failed", error: String(error) },
        "a question for a head record broke off",
      );
    });
    return found.toSorted((a, b) => b.size - a.size)[0]?.value ?? null;
  }

  /** Asks for this peer's own neighbourhood: whoever is named on the way is told as discovered. Never rejects. */
  async seek(): Promise<void> {
    if (this.#seeking) return;
    this.#seeking = true;
    const own = this.#libp2p.peerId.toMultihash().bytes;
    await within(HINT_MS, (signal) => this.#walk(own, signal, new Set()));
    this.#seeking = false;
  }

  /** Puts a hint into the DHT, one after the other; whatever goes wrong with it is only logged. */
  announce(key: Uint8Array, value: Uint8Array): void {
    if (this.#waitingHints >= MAX_WAITING_HINTS) return;
    this.#waitingHints++;
    this.#hints = this.#hints
      .then(() => this.#put(key, value))
      .catch((error: unknown) =>
        this.#log.debug({ event: "dht-failed", error: String(error) }, "could not put a hint into the DHT"),
      )
      .finally(() => this.#waitingHints--);
  }

  async #put(key: Uint8Array, value: Uint8Array): Promise<void> {
    if (this.#tableSize() === 0) return;
    await within(HINT_MS, async (signal) => {
      for await (const event of this.#dht.put(this.#heads.nameOf(key), value, { signal }))
        if (signal.aborted) this.#log.debug({ event: "dht-late", dht: event.name }, "late");
    });
  }

  async #turn(signal: AbortSignal): Promise<void> {
    if (this.#running >= MAX_MESH_LOOKUPS) {
      if (this.#waiting.length >= MAX_WAITING_LOOKUPS) {
        throw new NodeError("node/busy", "too many look-ups are waiting; ask again later");
      }
      const turn = Promise.withResolvers<void>();
      const give = (): void => turn.resolve();
      this.#waiting.push(give);
      signal.addEventListener("abort", () =>
        turn.reject(new NodeError("mesh/timeout", "no look-up came free in time; ask again later")),
      );
      try {
        await turn.promise;
      } catch (error) {
        const at = this.#waiting.indexOf(give);
        if (at >= 0) this.#waiting.splice(at, 1);
        throw error;
      }
    }
    this.#running++;
  }

  async #find(key: Uint8Array, signal: AbortSignal, timeoutMs: number): Promise<readonly PeerId[]> {
    await this.#someone(signal, Math.min(LOOKUP_START_MS, timeoutMs / 2));
    const answered = new Set<string>();
    const few = this.#stillFew();
    const named = few ?? (await this.#walk(key, signal, answered));
    return this.#reachable(closestFirst(named, sha256(key)), answered, signal);
  }

  /** Everybody, if they are few and nobody has come or gone; looked after in the background every FEW_MS. */
  #stillFew(): readonly PeerId[] | null {
    const few = this.#few;
    if (few === null || few.known !== this.#known()) return null;
    if (performance.now() - few.since > FEW_MS) void this.seek();
    return few.peers;
  }

  /**
   * Where all peers together are fewer than a look-up gives, the next ones need no walk: they all have this answer. But
   * only if it named nobody new and everybody known: while a mesh forms, each peer knows another part of it.
   */
  #fewOf(named: readonly PeerId[], connected: ReadonlySet<string>): Few | null {
    if (named.length >= LOOKUP_PEERS || named.length < this.#tableSize()) return null;
    if (named.some((peer) => !connected.has(peer.toString()))) return null;
    return { peers: named, known: this.#known(), since: performance.now() };
  }

  /** Asks on and on who is closer; gives everybody who was named, and notes in `answered` who was there. */
  async #walk(key: Uint8Array, signal: AbortSignal, answered: Set<string>): Promise<readonly PeerId[]> {
    const before = new Set(this.#libp2p.getPeers().map(String));
    const named = new Map<string, PeerId>();
    try {
      for await (const event of this.#dht.getClosestPeers(key, { signal })) {
        if (event.name !== "PEER_RESPONSE") continue;
        answered.add(event.from.toString());
        for (const peer of [event.from, ...event.closer.map(({ id }) => id)])
          named.set(peer.toString(), peer);
      }
    } catch (error) {
      // Whoever has answered by now is the answer.
      if (!signal.aborted)
        this.#log.debug({ event: "dht-failed", error: String(error) }, "a look-up broke off");
    }
    named.delete(this.#libp2p.peerId.toString());
    const peers = [...named.values()];
    this.#few = this.#fewOf(peers, before);
    return peers;
  }

  /**
   * kad-dht walks on only to peers closer than the one that named them, so that a walk from one peer misses those of
   * the k closest that are farther than it. They were named on the way; who of them can be called is an answer too.
   */
  async #reachable(
    nearest: readonly PeerId[],
    answered: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<readonly PeerId[]> {
    const abort = new AbortController();
    const stop = (): void => abort.abort();
    const timer = setTimeout(stop, CALL_MS);
    signal.addEventListener("abort", stop);
    const calls = nearest.slice(0, REGION_PEERS).map(async (peer) => {
      if (answered.has(peer.toString())) return true;
      return this.#libp2p.dial(peer, { signal: abort.signal }).then(
        () => true,
        () => false,
      );
    });
    const there = await Promise.all(calls);
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
    return nearest.filter((_, i) => there[i] === true);
  }

  /** Waits until the DHT knows anybody: just after the start it doesn't. */
  async #someone(signal: AbortSignal, ms: number): Promise<void> {
    for (let waited = 0; waited < ms && this.#tableSize() === 0 && !signal.aborted; waited += POLL_MS) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  #known(): number {
    return this.#tableSize() * MAX_CONNECTIONS + this.#libp2p.getPeers().length;
  }

  #tableSize(): number {
    return tableOf(this.#dht)?.size ?? 0;
  }

  /** Undefined for a peer that is not connected. */
  #placeOf(peer: PeerId): string | null | undefined {
    const address = this.#libp2p.getConnections(peer)[0]?.remoteAddr;
    if (address === undefined) return undefined;
    const ip = ipOf(address);
    return ip === null ? null : neighbourhood(ip);
  }
}

/** Does something that is told to stop after so many ms. */
async function within<Value>(ms: number, work: (signal: AbortSignal) => Promise<Value>): Promise<Value> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), ms);
  try {
    return await work(abort.signal);
  } finally {
    clearTimeout(timer);
  }
}

/** Kademlia's table, as far as it is used here. */
interface Table {
  readonly size: number;
  addEventListener(
    name: "peer:add" | "peer:remove",
    heard: (event: { readonly detail: PeerId }) => void,
  ): void;
}

/** The interface that kad-dht exports leaves out the table that the service has. */
function tableOf(dht: KadDHT): Table | undefined {
  return (dht as KadDHT & { readonly routingTable?: Table }).routingTable;
}
