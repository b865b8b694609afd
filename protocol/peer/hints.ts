/**
 * Heads that the DHT knows: hints for whoever is connected with nobody that has a followed feed (DESIGN 4.4). What comes is a head like
 * any other: its signature is checked, and it is joined to what is held or stays unresolved. Of the own feed it shows what a lost store
 * has forgotten (I1).
 */
import { concat } from "../bytes/index.ts";
import { originHash, parseOrigin, verifyCheckpoint } from "../feed/index.ts";
import type { SignedHead } from "../feed/index.ts";
import { ProtocolError } from "../errors.ts";
import { LOOKUP_TIMEOUT_MS, RECALL_AFTER_MS, RECALL_INTERVAL_MS } from "../limits.ts";
import type { Context } from "./context.ts";
import type { Forks } from "./forks.ts";
import type { Room } from "./room.ts";
import type { Sync } from "./sync.ts";
import type { Origin } from "./types.ts";

/** DHT key of a feed's head by its own key: hash of the origin ‖ key. */
export function headRecordKey(origin: Origin): Uint8Array {
  return concat(originHash(origin), parseOrigin(origin).key);
}

export class Hints {
  readonly #ctx: Context;
  readonly #room: Room;
  readonly #forks: Forks;
  readonly #sync: Sync;
  /** When the DHT was asked for a feed last. */
  readonly #askedAt = new Map<Origin, number>();
  #startedAt: number | null = null;
  #busy = false;

  constructor(ctx: Context, room: Room, forks: Forks, sync: Sync) {
    this.#ctx = ctx;
    this.#room = room;
    this.#forks = forks;
    this.#sync = sync;
  }

  /** Whether the DHT was asked for this feed, and has answered or failed. */
  hasRecalled(origin: Origin): boolean {
    return this.#askedAt.has(origin) && !this.#busy;
  }

  /** Puts the own feed's head with its time line into the DHT, under origin and key: a hint for whoever knows nobody. */
  announce({ origin, note }: SignedHead): void {
    this.#ctx.turn.emit({ kind: "announce", key: headRecordKey(origin), value: note });
  }

  /** Asks for one feed after the other, where it is time. */
  tick(): void {
    const { turn, config, peers } = this.#ctx;
    if (config.light || this.#busy || peers.count === 0) return;
    this.#startedAt ??= turn.steady;
    if (turn.steady < this.#startedAt + RECALL_AFTER_MS && config.recovers === undefined) return;
    const origin = this.#due();
    if (origin === null) return;
    this.#busy = true;
    this.#askedAt.set(origin, turn.steady);
    turn.recall(
      headRecordKey(origin),
      LOOKUP_TIMEOUT_MS,
      (value) => {
        this.#busy = false;
        if (value !== null) this.#take(origin, value);
      },
      () => {
        this.#busy = false;
      },
    );
  }

  /** The own feed, and those followed of which nobody has told for a while. */
  #due(): Origin | null {
    const { turn, feeds } = this.#ctx;
    const own = feeds.ownOrigin ?? this.#ctx.config.recovers?.origin ?? null;
    for (const origin of own === null ? feeds.followed : [own, ...feeds.followed]) {
      if (turn.steady - (this.#askedAt.get(origin) ?? -Infinity) < RECALL_INTERVAL_MS) continue;
      const feed = feeds.get(origin);
      const isHeard = feed !== null && turn.steady - feed.heardAt < RECALL_AFTER_MS;
      if (origin === own || (!isHeard && feed?.forked !== true)) return origin;
    }
    return null;
  }

  #take(origin: Origin, value: Uint8Array): void {
    try {
      const head = verifyCheckpoint(value, this.#ctx.config.network);
      const feed = head.origin === origin ? this.#room.open(origin) : null;
      if (feed === null) return;
      this.#ctx.counters.add("heads-recalled");
      this.#forks.consider(feed, head, null);
      this.#sync.kick(feed, null);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#ctx.counters.add("bad-head-record");
    }
  }
}
