/** What a witness cosigns without being asked: the newest head whose entries are all held, of each feed that is followed here. */
import { equalBytes } from "../bytes/index.ts";
import type { Cosigner, SignedHead } from "../feed/index.ts";
import { COSIGN_AFTER_MS, COSIGN_AGAIN_S, COSIGN_INTERVAL_S, MAX_COSIGNING } from "../limits.ts";
import type { Context } from "./context.ts";
import type { FeedState } from "./feed-state.ts";
import type { WitnessDesk } from "./witness-desk.ts";

/** ms between two looks at all feeds. */
const LOOK_MS = 1_000;

export class WitnessRounds {
  readonly #ctx: Context;
  readonly #desk: WitnessDesk;
  /** By feed number: when it was last tried, with success or without. */
  readonly #triedAt = new Map<number, number>();
  #startedAt: number | null = null;
  #lookAt = 0;
  #cosigning = 0;

  constructor(ctx: Context, desk: WitnessDesk) {
    this.#ctx = ctx;
    this.#desk = desk;
  }

  tick(): void {
    const { turn, config, feeds } = this.#ctx;
    const { witness } = config;
    if (witness === undefined) return;
    this.#startedAt ??= turn.steady;
    if (turn.steady < Math.max(this.#startedAt + COSIGN_AFTER_MS, this.#lookAt)) return;
    this.#lookAt = turn.steady + LOOK_MS;
    for (const no of this.#triedAt.keys()) if (feeds.byNo(no) === null) this.#triedAt.delete(no);
    for (const feed of feeds.all()) {
      if (this.#cosigning >= MAX_COSIGNING) return;
      const head = this.#due(feed, witness);
      if (head !== null) this.#cosign(feed, head);
    }
  }

  /** The head to be cosigned now: one larger than was told last, or the same after so long that its time is to be renewed (RULES R10). */
  #due(feed: FeedState, witness: Cosigner): SignedHead | null {
    const { now, steady } = this.#ctx.turn;
    const { proven } = feed;
    if (proven === null || feed.forked || !this.#desk.isWitnessed(feed)) return null;
    if (steady - (this.#triedAt.get(feed.no) ?? -Infinity) < 1_000 * COSIGN_INTERVAL_S) return null;
    const told = feed.cosigned.find((one) => equalBytes(one.witness.raw, witness.raw));
    if (told === undefined) return proven;
    // Times of one witness never go back: what it signed by a clock that was ahead has it wait here.
    const age = Math.floor(now / 1_000) - told.time;
    const isNews = proven.size > told.head.size && age >= COSIGN_INTERVAL_S;
    return isNews || age >= COSIGN_AGAIN_S ? proven : null;
  }

  #cosign(feed: FeedState, head: SignedHead): void {
    this.#triedAt.set(feed.no, this.#ctx.turn.steady);
    this.#cosigning++;
    this.#desk.cosign(feed, head, (result) => {
      this.#cosigning--;
      if (!result.ok) this.#ctx.counters.add(result.code);
    });
  }
}
