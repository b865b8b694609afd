import type { Effect, Event, Range } from "../protocol/index.ts";
import type { Checker, OwnHeadFile, Page, Signer, Store, Transport } from "./edges.ts";
import { codeOf, NodeError } from "./errors.ts";
import type { Traffic } from "./traffic.ts";
import { Writer } from "./writer.ts";

/** The effects that are answered by an event. */
export type Asking = Extract<Effect, { readonly token: number }>;

export interface PerformerEdges {
  readonly store: Store;
  readonly ownHead: OwnHeadFile;
  readonly transport: Transport;
  /** Null for a peer that publishes nothing. */
  readonly signer: Signer | null;
  /** Null for a peer that is no witness. */
  readonly witness?: Signer | null;
  readonly checker: Checker;
}

/** Runs what the engine asks of the world. */
export class Performer {
  readonly #edges: PerformerEdges;
  readonly #writer: Writer;
  readonly #broke: (error: unknown) => void;
  readonly #traffic: Traffic;
  #swaps: Promise<unknown> = Promise.resolve();

  /** `broke` is told of each failure of the store or of the own-head file. */
  constructor(edges: PerformerEdges, broke: (error: unknown) => void, traffic: Traffic) {
    this.#edges = edges;
    this.#writer = new Writer(edges.store);
    this.#broke = broke;
    this.#traffic = traffic;
  }

  /** The event that answers the effect; `failed` for whatever goes wrong. Never rejects. */
  async perform(effect: Asking): Promise<Event> {
    try {
      return await this.#run(effect);
    } catch (error) {
      if (effect.kind === "store" || effect.kind === "swap" || effect.kind === "read") this.#broke(error);
      return { kind: "failed", token: effect.token, code: codeOf(error, "node/no-engine") };
    }
  }

  /** Rows, after all writes asked for so far. */
  read(range: Range): Promise<Page> {
    return this.#writer.read(range);
  }

  /** Resolves when nothing is being written. */
  async settled(): Promise<void> {
    await this.#writer.settled();
    await this.#swaps;
  }

  async #run(effect: Asking): Promise<Event> {
    const { token } = effect;
    const { transport, checker, signer } = this.#edges;
    switch (effect.kind) {
      case "store":
        return {
          kind: "stored",
          token,
          there: await this.#writer.write(effect.ops, effect.durable, effect.asks),
        };
      case "swap":
        await this.#swap(effect.old, effect.next);
        return { kind: "stored", token };
      case "read":
        return { kind: "rows", token, ...(await this.#writer.read(effect.range)) };
      case "ask": {
        const { to, stream, bytes: question, timeoutMs } = effect;
        const ended = this.#traffic.ask(stream, question.length);
        const bytes = await transport.ask(to, stream, question, timeoutMs).catch((error: unknown) => {
          ended(0);
          throw error;
        });
        ended(bytes.length);
        return { kind: "answered", token, bytes };
      }
      case "lookup":
        return { kind: "closest", token, peers: await transport.lookup(effect.key, effect.timeoutMs) };
      case "region":
        return { kind: "region", token, peers: await transport.region(effect.key, effect.timeoutMs) };
      case "recall":
        return { kind: "recalled", token, value: await transport.recall(effect.key, effect.timeoutMs) };
      case "provide":
        return { kind: "provided", token, peers: await transport.provide(effect.key, effect.timeoutMs) };
      case "providers":
        return { kind: "named", token, peers: await transport.providers(effect.key, effect.timeoutMs) };
      case "call":
        await transport.call(effect.peer, effect.timeoutMs);
        return { kind: "called", token };
      case "near":
        return { kind: "near", token, near: transport.near(effect.keys) };
      case "check":
        return { kind: "checked", token, good: await checker.check(effect.items) };
      case "sign":
        if (effect.by === "witness") return { kind: "signed", token, signature: this.#cosign(effect.bytes) };
        if (signer === null)
          throw new NodeError(
            "data/bad-key",
            "this peer has no feed key to sign with: start a full node with --publish-key",
          );
        return { kind: "signed", token, signature: signer.sign(effect.bytes) };
    }
  }

  #cosign(bytes: Uint8Array): Uint8Array {
    const witness = this.#edges.witness ?? null;
    if (witness === null)
      throw new NodeError("data/bad-key", "this peer has no witness key: start it with --witness-key");
    return witness.sign(bytes);
  }

  async #swap(old: Uint8Array | null, next: Uint8Array): Promise<void> {
    const swapped = this.#swaps.then(() => this.#edges.ownHead.swap(old, next));
    this.#swaps = swapped.catch(() => {});
    if (!(await swapped)) {
      throw new NodeError(
        "own-head/changed",
        "the own-head file is not what this node wrote last: another process writes the same feed; stop one of them",
      );
    }
  }
}
