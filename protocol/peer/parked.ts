/** Targets that wait until a feed may spend more on slow checks (slow-checks.ts): each is looked at again, and none is lost. */
import { toHex } from "../bytes/index.ts";
import { MAX_PARKED_TARGETS } from "../limits.ts";
import type { FeedState } from "./feed-state.ts";

interface Waiting {
  readonly target: Uint8Array;
  /** Slow checks that it takes of this feed. */
  readonly cost: number;
}

export class Parked {
  readonly #tokens: (feed: FeedState) => number;
  /** By feed, and by the target in hex: the oldest first. */
  readonly #waiting = new Map<FeedState, Map<string, Waiting>>();

  /** `tokens` says what a feed may spend now. */
  constructor(tokens: (feed: FeedState) => number) {
    this.#tokens = tokens;
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /** So many wait for the feed that no more of it is to be taken in for now. */
  isFull(feed: FeedState): boolean {
    return (this.#waiting.get(feed)?.size ?? 0) >= MAX_PARKED_TARGETS;
  }

  park(feed: FeedState, target: Uint8Array, cost: number): void {
    const targets = this.#waiting.get(feed) ?? new Map<string, Waiting>();
    this.#waiting.set(feed, targets.set(toHex(target), { target, cost }));
  }

  /** Takes out the targets whose feeds can pay for them now. */
  due(): readonly Uint8Array[] {
    const due: Uint8Array[] = [];
    for (const [feed, targets] of this.#waiting) {
      let left = feed.gone ? 0 : this.#tokens(feed);
      for (const [name, { target, cost }] of targets) {
        if (left <= 0) break;
        left -= cost;
        targets.delete(name);
        due.push(target);
      }
      if (feed.gone || targets.size === 0) this.#waiting.delete(feed);
    }
    return due;
  }
}
