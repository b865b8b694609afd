/**
 * Followed feeds from which nothing was heard for long (`silent`), and those that others show while their key says nothing of them any more (`stale`,
 * RULES R10): observations of this peer, each told once until it is over.
 */
import { ABSENT_MS, SILENT_MS, STALE_SHOWN_MS } from "../limits.ts";
import type { Context } from "./context.ts";
import type { FeedState } from "./feed-state.ts";
import { lifecycleHere } from "./feed-view.ts";
import type { Findings } from "./findings.ts";

export class Silence {
  readonly #ctx: Context;
  readonly #findings: Findings;
  /** By feed number: the time since which a silence was told of. */
  readonly #told = new Map<number, number>();
  /** By feed number: since when the feed was seen to be stale, and whether that was told of. */
  readonly #stale = new Map<number, { readonly since: number; told: boolean }>();
  #startedAt: number | null = null;
  #lookedAt = 0;

  constructor(ctx: Context, findings: Findings) {
    this.#ctx = ctx;
    this.#findings = findings;
  }

  /** A silence while this node was off, or slept, is not counted. */
  tick(): void {
    const { steady } = this.#ctx.turn;
    if (this.#startedAt === null || steady - this.#lookedAt >= ABSENT_MS) this.#startedAt = steady;
    this.#lookedAt = steady;
    const isLong = steady - this.#startedAt >= SILENT_MS;
    for (const feed of this.#ctx.feeds.all()) {
      if (feed.class !== "followed" || feed.forked) continue;
      if (isLong) this.#mindSilence(feed);
      this.#mindAge(feed);
    }
  }

  #mindSilence(feed: FeedState): void {
    if (this.#ctx.turn.steady - feed.heardAt < SILENT_MS || this.#told.get(feed.no) === feed.heardAt) return;
    this.#told.set(feed.no, feed.heardAt);
    this.#findings.observe("silent", [feed.key], `${feed.heardAt}`);
  }

  /** Whoever shows it has had time to bring a newer line: one that only lags, or a node that was off itself, makes nothing stale. */
  #mindAge(feed: FeedState): void {
    const { steady } = this.#ctx.turn;
    if (feed.head === null || lifecycleHere(this.#ctx, feed) !== "stale") {
      this.#stale.delete(feed.no);
      return;
    }
    const episode = this.#stale.get(feed.no) ?? { since: steady, told: false };
    this.#stale.set(feed.no, episode);
    if (episode.told || feed.heardAt < episode.since + STALE_SHOWN_MS) return;
    episode.told = true;
    this.#findings.observe("stale", [feed.key], `${feed.timed?.time ?? "no time"}`);
  }
}
