/** How cosigned heads go together with the heads that are held: for whoever counts witnesses, who land on different sizes. */
import { nameOfHead } from "../feed/index.ts";
import { MAX_FIND_JOINS } from "../limits.ts";
import type { Context } from "./context.ts";
import { equalRoot } from "./feed-state.ts";
import type { FeedState } from "./feed-state.ts";
import type { HeadJoin } from "./head-view.ts";
import type { Tiles } from "./tiles.ts";

/** Hands over a proof from each smaller head that was cosigned to the head held, as far as these join; never fails, it may lack some. */
export function joinCosigned(
  ctx: Context,
  tiles: Tiles,
  feeds: readonly FeedState[],
  done: (joins: readonly HeadJoin[]) => void,
): void {
  const pairs = feeds.flatMap(pairsOf).slice(0, MAX_FIND_JOINS);
  const joins: HeadJoin[] = [];
  let left = pairs.length;
  const end = (): void => {
    if (--left === 0) done(joins);
  };
  if (left === 0) done(joins);
  for (const { feed, small, large } of pairs) {
    tiles.earlier(
      feed,
      small.size,
      large.size,
      ({ root, proof }) => {
        if (equalRoot(small, { root })) joins.push({ small: small.note, large: large.note, proof });
        end();
      },
      () => {
        ctx.counters.add("read-failed");
        end();
      },
    );
  }
}

interface Pair {
  readonly feed: FeedState;
  readonly small: FeedState["cosigned"][number]["head"];
  readonly large: NonNullable<FeedState["proven"]>;
}

function pairsOf(feed: FeedState): readonly Pair[] {
  const { proven: large, cosigned } = feed;
  if (large === null || feed.forked) return [];
  const smaller = cosigned.flatMap(({ head }) => (head.size < large.size ? [head] : []));
  const distinct = new Map(smaller.map((head) => [nameOfHead(head), head]));
  return [...distinct.values()].map((small) => ({ feed, small, large }));
}
