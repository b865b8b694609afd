import type { Connection, Libp2p, PeerId } from "@libp2p/interface";
import { peerIdFromString } from "@libp2p/peer-id";
import { multiaddr } from "@multiformats/multiaddr";
import type { Multiaddr } from "@multiformats/multiaddr";
import { KEPT_CONNECTIONS, MAX_KNOWN_PEERS, WANTED_CONNECTIONS } from "../../protocol/index.ts";
import type { Log } from "../log.ts";
import type { AddressBook } from "./addresses.ts";

const DAY_MS = 24 * 60 * 60 * 1_000;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 60_000;
const SOON_MS = 250;
const QUIET_MS = 10_000;
const DIAL_MS = 5_000;
const FIRST_SEEK_MS = 1_000;
const LAST_SEEK_MS = 300_000;

/** Somebody to call, and when. */
interface Candidate {
  readonly dial: Multiaddr | PeerId;
  /** Known beforehand, or since the first call that came through. */
  peer: string | null;
  tries: number;
  due: number;
  calling: boolean;
  /** The first call has ended, one way or the other. */
  readonly called: PromiseWithResolvers<void>;
}

/**
 * Keeps this peer in company: calls who it was told to begin from until they answer, keeps KEPT_CONNECTIONS outbound
 * ones to configured or day-old peers (RULES R27), and calls peers that it hears of while it has few.
 */
export class Keeper {
  readonly #libp2p: Libp2p;
  readonly #book: AddressBook;
  readonly #log: Log;
  readonly #now: () => number;
  readonly #configured: readonly Candidate[];
  readonly #heard = new Map<string, Candidate>();
  #seek: (() => Promise<void>) | null = null;
  #seekEvery = FIRST_SEEK_MS;
  #seekAt = 0;
  #timer: NodeJS.Timeout | null = null;
  #stopped = false;
  #saved = 0;

  constructor(
    libp2p: Libp2p,
    configured: readonly Multiaddr[],
    book: AddressBook,
    log: Log,
    now: () => number,
  ) {
    this.#libp2p = libp2p;
    this.#book = book;
    this.#log = log;
    this.#now = now;
    this.#configured = configured.map((address) => candidate(address, peerIn(address)));
  }

  /** Begins to call; with `seek`, which makes others name whom they know, also peers that it hears of. */
  start(seek: (() => Promise<void>) | null): void {
    this.#seek = seek;
    this.#libp2p.addEventListener("connection:open", (event) => this.#opened(event.detail));
    this.#libp2p.addEventListener("connection:close", () => this.#soon(SOON_MS));
    if (seek !== null)
      this.#libp2p.addEventListener("peer:discovery", (event) => this.#hear(event.detail.id));
    for (const known of this.#book.peers) this.#hear(peerIdFromString(known.peer));
    this.#tick();
  }

  /** Resolves when everybody configured was called once; with the names of those who answered. */
  async called(): Promise<readonly string[]> {
    await Promise.all(this.#configured.map((each) => each.called.promise));
    const connected = new Set(this.#libp2p.getConnections().map(({ remotePeer }) => remotePeer.toString()));
    return this.#configured.flatMap(({ peer }) => (peer !== null && connected.has(peer) ? [peer] : []));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const each of this.#configured) each.called.resolve();
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#book.save();
  }

  #opened(connection: Connection): void {
    if (connection.direction !== "outbound") return;
    const peer = connection.remotePeer.toString();
    this.#book.met(peer, connection.remoteAddr.toString(), this.#now());
    if (this.#isKept(peer)) this.#protect(connection.remotePeer);
  }

  /** Told to begin from it, or known for a day (RULES R27). */
  #isKept(peer: string): boolean {
    const since = this.#book.peers.find((known) => known.peer === peer)?.since ?? this.#now();
    return this.#now() - since >= DAY_MS || this.#configured.some((each) => each.peer === peer);
  }

  /** When there are too many connections, libp2p hangs up on those of least value. */
  #protect(peer: PeerId): void {
    this.#libp2p.peerStore
      .merge(peer, { tags: { "samebits-kept": { value: 100 } } })
      .catch((error: unknown) => {
        this.#log.debug({ peer: peer.toString(), error: String(error) }, "could not tag a peer");
      });
  }

  #hear(peer: PeerId): void {
    const name = peer.toString();
    if (name === this.#libp2p.peerId.toString() || this.#heard.has(name)) return;
    this.#heard.set(name, candidate(peer, name));
    if (this.#heard.size > MAX_KNOWN_PEERS) {
      const [first] = this.#heard.keys();
      if (first !== undefined) this.#heard.delete(first);
    }
    if (this.#libp2p.getConnections().length < WANTED_CONNECTIONS) this.#soon(SOON_MS);
  }

  #soon(ms: number): void {
    if (this.#stopped) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#tick(), ms);
  }

  #tick(): void {
    const now = this.#now();
    const connections = this.#libp2p.getConnections();
    const connected = new Set(connections.map((connection) => connection.remotePeer.toString()));
    const missing = this.#configured.filter((each) => each.peer === null || !connected.has(each.peer));
    for (const each of missing) this.#call(each, now);
    this.#callKnown(connections, connected, now);
    const room = WANTED_CONNECTIONS - connected.size;
    const heard = [...this.#heard.values()].filter(
      (each) => !connected.has(each.peer ?? "") && each.due <= now,
    );
    for (const each of heard.slice(0, Math.max(0, room))) this.#call(each, now);
    if (connected.size > 0 && room > heard.length) this.#lookAround(now);
    if (now - this.#saved >= QUIET_MS && this.#book.changed) {
      this.#saved = now;
      void this.#book.save();
    }
    const due = missing.map((each) => Math.max(SOON_MS, each.due - now));
    const seek = this.#seek === null || room <= 0 ? QUIET_MS : Math.max(SOON_MS, this.#seekAt - now);
    this.#soon(Math.min(QUIET_MS, seek, ...due));
  }

  /** Asks who else is there, ever less often while there are few. */
  #lookAround(now: number): void {
    if (this.#seek === null || now < this.#seekAt) return;
    this.#seekAt = now + this.#seekEvery;
    this.#seekEvery = Math.min(LAST_SEEK_MS, 2 * this.#seekEvery);
    void this.#seek();
  }

  /** RULES R27: whoever fills our slots cannot cut us off from those that we knew before. */
  #callKnown(connections: readonly Connection[], connected: ReadonlySet<string>, now: number): void {
    const old = this.#book.peers.filter((known) => now - known.since >= DAY_MS);
    const kept = new Set([...old.map((known) => known.peer), ...this.#configured.map((each) => each.peer)]);
    const outbound = connections.filter(
      (connection) => connection.direction === "outbound" && kept.has(connection.remotePeer.toString()),
    );
    for (const known of old.slice(0, KEPT_CONNECTIONS - outbound.length)) {
      if (connected.has(known.peer)) continue;
      const each = this.#heard.get(known.peer) ?? candidate(peerIdFromString(known.peer), known.peer);
      this.#heard.set(known.peer, each);
      this.#call(each, now);
    }
  }

  #call(each: Candidate, now: number): void {
    if (each.calling || each.due > now || this.#stopped) return;
    each.calling = true;
    const wait = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(each.tries++, 10));
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), DIAL_MS);
    this.#libp2p
      .dial(this.#targetOf(each), { signal: abort.signal })
      .then((connection) => {
        each.peer = connection.remotePeer.toString();
        if (this.#isKept(each.peer)) this.#protect(connection.remotePeer);
        each.tries = 0;
        each.due = 0;
      })
      .catch((error: unknown) => {
        each.due = this.#now() + wait;
        this.#log.debug({ peer: each.dial.toString(), error: String(error) }, "a call did not come through");
      })
      .finally(() => {
        clearTimeout(timer);
        each.calling = false;
        each.called.resolve();
      });
  }

  /** Peers out of the book are called where they answered before: libp2p may have forgotten that. */
  #targetOf(each: Candidate): Multiaddr | PeerId | Multiaddr[] {
    const known = this.#book.peers.find((one) => one.peer === each.peer);
    if (!("toMultihash" in each.dial) || known === undefined || known.addresses.length === 0)
      return each.dial;
    return known.addresses.map((address) => multiaddr(address));
  }
}

function candidate(dial: Multiaddr | PeerId, peer: string | null): Candidate {
  return { dial, peer, tries: 0, due: 0, calling: false, called: Promise.withResolvers<void>() };
}

function peerIn(address: Multiaddr): string | null {
  return address.getComponents().findLast((component) => component.name === "p2p")?.value ?? null;
}
