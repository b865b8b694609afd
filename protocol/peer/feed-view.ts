import { entriesAfter, lifecycleOf } from "../lifecycle/index.ts";
import type { Lifecycle } from "../lifecycle/index.ts";
import type { Context } from "./context.ts";
import type { FeedState } from "./feed-state.ts";
import type { FeedView } from "./types.ts";

/** What people are told of a feed; null before anything of it is held. */
export function feedView(ctx: Context, feed: FeedState): FeedView | null {
  const view = feed.view();
  if (view === null) return null;
  const ending = ctx.endings.of(feed.origin);
  const lifecycle = lifecycleHere(ctx, feed);
  const told = ending === null ? null : { ...ending, after: entriesAfter(ending, view.size) };
  return { ...view, lifecycle, ending: told };
}

/**
 * What became of a feed. The own one is never stale here: this node is who would say that it goes on. One that has shown no time yet has as long for
 * it, from when it was met, as one that has.
 */
export function lifecycleHere({ endings, turn }: Context, feed: FeedState): Lifecycle {
  const { timed, since, forked } = feed;
  const { now } = turn;
  const metAt = feed.metAt === null ? null : turn.wallOf(feed.metAt);
  const time = feed.class === "own" ? now : timed === null ? metAt : ms(timed.time);
  return lifecycleOf({ forked, ending: endings.of(feed.origin), time, since: ms(since) }, now);
}

function ms(seconds: number | null | undefined): number | null {
  return seconds === null || seconds === undefined ? null : 1_000 * seconds;
}
