/** How far synchronisation is: what is missing, how fast it comes, how long that will take. */
import { PACE_STEP_MS, PACE_WINDOW_MS } from "../limits.ts";
import type { FeedState } from "./feed-state.ts";
import type { Feeds } from "./feeds.ts";
import type { SyncView } from "./sync-view.ts";
import type { Turn } from "./turn.ts";

interface Mark {
  readonly at: number;
  /** Entries stored until then. */
  readonly total: number;
}

export class Pace {
  readonly #feeds: Feeds;
  readonly #turn: Turn;
  #total = 0;
  /** One a second, the last seconds' alone. */
  #marks: readonly Mark[] = [];

  constructor(feeds: Feeds, turn: Turn) {
    this.#feeds = feeds;
    this.#turn = turn;
  }

  /** Entries of others' feeds from index `from` on are in the store. */
  stored(feed: FeedState, from: number): void {
    if (feed.class === "own") return;
    this.tick();
    this.#total += feed.held - from;
  }

  /** To be called every second: an hour without entries is not to be reckoned among the seconds of the next sync. */
  tick(): void {
    const { now } = this.#turn;
    const last = this.#marks.at(-1);
    if (last !== undefined && now >= last.at && now < last.at + PACE_STEP_MS) return;
    // A clock that was set back makes marks of the future: they go.
    const kept = this.#marks.filter(({ at }) => at <= now && at >= now - PACE_WINDOW_MS);
    this.#marks = [...kept, { at: now, total: this.#total }];
  }

  view(): SyncView {
    let [feeds, missing] = [0, 0];
    for (const feed of this.#feeds.all()) {
      const count = missingOf(feed);
      missing += count;
      if (count > 0) feeds++;
    }
    const rate = this.#rate();
    const seconds = missing === 0 ? 0 : rate > 0 ? Math.ceil(missing / rate) : null;
    return { feeds, missing, rate, seconds };
  }

  #rate(): number {
    const { now } = this.#turn;
    const first = this.#marks.find(({ at }) => at <= now && at >= now - PACE_WINDOW_MS);
    if (first === undefined) return 0;
    // Less than a step tells of one page, not of a pace.
    return Math.round((1_000 * (this.#total - first.total)) / Math.max(PACE_STEP_MS, now - first.at));
  }
}

function missingOf(feed: FeedState): number {
  if (feed.class === "own" || feed.forked || feed.withheld || feed.isFull || feed.isOversized) return 0;
  const size = Math.max(feed.head?.size ?? 0, ...feed.unresolved.map((head) => head.size));
  return Math.max(0, size - feed.held);
}
