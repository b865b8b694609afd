import { utf8 } from "../../protocol/bytes/index.ts";
import { sha256 } from "../../protocol/crypto/index.ts";
import type { PeerName, PlacedPeer, Stream, Topic } from "../../protocol/peer/index.ts";
import { HeadRecords } from "./head-records.ts";
import { Network } from "./network.ts";
import { ProviderRecords } from "./provider-records.ts";
import { Queue } from "./queue.ts";
import { Random } from "./random.ts";
import { Traffic } from "./traffic.ts";

/** 2026-11-01 00:00 UTC: where virtual time begins. */
const BEGINNING = Date.UTC(2026, 10, 1);
/** Kademlia's k. */
const CLOSEST = 20;
/** Events after which a run is taken to be stuck in a loop. */
const MAX_STEPS = 20_000_000;
/** What happened last, as kept to be shown where a run ends early. */
const MAX_NOTES = 40;

/** Ends a question: octets, or a code of failure. */
export type Answered = (answer: Uint8Array | string) => void;

/** Anything that sits in the network: a peer that drives the engine, or a liar. */
export interface SimNode {
  readonly name: PeerName;
  readonly up: boolean;
  /** Stores and answers for the DHT. */
  readonly server: boolean;
  joined(peer: PeerName): void;
  left(peer: PeerName): void;
  gossiped(topic: Topic, bytes: Uint8Array, from: PeerName): void;
  asked(stream: Stream, bytes: Uint8Array, from: PeerName, answered: Answered): void;
}

/** The run has come to the step at which it was to end. */
export class Stopped extends Error {
  override readonly name = "Stopped";
}

/** A network of nodes on a virtual clock, wholly decided by its seed. */
export class World {
  /** Runs are synchronous, one after the other: this is the world of the run that goes on, or that failed. */
  static newest: World | null = null;
  /** Ends the run at this step; one past all of them is never reached. */
  static until: number = Number.POSITIVE_INFINITY;

  readonly random: Random;
  readonly network: Network;
  readonly headRecords: HeadRecords = new HeadRecords();
  readonly providerRecords: ProviderRecords = new ProviderRecords();
  readonly traffic: Traffic = new Traffic();
  readonly #queue = new Queue();
  readonly #nodes = new Map<PeerName, SimNode>();
  #now = BEGINNING;
  /** Of this world, after those of the run's worlds before it. */
  #steps: number;
  #trace = 0x811c9dc5;
  readonly #notes: string[] = [];
  /** SHA-256 of names: where nodes lie in the DHT. */
  readonly #places = new Map<PeerName, Uint8Array>();

  constructor(seed: number) {
    this.#steps = World.newest?.steps ?? 0;
    World.newest = this;
    this.random = new Random(seed);
    this.network = new Network(this.random.fork());
  }

  get now(): number {
    return this.#now;
  }

  /** ms since the beginning. */
  get elapsed(): number {
    return this.#now - BEGINNING;
  }

  /** Events of the run so far: the same seed comes to the same step in the same way. */
  get steps(): number {
    return this.#steps;
  }

  /** Hash of all that was noted: equal seeds give equal traces. */
  get trace(): string {
    return this.#trace.toString(16).padStart(8, "0");
  }

  /** FNV-1a over what happened. */
  note(what: string): void {
    if (World.until !== Number.POSITIVE_INFINITY) this.#keep(what);
    for (let i = 0; i < what.length; i++)
      this.#trace = Math.imul(this.#trace ^ what.charCodeAt(i), 0x01000193) >>> 0;
  }

  /** What happened last, oldest first, where the run is to end early. */
  get notes(): readonly string[] {
    return this.#notes;
  }

  #keep(what: string): void {
    this.#notes.push(`step ${this.#steps} · ${what}`);
    if (this.#notes.length > MAX_NOTES) this.#notes.shift();
  }

  add(node: SimNode): void {
    this.#nodes.set(node.name, node);
  }

  plan(delay: number, run: () => void): void {
    this.#queue.plan(this.#now + Math.max(0, delay), run);
  }

  /** Connects two nodes that are up and can reach each other. */
  connect(a: PeerName, b: PeerName): void {
    const [one, other] = [this.#nodes.get(a), this.#nodes.get(b)];
    if (one?.up !== true || other?.up !== true || a === b || this.network.connected(a, b)) return;
    if (!this.network.reachable(a, b)) return;
    this.network.link(a, b);
    one.joined(b);
    other.joined(a);
  }

  disconnect(a: PeerName, b: PeerName): void {
    if (!this.network.connected(a, b)) return;
    this.network.unlink(a, b);
    for (const [name, peer] of [
      [a, b],
      [b, a],
    ] as const) {
      const node = this.#nodes.get(name);
      if (node?.up === true) node.left(peer);
    }
  }

  /** Cuts all links between groups. */
  partition(...groups: readonly (readonly PeerName[])[]): void {
    this.network.partition(groups);
    for (const a of this.#nodes.keys()) {
      for (const b of this.network.neighbours(a)) if (!this.network.reachable(a, b)) this.disconnect(a, b);
    }
  }

  /** One hop of gossip: from a node to one it is connected to. */
  send(from: PeerName, to: PeerName, topic: Topic, bytes: Uint8Array): void {
    this.traffic.sent("gossip", from, bytes.length);
    for (const delay of this.network.transits(from, bytes.length, this.#now)) {
      this.plan(delay, () => {
        const node = this.#nodes.get(to);
        if (node?.up !== true || !this.network.connected(from, to)) return;
        this.traffic.arrived(bytes, from, to);
        node.gossiped(topic, bytes, from);
      });
    }
  }

  /** A question and its one answer, or a code at the latest after `timeoutMs`. Who isn't connected is dialled. */
  ask(
    from: PeerName,
    to: PeerName,
    stream: Stream,
    bytes: Uint8Array,
    timeoutMs: number,
    answered: Answered,
  ): void {
    let open = true;
    const end = (answer: Uint8Array | string): void => {
      if (open) answered(answer);
      open = false;
    };
    this.plan(timeoutMs, () => end("transport/timeout"));
    this.traffic.sent(stream, from, bytes.length);
    for (const there of this.network.transits(from, bytes.length, this.#now)) {
      this.plan(there, () => {
        const node = this.#nodes.get(to);
        if (node?.up !== true || !this.network.reachable(from, to)) {
          end("transport/unreachable");
          return;
        }
        node.asked(stream, bytes, from, (answer) => this.#answer(stream, to, from, answer, end));
      });
    }
  }

  #answer(
    stream: Stream,
    from: PeerName,
    to: PeerName,
    answer: Uint8Array | string,
    end: (answer: Uint8Array | string) => void,
  ): void {
    this.traffic.sent(stream, from, answer.length);
    for (const back of this.network.transits(from, answer.length, this.#now)) {
      if (this.network.reachable(from, to)) this.plan(back, () => end(answer));
    }
  }

  /** The DHT's nodes closest to `key` by XOR distance of SHA-256 of key and names, `from` excluded. */
  closest(from: PeerName, key: Uint8Array): readonly PeerName[] {
    return this.region(from, key)
      .slice(0, CLOSEST)
      .map(({ peer }) => peer);
  }

  /** Twice as many, with their places. */
  region(from: PeerName, key: Uint8Array): readonly PlacedPeer[] {
    const place = sha256(key);
    return this.#serversFrom(from)
      .sort((a, b) => this.#compare(a, b, place))
      .slice(0, 2 * CLOSEST)
      .map((peer) => ({ peer, place: this.#placeOf(peer), net: null }));
  }

  /** Whether a node is one of the 2k closest to `key`: as if it knew all that it can reach. */
  isNear(name: PeerName, key: Uint8Array): boolean {
    const place = sha256(key);
    let closer = 0;
    for (const other of this.#serversFrom(name)) if (this.#compare(other, name, place) < 0) closer++;
    return closer < 2 * CLOSEST;
  }

  /** Which of two is closer to a place: below 0 for the first. */
  #compare(a: PeerName, b: PeerName, to: Uint8Array): number {
    const [one, other] = [this.#placeOf(a), this.#placeOf(b)];
    for (let at = 0; at < one.length; at++) {
      const difference = ((one[at] ?? 0) ^ (to[at] ?? 0)) - ((other[at] ?? 0) ^ (to[at] ?? 0));
      if (difference !== 0) return difference;
    }
    return 0;
  }

  #placeOf(name: PeerName): Uint8Array {
    const place = this.#places.get(name) ?? sha256(utf8(name));
    this.#places.set(name, place);
    return place;
  }

  /** The DHT's nodes that one can reach, itself excluded. */
  #serversFrom(from: PeerName): PeerName[] {
    return [...this.#nodes.values()]
      .filter(({ name, up, server }) => up && server && name !== from && this.network.reachable(from, name))
      .map(({ name }) => name);
  }

  /** Lets `ms` of virtual time pass. */
  run(ms: number): void {
    this.#runTo(this.#now + ms, () => false);
  }

  /** Lets time pass until `done`, at most `ms`. Whether it was. */
  runUntil(done: () => boolean, ms: number): boolean {
    this.#runTo(this.#now + ms, done);
    return done();
  }

  #runTo(end: number, done: () => boolean): void {
    while (!done()) {
      const next = this.#queue.peek();
      if (next === null || next > end) {
        this.#now = end;
        return;
      }
      const item = this.#queue.take();
      if (item === null) return;
      this.#now = item.time;
      if (++this.#steps > MAX_STEPS) throw new Error(`no end in sight after ${MAX_STEPS} events`);
      if (this.#steps > World.until) throw new Stopped(`at step ${World.until}`);
      item.run();
    }
  }
}
