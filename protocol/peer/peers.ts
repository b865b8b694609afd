import {
  DOMAIN_NEWS_BURST,
  DOMAIN_NEWS_PER_NEIGHBOUR,
  DROP_MS,
  EVIDENCE_PER_NEIGHBOUR,
  EXCHANGED_HEADS_BURST,
  EXCHANGED_HEADS_PER_SECOND,
  MAX_PEERS,
  RECORDS_BURST,
  RECORDS_PER_SECOND,
  SERVE_BURST_BYTES,
  SERVE_BYTES_PER_SECOND,
  UNKNOWN_HEADS_PER_NEIGHBOUR,
} from "../limits.ts";
import { Budget } from "./budget.ts";
import { drawLot } from "./lot.ts";
import type { Turn } from "./turn.ts";
import type { PeerName } from "./types.ts";

/** One peer's budgets. */
export interface PeerState {
  readonly name: PeerName;
  /** Octets that it is served. */
  readonly serving: Budget;
  /** Heads of feeds that nobody follows. */
  readonly unknownHeads: Budget;
  /** Evidence that accuses a key that somebody here minds, other evidence, and that which it says it has. */
  readonly accusations: Budget;
  readonly evidence: Budget;
  readonly fetches: Budget;
  /** News of trust domains. */
  readonly domainNews: Budget;
  /** Heads of such feeds in answers. */
  readonly exchangedHeads: Budget;
  /** Records that it stores here. */
  readonly records: Budget;
  joined: boolean;
}

/** Who is connected, and what each may still cost. */
export class Peers {
  readonly #turn: Turn;
  readonly #rng: () => number;
  readonly #self: PeerName;
  readonly #peers = new Map<PeerName, PeerState>();

  constructor(turn: Turn, rng: () => number, self: PeerName) {
    this.#turn = turn;
    this.#rng = rng;
    this.#self = self;
  }

  /** How many are connected. */
  get count(): number {
    return this.connected().length;
  }

  connected(): readonly PeerName[] {
    const names: PeerName[] = [];
    for (const peer of this.#peers.values()) if (peer.joined) names.push(peer.name);
    return names;
  }

  isConnected(name: PeerName): boolean {
    return this.#peers.get(name)?.joined === true;
  }

  join(name: PeerName): void {
    if (name !== this.#self) this.of(name).joined = true;
  }

  /** Budgets outlive the connection: hanging up and coming back must not fill them. */
  leave(name: PeerName): void {
    const peer = this.#peers.get(name);
    if (peer !== undefined) peer.joined = false;
  }

  /** The peer's budgets; a stranger gets new ones, in the place of the oldest that is gone. */
  of(name: PeerName): PeerState {
    const known = this.#peers.get(name);
    if (known !== undefined) return known;
    if (this.#peers.size >= MAX_PEERS) this.#forgetOne();
    const peer: PeerState = {
      name,
      serving: new Budget(SERVE_BYTES_PER_SECOND, SERVE_BURST_BYTES),
      unknownHeads: new Budget(UNKNOWN_HEADS_PER_NEIGHBOUR, 2 * UNKNOWN_HEADS_PER_NEIGHBOUR),
      accusations: evidenceBudget(),
      evidence: evidenceBudget(),
      fetches: evidenceBudget(),
      domainNews: new Budget(DOMAIN_NEWS_PER_NEIGHBOUR, DOMAIN_NEWS_BURST / 2),
      exchangedHeads: new Budget(EXCHANGED_HEADS_PER_SECOND, EXCHANGED_HEADS_BURST),
      records: new Budget(RECORDS_PER_SECOND, RECORDS_BURST),
      joined: false,
    };
    this.#peers.set(name, peer);
    return peer;
  }

  /** At most `count` connected peers, by lot, `first` before all others. */
  some(count: number, first: readonly PeerName[] = []): readonly PeerName[] {
    const chosen = first.filter((name) => this.isConnected(name)).slice(0, count);
    const others = this.connected().filter((name) => !chosen.includes(name));
    while (chosen.length < count && others.length > 0) {
      const name = drawLot(others, this.#rng);
      if (name !== null) chosen.push(name);
    }
    return chosen;
  }

  /** For bytes that alone show to be wrong: no peer that follows the rules sends or forwards them. */
  drop(name: PeerName, code: string): void {
    if (name === this.#self) return;
    this.#turn.emit({ kind: "drop", peer: name, code, forMs: DROP_MS });
  }

  #forgetOne(): void {
    for (const peer of this.#peers.values()) {
      if (peer.joined) continue;
      this.#peers.delete(peer.name);
      return;
    }
    const [oldest] = this.#peers.keys();
    if (oldest !== undefined) this.#peers.delete(oldest);
  }
}

function evidenceBudget(): Budget {
  return new Budget(EVIDENCE_PER_NEIGHBOUR, 2 * EVIDENCE_PER_NEIGHBOUR);
}
