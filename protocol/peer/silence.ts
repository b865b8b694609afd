/** Followed feeds from which nothing was heard for long: an observation of this peer, told once for each silence. */
import { SILENT_MS } from "../limits.ts";
import type { Context } from "./context.ts";
import type { Findings } from "./findings.ts";

export class Silence {
  readonly #ctx: Context;
  readonly #findings: Findings;
  /** By feed number: the time since which a silence was told of. */
  readonly #told = new Map<number, number>();
  #startedAt: number | null = null;

  constructor(ctx: Context, findings: Findings) {
    this.#ctx = ctx;
    this.#findings = findings;
  }

  /** A silence while this node was off is not counted. */
  tick(): void {
    const { now } = this.#ctx.turn;
    this.#startedAt ??= now;
    if (now - this.#startedAt < SILENT_MS) return;
    for (const feed of this.#ctx.feeds.all()) {
      if (feed.class !== "followed" || feed.forked || now - feed.heardAt < SILENT_MS) continue;
      if (this.#told.get(feed.no) === feed.heardAt) continue;
      this.#told.set(feed.no, feed.heardAt);
      this.#findings.observe("silent", feed, feed.heardAt);
    }
  }
}
