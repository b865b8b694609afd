import type { Connection, Libp2p, PeerId } from "@libp2p/interface";
import { peerIdFromString } from "@libp2p/peer-id";
import { multiaddr } from "@multiformats/multiaddr";
import type { Multiaddr } from "@multiformats/multiaddr";
import { KEPT_CONNECTIONS, MAX_KNOWN_PEERS, WANTED_CONNECTIONS } from "../../protocol/index.ts";
import type { Log } from "../log.ts";
import type { AddressBook } from "./addresses.ts";

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 60_000;
const SOON_MS = 250;
const QUIET_MS = 10_000;
const DIAL_MS = 5_000;
const FIRST_SEEK_MS = 1_000;
const LAST_SEEK_MS = 300_000;
/** The most that libp2p takes. */
const VALUE = 100;

/** What the clock shows, in ms since 1970, and ms of one that is never set, by which goes all that is waited for. */
export interface Times {
  readonly now: () => number;
  readonly steady: () => number;
}

/** Somebody to call, and when. */
interface Candidate {
  readonly dial: Multiaddr | PeerId;
  /** Known beforehand, or since the first call that came through. */
  peer: string | null;
  tries: number;
  /** Not before this is it called again, by the clock that is never set. */
  due: number;
  calling: boolean;
  /** When a call came through last; -Infinity = none did. */
  answered: number;
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
  readonly #steady: () => number;
  readonly #configured: readonly Candidate[];
  readonly #heard = new Map<string, Candidate>();
  /** Day-old peers, by name. */
  readonly #old = new Map<string, Candidate>();
  /** Kept peers that libp2p was told to value. */
  readonly #valued = new Set<string>();
  #seek: (() => Promise<void>) | null = null;
  #seekEvery = FIRST_SEEK_MS;
  #seekAt = 0;
  #timer: NodeJS.Timeout | null = null;
  /** When it fires, on the monotonic clock. */
  #timerAt = 0;
  #stopped = false;
  #saved = -Infinity;

  constructor(
    libp2p: Libp2p,
    configured: readonly Multiaddr[],
    book: AddressBook,
    log: Log,
    { now, steady }: Times,
  ) {
    this.#libp2p = libp2p;
    this.#book = book;
    this.#log = log;
    this.#now = now;
    this.#steady = steady;
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
    const peer = connection.remotePeer.toString();
    if (connection.direction === "outbound")
      this.#book.met(peer, connection.remoteAddr.toString(), this.#now());
    if (this.#kept(this.#now()).has(peer)) void this.#value(peer, VALUE);
  }

  /** Those whom it was told to begin from, or has known for a day (RULES R27). */
  #kept(now: number): ReadonlySet<string> {
    return new Set([
      ...this.#configured.flatMap(({ peer }) => peer ?? []),
      ...this.#book.old(now).map(({ peer }) => peer),
    ]);
  }

  /** When there are too many connections, libp2p hangs up on those of least value; undefined = none of ours. */
  async #value(peer: string, value: number | undefined): Promise<void> {
    if ((value !== undefined) === this.#valued.has(peer)) return;
    if (value === undefined) this.#valued.delete(peer);
    else this.#valued.add(peer);
    const tag = value === undefined ? undefined : { value };
    await this.#libp2p.peerStore
      .merge(peerIdFromString(peer), { tags: { "samebits-kept": tag } })
      .catch((error: unknown) => {
        this.#log.debug({ event: "peer-not-tagged", peer, error: String(error) }, "could not tag a peer");
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

  /** The next tick in so many ms, or sooner: whoever comes and goes all the time must not put it off. */
  #soon(ms: number): void {
    const at = performance.now() + ms;
    if (this.#stopped || (this.#timer !== null && this.#timerAt <= at)) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(() => this.#tick(), ms);
  }

  #tick(): void {
    this.#timer = null;
    const [now, steady] = [this.#now(), this.#steady()];
    const connections = this.#libp2p.getConnections();
    const connected = new Set(connections.map((connection) => connection.remotePeer.toString()));
    this.#note(connections, connected, now, steady);
    const missing = this.#configured.filter((each) => each.peer === null || !connected.has(each.peer));
    for (const each of missing) this.#call(each, steady);
    this.#callKnown(connections, connected, now, steady);
    const room = WANTED_CONNECTIONS - connected.size;
    const heard = [...this.#heard.values()].filter(
      (each) => !connected.has(each.peer ?? "") && each.due <= steady,
    );
    for (const each of heard.slice(0, Math.max(0, room))) this.#call(each, steady);
    if (connected.size > 0 && room > heard.length) this.#lookAround(steady);
    if (steady - this.#saved >= QUIET_MS && this.#book.changed) {
      this.#saved = steady;
      void this.#book.save();
    }
    const due = missing.map((each) => Math.max(SOON_MS, each.due - steady));
    const seek = this.#seek === null || room <= 0 ? QUIET_MS : Math.max(SOON_MS, this.#seekAt - steady);
    this.#soon(Math.min(QUIET_MS, seek, ...due));
  }

  /** What connections that last tell: who has become day-old meanwhile, and who answers and stays. */
  #note(
    connections: readonly Connection[],
    connected: ReadonlySet<string>,
    now: number,
    steady: number,
  ): void {
    for (const { remotePeer, direction } of connections)
      if (direction === "outbound") this.#book.saw(remotePeer.toString(), now);
    const kept = this.#kept(now);
    for (const peer of connected) if (kept.has(peer)) void this.#value(peer, VALUE);
    for (const peer of this.#valued) if (!kept.has(peer)) void this.#value(peer, undefined);
    for (const each of [...this.#configured, ...this.#heard.values(), ...this.#old.values()])
      if (connected.has(each.peer ?? "") && steady - each.answered >= LAST_RETRY_MS) each.tries = 0;
  }

  /** Asks who else is there, ever less often while there are few. */
  #lookAround(steady: number): void {
    if (this.#seek === null || steady < this.#seekAt) return;
    this.#seekAt = steady + this.#seekEvery;
    this.#seekEvery = Math.min(LAST_SEEK_MS, 2 * this.#seekEvery);
    void this.#seek();
  }

  /**
   * RULES R27: whoever fills our slots cannot cut us off from those that we knew before. Of several the longest known is called first, and
   * one that did not answer after all others.
   */
  #callKnown(
    connections: readonly Connection[],
    connected: ReadonlySet<string>,
    now: number,
    steady: number,
  ): void {
    const old = this.#book.old(now).map(({ peer }) => this.#oldCandidate(peer));
    const kept = new Set([...old, ...this.#configured].map(({ peer }) => peer));
    const outbound = connections.flatMap(({ direction, remotePeer }) =>
      direction === "outbound" && kept.has(remotePeer.toString()) ? [remotePeer.toString()] : [],
    );
    const wanted = KEPT_CONNECTIONS - new Set(outbound).size;
    const others = old.filter(({ peer }) => !connected.has(peer ?? "")).toSorted((a, b) => a.due - b.due);
    const calling = others.filter((each) => each.calling).length;
    const next = others.filter((each) => !each.calling).slice(0, Math.max(0, wanted - calling));
    for (const each of next) this.#call(each, steady);
    for (const [name, each] of this.#old) if (!old.includes(each)) this.#old.delete(name);
  }

  #oldCandidate(name: string): Candidate {
    const each = this.#old.get(name) ?? candidate(peerIdFromString(name), name);
    this.#old.set(name, each);
    return each;
  }

  #call(each: Candidate, steady: number): void {
    if (each.calling || each.due > steady || this.#stopped) return;
    each.calling = true;
    const wait = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(each.tries++, 10));
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), DIAL_MS);
    this.#dial(each, abort.signal)
      .then(({ remotePeer }) => {
        each.peer = remotePeer.toString();
        each.answered = this.#steady();
        if (this.#kept(this.#now()).has(each.peer)) void this.#value(each.peer, VALUE);
      })
      .catch((error: unknown) => {
        this.#log.debug(
          { event: "call-failed", peer: each.dial.toString(), error: String(error) },
          "a call did not come through",
        );
      })
      .finally(() => {
        clearTimeout(timer);
        each.calling = false;
        // Also of who answered: whoever hangs up at once is not called all the time in the place of others.
        each.due = this.#steady() + wait;
        each.called.resolve();
        if (this.#old.has(each.peer ?? "")) this.#soon(SOON_MS);
      });
  }

  async #dial(each: Candidate, signal: AbortSignal): Promise<Connection> {
    // Begun before the connection is there: of too many connections one without value is the first to go. Not waited for: whoever
    // asks this peer something meanwhile finds it being called.
    if (each.peer !== null && this.#kept(this.#now()).has(each.peer)) void this.#value(each.peer, VALUE);
    return this.#libp2p.dial(this.#targetOf(each), { signal });
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
  const called = Promise.withResolvers<void>();
  return { dial, peer, tries: 0, due: 0, calling: false, answered: -Infinity, called };
}

function peerIn(address: Multiaddr): string | null {
  return address.getComponents().findLast((component) => component.name === "p2p")?.value ?? null;
}
