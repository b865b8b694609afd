import { entriesAfter, lifecycleOf } from "../lifecycle/index.ts";
import type { Context } from "./context.ts";
import type { FeedState } from "./feed-state.ts";
import type { FeedView } from "./types.ts";

/**
 * What people are told of a feed; null before anything of it is held. The own one is never stale here: this node is who would say that it goes
 * on. One that has shown no time yet has as long for it, from when it was met, as one that has.
 */
export function feedView({ endings, turn: { now } }: Context, feed: FeedState): FeedView | null {
  const view = feed.view();
  if (view === null) return null;
  const ending = endings.of(feed.origin);
  const { timed, since, forked, metAt } = feed;
  const facts = {
    forked,
    ending,
    time: feed.class === "own" ? now : timed === null ? metAt : ms(timed.time),
    since: ms(since),
  };
  const lifecycle = lifecycleOf(facts, now);
  const told = ending === null ? null : { ...ending, after: entriesAfter(ending, view.size) };
  return { ...view, lifecycle, ending: told };
}

function ms(seconds: number | null | undefined): number | null {
  return seconds === null || seconds === undefined ? null : 1_000 * seconds;
}
