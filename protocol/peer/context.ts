import type { Attestation } from "../attestation/index.ts";
import type { Endings } from "./endings.ts";
import type { Feeds } from "./feeds.ts";
import type { Pace } from "./pace.ts";
import type { Peers } from "./peers.ts";
import type { Seen } from "./seen.ts";
import type { Turn } from "./turn.ts";
import type { EngineConfig } from "./types.ts";

/** What every part of the engine works with. */
export interface Context {
  readonly config: EngineConfig;
  readonly turn: Turn;
  /** 0 ≤ number < 1; the driver's, seeded in tests. */
  readonly rng: () => number;
  readonly feeds: Feeds;
  readonly peers: Peers;
  readonly counters: Counters;
  readonly pace: Pace;
  readonly endings: Endings;
  /** Targets, by hex, whose names are about to be deleted with the last claim here: who claims one meanwhile takes it out (indexer.ts). */
  readonly leaving: Set<string>;
  /** The newest entries that were parsed, by feed number and index: their records come a moment later. */
  readonly recent: Seen<Attestation>;
}

/** Counts by code, for status and metrics. Codes are ours, so there are few. */
export class Counters {
  readonly #counts = new Map<string, number>();

  add(name: string, by: number = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + by);
  }

  all(): ReadonlyMap<string, number> {
    return new Map(this.#counts);
  }
}
