import { publicFromSeed, signDomain, verifyEd25519 } from "../../protocol/crypto/index.ts";
import type {
  Command,
  CommandResult,
  Effect,
  Engine,
  EngineConfig,
  Event,
  Finding,
  PeerName,
  Stream,
  Topic,
} from "../../protocol/peer/index.ts";
import { createEngine } from "../../protocol/peer/index.ts";
import { Disk } from "./disk.ts";
import { Router } from "./router.ts";
import type { Answered, SimNode, World } from "./world.ts";

/** The driver's promise: a tick at the latest so often, in ms. */
const TICK = 1_000;
/** What a stream carries at most. */
const MAX_ANSWER = 1024 * 1024;

/** What is told of every honest peer, before it takes effect. */
export interface Observer {
  effect(peer: EnginePeer, effect: Effect): void;
}

export interface Call {
  result: CommandResult | null;
}

/** An honest peer: the engine, a nasty disk and the simulated network. Its crash loses all but the disk and the own-head file. */
export class EnginePeer implements SimNode {
  readonly name: PeerName;
  readonly #world: World;
  readonly #observer: Observer;
  readonly #seed: Uint8Array | null;
  readonly #config: EngineConfig;
  readonly findings: Finding[] = [];
  readonly disk: Disk;
  #engine: Engine | null = null;
  #ready = false;
  #life = 0;
  #ticket = 0;
  #wakeAt = Number.POSITIVE_INFINITY;
  #router: Router;
  #banned = new Map<PeerName, number>();
  #calls = new Map<number, Call>();
  #answers = new Map<number, Answered>();
  #gossips = new Map<
    number,
    { readonly topic: Topic; readonly bytes: Uint8Array; readonly from: PeerName }
  >();
  #outstanding = 0;

  constructor(
    world: World,
    observer: Observer,
    seed: Uint8Array | null,
    config: Omit<EngineConfig, "feedKey">,
  ) {
    this.name = config.self;
    this.#world = world;
    this.#observer = observer;
    this.#seed = seed;
    this.#config = { ...config, feedKey: seed === null ? null : publicFromSeed(seed) };
    this.disk = new Disk(world, () => this.crash());
    this.#router = new Router(world, this.name);
    world.add(this);
  }

  get up(): boolean {
    return this.#engine !== null;
  }

  get ready(): boolean {
    return this.#ready;
  }

  get server(): boolean {
    return !this.#config.light;
  }

  get feedKey(): Uint8Array | null {
    return this.#config.feedKey;
  }

  /** Effects that wait for an answer. */
  get outstanding(): number {
    return this.#outstanding;
  }

  start(first: boolean = this.#config.first): void {
    if (this.up) return;
    const random = this.#world.random.fork();
    this.#engine = createEngine({ ...this.#config, first }, () => random.next());
    this.#handle({ kind: "opened", own: this.disk.ownHead });
    this.#tick(this.#life);
  }

  /** Loses power: what the disk had not promised may be gone, and nobody says goodbye. */
  crash(): void {
    this.#stop();
    this.disk.crash();
  }

  #stop(): void {
    this.#life++;
    this.#engine = null;
    this.#ready = false;
    this.#wakeAt = Number.POSITIVE_INFINITY;
    this.#outstanding = 0;
    this.#router = new Router(this.#world, this.name);
    this.#banned = new Map();
    this.#calls = new Map();
    this.#answers = new Map();
    this.#gossips = new Map();
    for (const peer of this.#world.network.neighbours(this.name)) this.#world.disconnect(this.name, peer);
  }

  command(command: Command): Call {
    const call: Call = { result: null };
    const ticket = this.#ticket++;
    this.#calls.set(ticket, call);
    this.#handle({ kind: "local", command, ticket });
    return call;
  }

  joined(peer: PeerName): void {
    if ((this.#banned.get(peer) ?? 0) > this.#world.now) {
      this.#world.plan(0, () => this.#world.disconnect(this.name, peer));
      return;
    }
    this.#handle({ kind: "joined", peer });
  }

  left(peer: PeerName): void {
    this.#handle({ kind: "left", peer });
  }

  gossiped(topic: Topic, bytes: Uint8Array, from: PeerName): void {
    if (!this.#router.isNew(bytes)) return;
    const ticket = this.#ticket++;
    this.#gossips.set(ticket, { topic, bytes, from });
    this.#handle({ kind: "gossip", topic, from, bytes, ticket });
  }

  asked(stream: Stream, bytes: Uint8Array, from: PeerName, answered: Answered): void {
    if ((this.#banned.get(from) ?? 0) > this.#world.now) {
      answered("transport/refused");
      return;
    }
    const ticket = this.#ticket++;
    this.#answers.set(ticket, answered);
    this.#handle({ kind: "asked", stream, from, bytes, ticket });
  }

  #tick(life: number): void {
    if (life !== this.#life) return;
    this.#handle({ kind: "tick" });
    this.#world.plan(TICK, () => this.#tick(life));
  }

  #handle(event: Event): void {
    if (this.#engine === null) return;
    if ("token" in event) this.#outstanding--;
    const life = this.#life;
    const effects = this.#engine.handle(event, this.#world.now);
    for (const effect of effects) {
      // A crash in the midst of the effects: the rest never happens.
      if (life !== this.#life) return;
      this.#world.note(`${this.#world.elapsed} ${this.name} ${effect.kind}`);
      this.#observer.effect(this, effect);
      this.#perform(effect);
    }
  }

  #perform(effect: Effect): void {
    if ("token" in effect) this.#outstanding++;
    switch (effect.kind) {
      case "store":
        return this.disk.write(effect.ops, effect.durable, () =>
          this.#handle({ kind: "stored", token: effect.token }),
        );
      case "swap":
        return this.disk.swap(effect.old, effect.next, (swapped) =>
          this.#handle(
            swapped
              ? { kind: "stored", token: effect.token }
              : { kind: "failed", token: effect.token, code: "own-head/changed" },
          ),
        );
      case "sign": {
        const signature = signDomain(this.#seed ?? new Uint8Array(32), effect.bytes);
        const signed = (): void => this.#handle({ kind: "signed", token: effect.token, signature });
        return this.disk.step(1, () => undefined, signed);
      }
      case "read":
        return this.disk.read(effect.range, (page) =>
          this.#handle({ kind: "rows", token: effect.token, ...page }),
        );
      case "check":
        return this.#later(1, () => ({
          kind: "checked",
          token: effect.token,
          good: effect.items.map(
            ({ key, message, signature }) =>
              key.type === "ed25519" && verifyEd25519(key.raw, message, signature),
          ),
        }));
      case "ask":
        return this.#ask(effect);
      case "lookup":
        return this.#later(30 + this.#world.random.below(200), () => ({
          kind: "closest",
          token: effect.token,
          peers: this.#world.closest(this.name, effect.key),
        }));
      default:
        return this.#tell(effect);
    }
  }

  /** Effects that nothing comes of. */
  #tell(effect: Effect): void {
    switch (effect.kind) {
      case "verdict": {
        const message = this.#gossips.get(effect.ticket);
        this.#gossips.delete(effect.ticket);
        if (message !== undefined && effect.verdict === "accept")
          this.#router.forward(message.topic, message.bytes, message.from);
        return;
      }
      case "gossip":
        return this.#router.publish(effect.topic, effect.bytes);
      case "reply":
        if (effect.bytes.length > MAX_ANSWER)
          throw new Error(`${this.name} answers ${effect.bytes.length} octets`);
        return this.#answer(effect.ticket, effect.bytes);
      case "refuse":
        return this.#answer(effect.ticket, effect.code);
      case "done": {
        const call = this.#calls.get(effect.ticket);
        if (call !== undefined) call.result = effect.result;
        this.#calls.delete(effect.ticket);
        return;
      }
      case "drop":
        this.#banned.set(effect.peer, this.#world.now + effect.forMs);
        return this.#world.plan(0, () => this.#world.disconnect(this.name, effect.peer));
      case "finding":
        this.findings.push(effect.finding);
        return;
      case "ready":
        this.#ready = true;
        return;
      case "wake":
        return this.#wake(effect.at);
      default:
    }
  }

  #answer(ticket: number, answer: Uint8Array | string): void {
    this.#answers.get(ticket)?.(answer);
    this.#answers.delete(ticket);
  }

  #wake(at: number): void {
    if (at >= this.#wakeAt) return;
    this.#wakeAt = at;
    const life = this.#life;
    this.#world.plan(at - this.#world.now, () => {
      if (life !== this.#life) return;
      if (this.#wakeAt <= this.#world.now) this.#wakeAt = Number.POSITIVE_INFINITY;
      this.#handle({ kind: "tick" });
    });
  }

  #ask(effect: Effect & { readonly kind: "ask" }): void {
    const life = this.#life;
    this.#world.ask(this.name, effect.to, effect.stream, effect.bytes, effect.timeoutMs, (answer) => {
      if (life !== this.#life) return;
      this.#handle(
        typeof answer === "string"
          ? { kind: "failed", token: effect.token, code: answer }
          : { kind: "answered", token: effect.token, bytes: answer },
      );
    });
  }

  #later(delay: number, run: () => Event): void {
    const life = this.#life;
    this.#world.plan(delay, () => {
      if (life === this.#life) this.#handle(run());
    });
  }
}
