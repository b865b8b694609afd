import { concat, octetsIn } from "../../protocol/bytes/index.ts";
import { publicFromSeed, signDomain } from "../../protocol/crypto/index.ts";
import { origin } from "../../protocol/feed/index.ts";
import type {
  Command,
  Effect,
  Engine,
  EngineConfig,
  Event,
  Finding,
  PeerName,
  Stream,
  Token,
  Topic,
} from "../../protocol/peer/index.ts";
import { createEngine } from "../../protocol/peer/index.ts";
import { askDht } from "./dht.ts";
import { Disk } from "./disk.ts";
import { holds } from "./holds.ts";
import type { Observer } from "./observer.ts";
import { Life } from "./life.ts";
import type { Call } from "./life.ts";
import { Router } from "./router.ts";
import type { Answered, SimNode, World } from "./world.ts";

/** What it signs with: of its feed, and as a witness. */
interface Seeds {
  readonly feed: Uint8Array | null;
  readonly witness: Uint8Array | null;
}

/** What a stream carries at most. */
const MAX_ANSWER = 1024 * 1024;

/** An honest peer: the engine, a disk that loses power, and the simulated network. */
export class EnginePeer implements SimNode {
  readonly name: PeerName;
  readonly disk: Disk;
  readonly findings: Finding[] = [];
  readonly #world: World;
  readonly #observer: Observer;
  readonly #seeds: Seeds;
  readonly #config: EngineConfig;
  /** ms by which its clock is ahead of the world's. */
  skew = 0;
  /** The driver's promise: a tick at the latest so often, in ms. Longer where days pass in which little happens. */
  tickMs = 1_000;
  #life: Life;
  #ticket = 0;

  constructor(world: World, observer: Observer, seeds: Seeds, config: Omit<EngineConfig, "feedKey">) {
    this.name = config.self;
    this.#world = world;
    this.#observer = observer;
    this.#seeds = seeds;
    this.#config = { ...config, feedKey: seeds.feed === null ? null : publicFromSeed(seeds.feed) };
    this.disk = new Disk(world, () => this.crash());
    this.#life = new Life(0, null, new Router(world, this.name));
    world.add(this);
  }

  /** ms since 1970 by its own clock. */
  get now(): number {
    return this.#world.now + this.skew;
  }

  get up(): boolean {
    return this.#life.engine !== null;
  }

  get ready(): boolean {
    return this.#life.ready;
  }

  get server(): boolean {
    return !this.#config.light;
  }

  get feedKey(): Uint8Array | null {
    return this.#config.feedKey;
  }

  get origin(): string | null {
    const { network, feedKey } = this.#config;
    return feedKey === null ? null : origin(network, feedKey);
  }

  /** Whether it was told to follow this feed. */
  follows(origin: string): boolean {
    return this.#config.follow.origins.includes(origin);
  }

  get life(): number {
    return this.#life.number;
  }

  get outstanding(): number {
    return this.#life.outstanding;
  }

  gossipFrom(ticket: number): PeerName | null {
    return this.#life.gossips.get(ticket)?.from ?? null;
  }

  start(first: boolean = this.#config.first): void {
    if (this.up) return;
    const random = this.#world.random.fork();
    const engine = createEngine({ ...this.#config, first }, () => random.next());
    this.#live(engine);
    this.#handle({ kind: "opened", own: this.disk.ownHead, moved: this.disk.moved });
    this.#tick(this.#life);
  }

  /** Loses power: what the disk had not promised may be gone, and nobody says goodbye. */
  crash(): void {
    this.#live(null);
    for (const peer of this.#world.network.neighbours(this.name)) this.#world.disconnect(this.name, peer);
    this.disk.crash();
  }

  #live(engine: Engine | null): void {
    this.#life = new Life(this.#life.number + 1, engine, new Router(this.#world, this.name));
  }

  command(command: Command): Call {
    const call: Call = { result: null };
    const ticket = this.#ticket++;
    this.#life.calls.set(ticket, call);
    this.#handle({ kind: "local", command, ticket });
    return call;
  }

  joined(peer: PeerName): void {
    if (this.#isBanned(peer)) this.#world.plan(0, () => this.#world.disconnect(this.name, peer));
    else this.#handle({ kind: "joined", peer });
  }

  left(peer: PeerName): void {
    this.#handle({ kind: "left", peer });
  }

  gossiped(topic: Topic, bytes: Uint8Array, from: PeerName): void {
    if (!this.#life.router.isNew(bytes)) return;
    const ticket = this.#ticket++;
    this.#life.gossips.set(ticket, { topic, bytes, from });
    this.#handle({ kind: "gossip", topic, from, bytes, ticket });
  }

  asked(stream: Stream, bytes: Uint8Array, from: PeerName, answered: Answered): void {
    if (this.#isBanned(from)) {
      answered("transport/refused");
      return;
    }
    const ticket = this.#ticket++;
    this.#life.answers.set(ticket, answered);
    this.#handle({ kind: "asked", stream, from, bytes, ticket });
  }

  #isBanned(peer: PeerName): boolean {
    return (this.#life.banned.get(peer) ?? 0) > this.#world.now;
  }

  #tick(life: Life): void {
    if (life !== this.#life) return;
    this.#handle({ kind: "tick" });
    this.#world.plan(this.tickMs, () => this.#tick(life));
  }

  #handle(event: Event): void {
    const life = this.#life;
    if (life.engine === null) return;
    if ("token" in event) life.outstanding--;
    for (const effect of life.engine.handle(event, this.now)) {
      // A crash in the midst of the effects: the rest never happens.
      if (life !== this.#life) return;
      this.#world.note(`${this.#world.elapsed} ${this.name} ${effect.kind}`);
      this.#observer.effect(this, effect);
      this.#perform(effect);
    }
  }

  #perform(effect: Effect): void {
    if ("token" in effect) this.#life.outstanding++;
    switch (effect.kind) {
      case "store":
        return this.disk.write(effect.ops, effect.asks, effect.durable, this.#ended(effect.token));
      case "swap":
        return this.disk.swap(effect.old, effect.next, this.#ended(effect.token));
      case "sign": {
        const { token, by = "feed" } = effect;
        const seed = this.#seeds[by];
        if (seed === null) throw new Error(`${this.name} has no key to sign with`);
        const signature = signDomain(seed, effect.bytes);
        const failed = this.#ended(token);
        return this.disk.step(
          1,
          () => undefined,
          (error) => (error === null ? this.#handle({ kind: "signed", token, signature }) : failed(error)),
        );
      }
      case "read":
        return this.disk.read(effect.range, (page) =>
          this.#handle({ kind: "rows", token: effect.token, ...page }),
        );
      case "check":
        return this.#later(1, { kind: "checked", token: effect.token, good: effect.items.map(holds) });
      case "lookup":
      case "region":
      case "recall":
      case "near":
      case "provide":
      case "providers":
      case "call":
        return this.#later(...askDht(this.#world, this.name, effect));
      case "ask":
        return this.#ask(effect);
      default:
        return this.#tell(effect);
    }
  }

  #ended(token: Token): (error: string | null, there?: readonly boolean[]) => void {
    return (code, there = []) =>
      this.#handle(code === null ? { kind: "stored", token, there } : { kind: "failed", token, code });
  }

  /** Effects that nothing comes of. */
  #tell(effect: Effect): void {
    const life = this.#life;
    switch (effect.kind) {
      case "verdict": {
        const message = life.gossips.get(effect.ticket);
        life.gossips.delete(effect.ticket);
        if (message === undefined || effect.verdict !== "accept") return;
        return life.router.forward(message.topic, message.bytes, message.from);
      }
      case "announce":
        return this.#world.headRecords.announce(effect.key, effect.value);
      case "gossip":
        return life.router.publish(effect.topic, effect.bytes);
      case "reply":
        if (octetsIn(effect.parts) > MAX_ANSWER)
          throw new Error(`${this.name} answers ${octetsIn(effect.parts)} octets`);
        return this.#answer(effect.ticket, concat(...effect.parts));
      case "refuse":
        return this.#answer(effect.ticket, effect.code);
      case "done": {
        const call = life.calls.get(effect.ticket);
        if (call !== undefined) call.result = effect.result;
        life.calls.delete(effect.ticket);
        return;
      }
      case "drop":
        life.banned.set(effect.peer, this.#world.now + effect.forMs);
        return this.#world.plan(0, () => this.#world.disconnect(this.name, effect.peer));
      case "finding":
        this.findings.push(effect.finding);
        return;
      case "ready":
        life.ready = true;
        return;
      case "wake":
        return this.#wake(effect.at);
      default:
    }
  }

  #answer(ticket: number, answer: Uint8Array | string): void {
    this.#life.answers.get(ticket)?.(answer);
    this.#life.answers.delete(ticket);
  }

  #wake(at: number): void {
    const life = this.#life;
    if (at >= life.wakeAt) return;
    life.wakeAt = at;
    this.#world.plan(at - this.now, () => {
      if (life.wakeAt <= this.now) life.wakeAt = Number.POSITIVE_INFINITY;
      if (life === this.#life) this.#handle({ kind: "tick" });
    });
  }

  #ask({ token, to, stream, bytes, timeoutMs }: Effect & { readonly kind: "ask" }): void {
    const life = this.#life;
    this.#world.ask(this.name, to, stream, bytes, timeoutMs, (answer) => {
      if (life !== this.#life) return;
      if (typeof answer === "string") this.#handle({ kind: "failed", token, code: answer });
      else this.#handle({ kind: "answered", token, bytes: answer });
      if (life === this.#life) this.#observer.answered(this, to, stream, bytes, answer);
    });
  }

  #later(delay: number, event: Event): void {
    const life = this.#life;
    this.#world.plan(delay, () => {
      if (life === this.#life) this.#handle(event);
    });
  }
}
