/** The own feed's hourly time line (RULES R10): when it is due, and how it is signed. */
import { cosignatureMessage, headBody, verifyCheckpoint, withOwnTime } from "../feed/index.ts";
import type { SignedHead } from "../feed/index.ts";
import { STALE_FEED_MS, TIME_LINE_MS, TIME_LINE_OF_NEW_HEAD_MS } from "../limits.ts";
import type { Context } from "./context.ts";
import type { FeedState } from "./feed-state.ts";
import { isTimedAhead } from "./time-ahead.ts";

export class OwnTime {
  /** Since when, in this life of the peer, the newest own line is ahead of the clock; null while it is not. */
  #aheadSince: number | null = null;
  #signing = false;

  /** Signs a line for the head where one is due, one at a time. */
  keep(ctx: Context, feed: FeedState, head: SignedHead, signed: (timed: SignedHead) => void): void {
    if (this.#signing || !this.#isDue(ctx, feed, head)) return;
    this.#signing = true;
    const seconds = Math.floor(ctx.turn.now / 1_000);
    ctx.turn.sign(
      cosignatureMessage(seconds, headBody(head)),
      (signature) => {
        this.#signing = false;
        signed(verifyCheckpoint(withOwnTime(head, seconds, signature), ctx.config.network));
      },
      () => {
        this.#signing = false;
        ctx.counters.add("sign-failed");
      },
    );
  }

  #isDue(ctx: Context, feed: FeedState, head: SignedHead): boolean {
    const { now } = ctx.turn;
    if (isTimedAhead(feed.timed, now)) return this.#mayGoBack(ctx);
    this.#aheadSince = null;
    const age = now - 1_000 * (feed.timed?.time ?? 0);
    return age >= (feed.timed?.size === head.size ? TIME_LINE_MS : TIME_LINE_OF_NEW_HEAD_MS);
  }

  /**
   * Either the clock was ahead when that line was signed, or it is behind now. In the first case an earlier line is due: everybody ignores the
   * one ahead, and nothing is counted by it. In the second an earlier line under a larger head would look to all followers as if the key had
   * rolled its feed back, and would be of no use to them. So a clock that is behind has some hours to be put right, by whose end the feed is
   * stale to others in either case; and as long as keys that are followed sign times ahead of it too, the clock is not believed.
   */
  #mayGoBack({ turn: { now }, feeds }: Context): boolean {
    this.#aheadSince = Math.min(this.#aheadSince ?? now, now);
    let since = this.#aheadSince;
    for (const feed of feeds.all())
      if (feed.class === "followed") since = Math.max(since, Math.min(feed.aheadAt, now));
    return now - since >= STALE_FEED_MS;
  }
}
