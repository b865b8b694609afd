import {
  concat,
  DRIVER_SLICE_MS,
  MAX_CLOSE_MS,
  MAX_QUEUED_BYTES,
  MAX_QUEUED_EVENTS,
  MAX_TICK_MS,
  octetsIn,
} from "../protocol/index.ts";
import type {
  Command,
  CommandResult,
  DomainHint,
  Effect,
  Engine,
  Event,
  Finding,
  Range,
  Stream,
} from "../protocol/index.ts";
import type { Clock, Page, TransportListener } from "./edges.ts";
import { NodeError } from "./errors.ts";
import type { Log } from "./log.ts";
import { Performer } from "./performer.ts";
import type { PerformerEdges } from "./performer.ts";
import { Tickets } from "./tickets.ts";
import { Traffic } from "./traffic.ts";

export interface DriverEdges extends PerformerEdges {
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * The only caller of an engine. Events wait in one queue and are handled one after the other; the effects of each are
 * started at once, and what comes of them are events again. Tickets are promises of ours, tokens are the engine's.
 */
export class Driver {
  readonly #engine: Engine;
  readonly #edges: DriverEdges;
  readonly #performer: Performer;
  readonly #tickets = new Tickets();
  readonly traffic: Traffic = new Traffic();
  readonly #watchers = new Set<(finding: Finding) => void>();
  /** Told of news of trust domains. */
  hinted: (hint: DomainHint) => void = () => undefined;
  readonly #ready = Promise.withResolvers<void>();
  readonly #queue: Event[] = [];
  #queuedBytes = 0;
  #draining = false;
  #cancelWake: (() => void) | null = null;
  #wakeAt = 0;
  readonly #broken = Promise.withResolvers<NodeError>();
  #trouble: NodeError | null = null;
  #state: "open" | "closing" | "closed" = "open";

  /** What the transport reports goes here. */
  readonly listener: TransportListener = {
    joined: (peer) => this.#push({ kind: "joined", peer }),
    left: (peer) => this.#push({ kind: "left", peer }),
    gossip: (topic, from, bytes) => {
      // What is left out here comes by anti-entropy.
      if (this.#full()) return Promise.resolve("ignore");
      return this.#tickets.judgement((ticket) => this.#push({ kind: "gossip", topic, from, bytes, ticket }));
    },
    asked: async (stream, from, bytes) => {
      const answer = this.#ask(stream, from, bytes);
      const octets = await answer.then(octetsIn).catch(() => 0);
      this.traffic.count("others", stream, bytes.length, octets);
      return answer;
    },
  };

  constructor(engine: Engine, edges: DriverEdges) {
    this.#engine = engine;
    this.#edges = edges;
    this.#performer = new Performer(edges, (error) => this.#broke(error), this.traffic);
  }

  /** Resolves when the store or the own-head file has failed: only what opens them anew knows again what they hold. */
  get broken(): Promise<NodeError> {
    return this.#broken.promise;
  }

  /** What has failed, or null. */
  get trouble(): NodeError | null {
    return this.#trouble;
  }

  /** Hands the engine its own head; resolves when it has loaded the store and serves. */
  async open(): Promise<void> {
    const { ownHead } = this.#edges;
    const own = await ownHead.read();
    this.#push({ kind: "opened", own, moved: await ownHead.moved() });
    this.#wake(this.#edges.clock.now() + MAX_TICK_MS);
    await this.#ready.promise;
  }

  /** Runs a command of somebody on this machine. Rejects only with `node/busy`, `node/closed`. */
  async command(command: Command): Promise<CommandResult> {
    this.#assertFree();
    return this.#tickets.result((ticket) => this.#push({ kind: "local", command, ticket }));
  }

  /** Puts a question of somebody on this machine to the engine; rejects with the code that the asker is to be told. */
  async ask(stream: Stream, from: string, bytes: Uint8Array): Promise<Uint8Array> {
    return concat(...(await this.#ask(stream, from, bytes)));
  }

  /** Rows, after all writes that the engine has asked for. */
  read(range: Range): Promise<Page> {
    return this.#performer.read(range);
  }

  /** Tells of each finding when it is found; the returned function ends that. */
  watch(tell: (finding: Finding) => void): () => void {
    this.#watchers.add(tell);
    return () => void this.#watchers.delete(tell);
  }

  /** Takes nothing new, lets what was taken be done and written for at most MAX_CLOSE_MS, and stops. */
  async close(): Promise<void> {
    this.#state = "closing";
    const late = Promise.withResolvers<void>();
    const cancel = this.#edges.clock.at(this.#edges.clock.now() + MAX_CLOSE_MS, () => late.resolve());
    await Promise.race([this.#tickets.commandsDone(), late.promise]);
    this.#state = "closed";
    this.#cancelWake?.();
    this.#queue.length = 0;
    this.#tickets.close();
    await Promise.race([this.#performer.settled(), late.promise]);
    cancel();
  }

  /** The parts of the answer to a question. */
  async #ask(stream: Stream, from: string, bytes: Uint8Array): Promise<readonly Uint8Array[]> {
    this.#assertFree();
    return this.#tickets.answer((ticket) => this.#push({ kind: "asked", stream, from, bytes, ticket }));
  }

  #full(): boolean {
    return (
      this.#state !== "open" ||
      this.#queue.length >= MAX_QUEUED_EVENTS ||
      this.#queuedBytes >= MAX_QUEUED_BYTES
    );
  }

  #assertFree(): void {
    if (this.#state !== "open")
      throw new NodeError("node/closed", "the node is stopping; ask again when it has started anew");
    if (this.#full())
      throw new NodeError("node/busy", "the node has more to do than it takes on; ask again later");
  }

  #push(event: Event): void {
    if (this.#state === "closed") return;
    this.#queue.push(event);
    this.#queuedBytes += weightOf(event);
    if (!this.#draining) this.#drain();
  }

  /** Works on the queue for a slice; sockets and timers have their turn before the next one, whichever way the clock is turned. */
  #drain(): void {
    this.#draining = true;
    const { clock } = this.#edges;
    const from = clock.now();
    for (let event = this.#queue.shift(); event !== undefined; event = this.#queue.shift()) {
      this.#queuedBytes -= weightOf(event);
      this.#handle(event);
      if (Math.abs(clock.now() - from) >= DRIVER_SLICE_MS && this.#queue.length > 0) {
        setImmediate(() => this.#drain());
        return;
      }
    }
    this.#draining = false;
  }

  #handle(event: Event): void {
    let effects: readonly Effect[];
    try {
      effects = this.#engine.handle(event, this.#edges.clock.now());
    } catch (error) {
      this.#edges.log.error(
        { event: "engine-failed", code: "internal/impossible", handled: event.kind, error: String(error) },
        "the engine failed; please report this",
      );
      this.#giveUp(event, error);
      return;
    }
    for (const effect of effects) this.#start(effect);
  }

  /** An exception is our bug: nobody else pays for it (RULES R6). */
  #giveUp(event: Event, error: unknown): void {
    switch (event.kind) {
      case "gossip":
        return this.#tickets.judge(event.ticket, "ignore");
      case "asked":
        return this.#tickets.refuse(event.ticket, "internal/impossible");
      case "local":
        return this.#tickets.done(event.ticket, {
          ok: false,
          code: "internal/impossible",
          message: String(error),
        });
      case "opened": {
        const why = `the engine cannot load the store: ${String(error)}`;
        return this.#ready.reject(new NodeError("node/no-engine", why, { cause: error }));
      }
      default:
    }
  }

  #start(effect: Effect): void {
    const { transport, log } = this.#edges;
    switch (effect.kind) {
      case "verdict":
        if (effect.verdict === "reject")
          log.debug({ event: "gossip-rejected", code: effect.code }, "rejected gossip");
        return this.#tickets.judge(effect.ticket, effect.verdict);
      case "reply":
        return this.#tickets.reply(effect.ticket, effect.parts);
      case "refuse":
        return this.#tickets.refuse(effect.ticket, effect.code);
      case "done":
        return this.#tickets.done(effect.ticket, effect.result);
      case "gossip":
        return transport.gossip(effect.topic, effect.bytes);
      case "announce":
        return transport.announce(effect.key, effect.value);
      case "drop":
        log.info(
          { event: "peer-dropped", peer: effect.peer, code: effect.code, forMs: effect.forMs },
          "hung up on a peer",
        );
        return transport.drop(effect.peer, effect.forMs);
      case "finding":
        for (const tell of this.#watchers) tell(effect.finding);
        return;
      case "hinted":
        return this.hinted(effect);
      case "ready":
        return this.#ready.resolve();
      case "wake":
        return this.#wake(effect.at);
      default:
        void this.#performer.perform(effect).then((event) => this.#answered(effect, event));
    }
  }

  #answered(effect: Effect, event: Event): void {
    if (event.kind === "failed") {
      this.#edges.log.debug(
        { event: "effect-failed", effect: effect.kind, code: event.code },
        "an effect failed",
      );
      // No peer opens on a store that cannot be read; once it is open, this changes nothing.
      if (effect.kind === "read")
        this.#ready.reject(
          new NodeError(
            "store/failed",
            `the store cannot be read (${event.code}): see to the disk, or choose another --data`,
          ),
        );
    }
    this.#push(event);
  }

  #broke(error: unknown): void {
    if (this.#trouble !== null || this.#state === "closed") return;
    const trouble =
      error instanceof NodeError ? error : new NodeError("store/failed", String(error), { cause: error });
    this.#trouble = trouble;
    const { code, message } = trouble;
    this.#edges.log.error(
      { event: "data-failed", code, error: message },
      "cannot read or write: nothing is signed or stored any more",
    );
    this.#broken.resolve(trouble);
  }

  #wake(at: number): void {
    const { clock } = this.#edges;
    const now = clock.now();
    const wanted = Math.min(Math.max(at, now), now + MAX_TICK_MS);
    if (this.#state === "closed" || (this.#cancelWake !== null && this.#wakeAt <= wanted)) return;
    this.#cancelWake?.();
    this.#wakeAt = wanted;
    this.#cancelWake = clock.at(wanted, () => {
      this.#cancelWake = null;
      this.#push({ kind: "tick" });
      this.#wake(clock.now() + MAX_TICK_MS);
    });
  }
}

function weightOf(event: Event): number {
  return event.kind === "gossip" || event.kind === "asked" ? event.bytes.length : 0;
}
