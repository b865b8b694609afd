import { sha256Hex } from "../../protocol/crypto/index.ts";
import type { PeerName, Topic } from "../../protocol/peer/index.ts";
import type { World } from "./world.ts";

/** For so long at least gossipsub knows what it has seen. */
const SEEN_MS = 120_000;

/** Names of messages, which nobody changes: each is hashed once, however many nodes it comes to. */
const ids = new WeakMap<Uint8Array, string>();

/** What gossipsub does for one node: every message once, by its content; to all neighbours but who sent it. */
export class Router {
  readonly #world: World;
  readonly #name: PeerName;
  /** Messages of the last SEEN_MS, and those of as long before. */
  #seen = new Set<string>();
  #before = new Set<string>();
  #turned = 0;

  constructor(world: World, name: PeerName) {
    this.#world = world;
    this.#name = name;
  }

  /** Whether this message comes for the first time. */
  isNew(bytes: Uint8Array): boolean {
    const id = ids.get(bytes) ?? sha256Hex(bytes);
    ids.set(bytes, id);
    this.#forget();
    if (this.#seen.has(id) || this.#before.has(id)) return false;
    this.#seen.add(id);
    return true;
  }

  #forget(): void {
    if (this.#world.now < this.#turned + SEEN_MS) return;
    this.#before = this.#seen;
    this.#seen = new Set();
    this.#turned = this.#world.now;
  }

  publish(topic: Topic, bytes: Uint8Array): void {
    if (this.isNew(bytes)) this.forward(topic, bytes, this.#name);
  }

  forward(topic: Topic, bytes: Uint8Array, from: PeerName): void {
    for (const peer of this.#world.network.neighbours(this.#name)) {
      if (peer !== from) this.#world.send(this.#name, peer, topic, bytes);
    }
  }
}
