import type { PeerName, Stream } from "../../protocol/peer/index.ts";

/** Octets, copies and hops: what a run cost, and how far gossip went. */
export class Traffic {
  /** Octets sent of each kind, headers of the transport apart. */
  readonly octets: Map<"gossip" | Stream, number> = new Map();
  /** Messages sent of each kind. */
  readonly messages: Map<"gossip" | Stream, number> = new Map();
  /** Octets that each node sent. */
  readonly sentBy: Map<PeerName, number> = new Map();
  /** How often gossip came to a node, by how many hops it had made when it came first. */
  readonly hops: Map<number, number> = new Map();
  /** How often gossip came to a node that had it. */
  duplicates = 0;
  /** Hops after which each message, the very same octets, came to each node first. */
  readonly #reached = new WeakMap<Uint8Array, Map<PeerName, number>>();

  sent(kind: "gossip" | Stream, from: PeerName, octets: number): void {
    this.octets.set(kind, (this.octets.get(kind) ?? 0) + octets);
    this.messages.set(kind, (this.messages.get(kind) ?? 0) + 1);
    this.sentBy.set(from, (this.sentBy.get(from) ?? 0) + octets);
  }

  arrived(message: Uint8Array, from: PeerName, to: PeerName): void {
    const reached = this.#reached.get(message) ?? new Map<PeerName, number>();
    this.#reached.set(message, reached);
    if (reached.has(to)) {
      this.duplicates++;
      return;
    }
    // Whoever it never came to has made it.
    const made = (reached.get(from) ?? 0) + 1;
    if (made === 1) reached.set(from, 0);
    reached.set(to, made);
    this.hops.set(made, (this.hops.get(made) ?? 0) + 1);
  }
}
