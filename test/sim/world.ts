import { compareBytes } from "../../protocol/bytes/index.ts";
import { sha256 } from "../../protocol/crypto/index.ts";
import type { PeerName, Stream, Topic } from "../../protocol/peer/index.ts";
import { HeadRecords } from "./head-records.ts";
import { Network } from "./network.ts";
import { Queue } from "./queue.ts";
import { Random } from "./random.ts";

/** 2026-11-01 00:00 UTC: where virtual time begins. */
const BEGINNING = Date.UTC(2026, 10, 1);
/** Kademlia's k. */
const CLOSEST = 20;
/** Events after which a run is taken to be stuck in a loop. */
const MAX_STEPS = 3_000_000;

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

/** A network of nodes on a virtual clock, wholly decided by its seed. */
export class World {
  /** Runs are synchronous, one after the other: this is the world of the run that goes on, or that failed. */
  static newest: World | null = null;

  readonly random: Random;
  readonly network: Network;
  readonly headRecords: HeadRecords = new HeadRecords();
  readonly #queue = new Queue();
  readonly #nodes = new Map<PeerName, SimNode>();
  #now = BEGINNING;
  #steps = 0;
  #trace = 0x811c9dc5;

  constructor(seed: number) {
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

  get steps(): number {
    return this.#steps;
  }

  /** Hash of all that was noted: equal seeds give equal traces. */
  get trace(): string {
    return this.#trace.toString(16).padStart(8, "0");
  }

  /** FNV-1a over what happened. */
  note(what: string): void {
    for (let i = 0; i < what.length; i++)
      this.#trace = Math.imul(this.#trace ^ what.charCodeAt(i), 0x01000193) >>> 0;
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
    const delay = this.network.transit();
    if (delay === null) return;
    this.plan(delay, () => {
      const node = this.#nodes.get(to);
      if (node?.up === true && this.network.connected(from, to)) node.gossiped(topic, bytes, from);
    });
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
    const there = this.network.transit();
    if (there === null) return;
    this.plan(there, () => {
      const node = this.#nodes.get(to);
      if (node?.up !== true || !this.network.reachable(from, to)) {
        end("transport/unreachable");
        return;
      }
      node.asked(stream, bytes, from, (answer) => {
        const back = this.network.transit();
        if (back !== null && this.network.reachable(from, to)) this.plan(back, () => end(answer));
      });
    });
  }

  /** The DHT's nodes closest to `key` by XOR distance of SHA-256 of their names, `from` excluded. */
  closest(from: PeerName, key: Uint8Array): readonly PeerName[] {
    return this.#serversFrom(from)
      .map((name) => ({ name, distance: distanceOf(name, key) }))
      .sort((a, b) => compareBytes(a.distance, b.distance))
      .slice(0, CLOSEST)
      .map(({ name }) => name);
  }

  /** Whether a node is one of the 2k closest to `key`: as if it knew all that it can reach. */
  isNear(name: PeerName, key: Uint8Array): boolean {
    const own = distanceOf(name, key);
    const closer = this.#serversFrom(name).filter((other) => compareBytes(distanceOf(other, key), own) < 0);
    return closer.length < 2 * CLOSEST;
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
      item.run();
    }
  }
}

/** XOR of a key and the SHA-256 of a name. */
function distanceOf(name: PeerName, key: Uint8Array): Uint8Array {
  return sha256(new TextEncoder().encode(name)).map((octet, at) => octet ^ (key[at] ?? 0));
}
