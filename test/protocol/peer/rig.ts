/** The smallest driver there is: peers in one process, effects done at once and in order, time moved by hand. */
import type { Topic } from "../../../protocol/peer/index.ts";
import { HeadRecords } from "../../sim/head-records.ts";
import { ProviderRecords } from "../../sim/provider-records.ts";
import { Random } from "../../sim/random.ts";
import { RigPeer } from "./rig-peer.ts";
import type { Answer, Neighbour, RigOptions, Stream, Surroundings } from "./rig-peer.ts";

export { NETWORK } from "./rig-peer.ts";
export type { RigPeer } from "./rig-peer.ts";

/** 2026-01-01 00:00 UTC, in ms. */
const START = Date.UTC(2026, 0, 1);

export class Rig implements Surroundings {
  now: number = START;
  readonly peers: Map<string, Neighbour> = new Map();
  readonly headRecords: HeadRecords = new HeadRecords();
  readonly providerRecords: ProviderRecords = new ProviderRecords();
  readonly random: Random = new Random(7);
  readonly #work: (() => void)[] = [];
  readonly #timers: { at: number; readonly run: () => void }[] = [];
  #running = false;

  peer(name: string, options: RigOptions = {}): RigPeer {
    const peer = new RigPeer(this, name, options);
    this.peers.set(name, peer);
    peer.start();
    return peer;
  }

  /** A peer that answers as a test says; null refuses, "silent" never answers. */
  stub(name: string, answer: (stream: Stream, bytes: Uint8Array) => Uint8Array | null | "silent"): Stub {
    const stub = new Stub(name, answer);
    this.peers.set(name, stub);
    return stub;
  }

  connect(a: Neighbour, b: Neighbour): void {
    a.neighbours.add(b.name);
    b.neighbours.add(a.name);
    a.handle({ kind: "joined", peer: b.name });
    b.handle({ kind: "joined", peer: a.name });
  }

  disconnect(a: Neighbour, b: Neighbour): void {
    a.neighbours.delete(b.name);
    b.neighbours.delete(a.name);
    a.handle({ kind: "left", peer: b.name });
    b.handle({ kind: "left", peer: a.name });
  }

  /** Moves the clock, with ticks on the way. */
  pass(ms: number): void {
    const end = this.now + ms;
    while (this.now < end) {
      this.now = Math.min(end, this.now + Math.max(50, ms / 100));
      for (const timer of this.#timers.splice(0)) {
        if (timer.at <= this.now) this.later(timer.run);
        else this.#timers.push(timer);
      }
      for (const peer of this.peers.values()) peer.handle({ kind: "tick" });
    }
  }

  /** The clock is set, forward or back: nothing else passes, and what waits does so as long as before. */
  turnClock(ms: number): void {
    this.now += ms;
    for (const timer of this.#timers) timer.at += ms;
    for (const peer of this.peers.values()) peer.handle({ kind: "tick" });
  }

  /** Does something when the time has come. */
  at(time: number, run: () => void): void {
    this.#timers.push({ at: time, run });
  }

  /** Does the work in order; what it brings about comes after it. */
  later(work: () => void): void {
    this.#work.push(work);
    if (this.#running) return;
    this.#running = true;
    try {
      for (let next = this.#work.shift(); next !== undefined; next = this.#work.shift()) next();
    } finally {
      this.#running = false;
    }
  }
}

export class Stub implements Neighbour {
  readonly name: string;
  readonly light = false;
  readonly neighbours: Set<string> = new Set();
  readonly questions: { readonly stream: Stream; readonly bytes: Uint8Array }[] = [];
  readonly heard: { readonly topic: Topic; readonly bytes: Uint8Array }[] = [];
  readonly #answer: (stream: Stream, bytes: Uint8Array) => Uint8Array | null | "silent";

  constructor(name: string, answer: (stream: Stream, bytes: Uint8Array) => Uint8Array | null | "silent") {
    this.name = name;
    this.#answer = answer;
  }

  handle(): void {}

  gossiped(topic: Topic, bytes: Uint8Array): null {
    this.heard.push({ topic, bytes });
    return null;
  }

  asked(stream: Stream, bytes: Uint8Array, _from: string, answer: Answer): void {
    this.questions.push({ stream, bytes });
    const answered = this.#answer(stream, bytes);
    if (answered !== "silent") answer(answered);
  }
}
