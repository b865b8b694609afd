import { onlyOwnLine } from "../feed/index.ts";
import { PASSED_HEADS_PER_SECOND } from "../limits.ts";
import { writeFeedUpdate } from "../wire/index.ts";
import { Budget } from "./budget.ts";
import type { Context } from "./context.ts";
import type { FeedState } from "./feed-state.ts";

/**
 * What one peer pulled across a healed partition its neighbours may not know: such a head is gossiped alone. All who pull it make the same
 * octets, so that it goes through the mesh once.
 */
export class Passing {
  readonly #ctx: Context;
  readonly #budget = new Budget(PASSED_HEADS_PER_SECOND, 4 * PASSED_HEADS_PER_SECOND);

  constructor(ctx: Context) {
    this.#ctx = ctx;
  }

  /** Gossips the feed's head if all of its entries are held. */
  on({ proven, head, stored }: FeedState): void {
    const { turn } = this.#ctx;
    if (proven === null || proven !== head || !this.#budget.take(1, turn.steady)) return;
    const update = { checkpoint: onlyOwnLine(proven), from: proven.size, frontier: stored.hashes, tail: [] };
    turn.emit({ kind: "gossip", topic: "feeds", bytes: writeFeedUpdate(update) });
  }
}
