/** A peer of the rig: one engine, its rows in memory, its effects done at once and in order. */
import { concat } from "../../../protocol/bytes/index.ts";
import { publicFromSeed, signDomain } from "../../../protocol/crypto/index.ts";
import { createEngine } from "../../../protocol/peer/index.ts";
import type {
  Caution,
  Command,
  CommandResult,
  Effect,
  Engine,
  EngineConfig,
  Event,
  Finding,
  FindResult,
  StatusResult,
  Topic,
} from "../../../protocol/peer/index.ts";
import type { Random } from "../../sim/random.ts";
import { witnessOf } from "../../witness-requests.ts";
import { askRigDht } from "./rig-dht.ts";
import type { RigDht } from "./rig-dht.ts";
import { RowStore } from "./rows-store.ts";
import { holds } from "./slow-builder.ts";
import { publishing } from "../../publishing.ts";

export const NETWORK = "test";

export interface RigOptions {
  readonly seed?: Uint8Array;
  readonly first?: boolean;
  readonly light?: boolean;
  readonly followAll?: boolean;
  readonly follow?: Partial<EngineConfig["follow"]>;
  readonly maxStoreBytes?: number;
  readonly maxFollowedBytes?: number;
  readonly caution?: Caution;
  readonly recovers?: NonNullable<EngineConfig["recovers"]>;
  readonly witness?: Uint8Array;
  readonly witnesses?: NonNullable<EngineConfig["witnesses"]>;
}

export type Stream = Extract<Effect, { kind: "ask" }>["stream"];
export type Answer = (bytes: Uint8Array | null) => void;

/** Whoever is on the other end of a connection. */
export interface Neighbour {
  readonly name: string;
  readonly light: boolean;
  readonly neighbours: Set<string>;
  handle(event: Event): void;
  gossiped(topic: Topic, bytes: Uint8Array, from: string): Effect | null;
  asked(stream: Stream, bytes: Uint8Array, from: string, answer: Answer): void;
}

/** What a peer needs of the rig. */
export interface Surroundings extends RigDht<Neighbour> {
  readonly random: Random;
  /** Connects two of them. */
  connect(a: Neighbour, b: Neighbour): void;
  later(work: () => void): void;
  at(time: number, run: () => void): void;
  pass(ms: number): void;
}

export class RigPeer implements Neighbour {
  readonly rig: Surroundings;
  readonly name: string;
  readonly options: RigOptions;
  store: RowStore = new RowStore();
  ownHead: Uint8Array | "none" | "lost" = "none";
  /** The own-head file is a copy of what was written. */
  moved = false;
  readonly neighbours: Set<string> = new Set();
  readonly findings: Finding[] = [];
  readonly seen: Effect[] = [];
  readonly dropped: Map<string, string> = new Map();
  /** Answers true for effects that are to fail, or never to be answered at all ("hang"). */
  fault: (effect: Effect) => "fail" | "hang" | "persist-and-fail" | null = () => null;
  /** Whether this peer is one of those that keep the records of a slot. */
  isNear: (slot: Uint8Array) => boolean = () => true;
  readonly #gossiped = new Set<string>();
  readonly #gossip = new Map<
    number,
    { readonly topic: Topic; readonly bytes: Uint8Array; readonly from: string }
  >();
  readonly #answers = new Map<number, (bytes: Uint8Array | null) => void>();
  #engine: Engine | null = null;
  #ticket = 1;
  #life = 0;

  constructor(rig: Surroundings, name: string, options: RigOptions) {
    this.rig = rig;
    this.name = name;
    this.options = options;
  }

  start(first: boolean = this.options.first ?? false): void {
    const { seed, light = false, followAll = false, follow = {}, witness, ...rest } = this.options;
    const config: EngineConfig = {
      network: NETWORK,
      self: this.name,
      feedKey: seed === undefined ? null : publicFromSeed(seed),
      maxStoreBytes: 1e9,
      maxFollowedBytes: 1e12,
      ...rest,
      first,
      follow: { all: followAll, origins: [], builders: [], ...follow },
      light,
      ...(witness === undefined ? {} : { witness: witnessOf(witness, NETWORK) }),
    };
    this.#life++;
    this.#engine = createEngine(config, () => this.rig.random.next());
    this.handle({ kind: "opened", own: this.ownHead, moved: this.moved });
    for (const peer of this.neighbours) this.handle({ kind: "joined", peer });
  }

  stop(): void {
    this.#life++;
    this.#engine = null;
  }

  handle(event: Event): void {
    const life = this.#life;
    this.rig.later(() => {
      if (this.#engine === null || life !== this.#life) return;
      for (const effect of this.#engine.handle(event, this.rig.now)) {
        this.seen.push(effect);
        this.#perform(effect, life);
      }
    });
  }

  command(command: Command): CommandResult | null {
    const ticket = this.#ticket++;
    this.handle({ kind: "local", command, ticket });
    return this.resultOf(ticket);
  }

  resultOf(ticket: number): CommandResult | null {
    const done = this.seen
      .filter((effect) => effect.kind === "done")
      .find((effect) => effect.ticket === ticket);
    return done?.result ?? null;
  }

  publish(...entries: Uint8Array[]): CommandResult | null {
    const ticket = this.#ticket;
    this.command(publishing(entries));
    // Two heads are a moment apart.
    if (this.resultOf(ticket) === null) this.rig.pass(200);
    return this.resultOf(ticket);
  }

  status(): StatusResult {
    const result = this.command({ do: "status" });
    if (result?.ok !== true || result.do !== "status") throw new Error("no status");
    return result.result;
  }

  find(question: Partial<Extract<Command, { do: "find" }>["question"]>, network = false): FindResult {
    const whole = { targets: [], digests: [], builders: [], ...question };
    const ticket = this.#ticket;
    this.command({ do: "find", question: whole, network, deadline: this.rig.now + 5_000 });
    if (this.resultOf(ticket) === null) this.rig.pass(6_000);
    const result = this.resultOf(ticket);
    if (result?.ok !== true || result.do !== "find") throw new Error(`no result: ${JSON.stringify(result)}`);
    return result.result;
  }

  /** How far this peer holds the feed of a key, by its hex. */
  held(origin: string): number {
    return this.status().feeds.find((feed) => feed.origin === origin)?.held ?? 0;
  }

  gossiped(topic: Topic, bytes: Uint8Array, from: string): Effect | null {
    const name = Buffer.from(bytes).toString("base64");
    if (this.#gossiped.has(name)) return null;
    this.#gossiped.add(name);
    const ticket = this.#ticket++;
    this.#gossip.set(ticket, { topic, bytes, from });
    this.handle({ kind: "gossip", topic, from, bytes, ticket });
    return (
      this.seen.filter((effect) => effect.kind === "verdict").find((effect) => effect.ticket === ticket) ??
      null
    );
  }

  asked(stream: Stream, bytes: Uint8Array, from: string, answer: Answer): void {
    const ticket = this.#ticket++;
    this.#answers.set(ticket, answer);
    this.handle({ kind: "asked", stream, from, bytes, ticket });
    if (this.#engine === null) answer(null);
  }

  #perform(effect: Effect, life: number): void {
    const fault = this.fault(effect);
    if (fault === "hang" || life !== this.#life) return;
    if (fault === "persist-and-fail") this.#persist(effect);
    if (fault !== null && "token" in effect) {
      this.handle({ kind: "failed", token: effect.token, code: "rig/fault" });
      return;
    }
    const there = effect.kind === "store" ? (effect.asks ?? []).map((key) => this.store.has(key)) : [];
    this.#persist(effect);
    switch (effect.kind) {
      case "store":
        return this.handle({ kind: "stored", token: effect.token, there });
      case "swap":
        return this.handle({ kind: "stored", token: effect.token });
      case "read": {
        const page = this.store.read(effect.range);
        return this.handle({ kind: "rows", token: effect.token, ...page });
      }
      case "check": {
        const good = effect.items.map(holds);
        return this.handle({ kind: "checked", token: effect.token, good });
      }
      case "sign": {
        const seed = effect.by === "witness" ? this.options.witness : this.options.seed;
        if (seed === undefined) throw new Error("nothing to sign with");
        return this.handle({
          kind: "signed",
          token: effect.token,
          signature: signDomain(seed, effect.bytes),
        });
      }
      case "lookup":
      case "region":
      case "recall":
      case "near":
      case "provide":
      case "providers":
        return this.handle(askRigDht(this.rig, this, effect));
      case "announce":
        return this.rig.headRecords.announce(effect.key, effect.value);
      case "call":
        return this.#call(effect.token, effect.peer);
      case "ask":
        return this.#ask(effect);
      case "gossip":
        return this.#spread(effect.topic, effect.bytes, null);
      case "verdict": {
        const message = this.#gossip.get(effect.ticket);
        if (message !== undefined && effect.verdict === "accept")
          this.#spread(message.topic, message.bytes, message.from);
        return;
      }
      case "reply":
        return this.#answers.get(effect.ticket)?.(concat(...effect.parts));
      case "refuse":
        return this.#answers.get(effect.ticket)?.(null);
      case "finding":
        this.findings.push(effect.finding);
        return;
      case "drop":
        this.dropped.set(effect.peer, effect.code);
        return;
      default:
    }
  }

  #persist(effect: Effect): void {
    if (effect.kind === "store") this.store.apply(effect.ops);
    if (effect.kind !== "swap") return;
    this.ownHead = effect.next;
    this.moved = false;
  }

  get light(): boolean {
    return this.options.light === true;
  }

  #ask(effect: Extract<Effect, { kind: "ask" }>): void {
    let open = true;
    const answer = (bytes: Uint8Array | null): void => {
      if (!open) return;
      open = false;
      if (bytes === null) this.handle({ kind: "failed", token: effect.token, code: "rig/refused" });
      else this.handle({ kind: "answered", token: effect.token, bytes });
    };
    this.rig.at(this.rig.now + effect.timeoutMs, () => answer(null));
    const peer = this.rig.peers.get(effect.to);
    if (peer === undefined) answer(null);
    else peer.asked(effect.stream, effect.bytes, this.name, answer);
  }

  #call(token: number, peer: string): void {
    const called = this.rig.peers.get(peer);
    if (called === undefined) return this.handle({ kind: "failed", token, code: "rig/refused" });
    this.rig.connect(this, called);
    this.handle({ kind: "called", token });
  }

  #spread(topic: Topic, bytes: Uint8Array, from: string | null): void {
    for (const name of this.neighbours) {
      if (name !== from) this.rig.peers.get(name)?.gossiped(topic, bytes, this.name);
    }
  }
}
