/** What witnesses have cosigned of feeds, and how that goes together with the heads that are held: for whoever counts witnesses, who land on different sizes. */
import { nameOfHead } from "../feed/index.ts";
import type { SignedHead } from "../feed/index.ts";
import type { Context } from "./context.ts";
import { equalRoot } from "./feed-state.ts";
import type { FeedState } from "./feed-state.ts";
import type { HeadJoin } from "./head-view.ts";
import type { PastHead, PastHeads } from "./past.ts";
import type { Tiles } from "./tiles.ts";

/** A head of a feed of which all entries are held. */
export interface HeldHead {
  readonly feed: FeedState;
  readonly head: SignedHead;
}

/**
 * Hands over a proof between each of these heads and each that was cosigned of its feed, now or in the past, at most `limit`, as far as they join: from the
 * smaller to the larger. Of several feeds each has its turn. Never fails; it may lack some.
 */
export function joinCosigned(
  ctx: Context,
  tiles: Tiles,
  held: readonly HeldHead[],
  past: PastHeads,
  limit: number,
  done: (joins: readonly HeadJoin[]) => void,
): void {
  const pairs = inTurns(held.map((one) => pairsOf(one, past.get(one.feed) ?? []))).slice(0, limit);
  const joins: (HeadJoin | null)[] = pairs.map(() => null);
  let left = pairs.length;
  const end = (): void => {
    if (--left === 0) done(joins.filter((join) => join !== null));
  };
  if (left === 0) done([]);
  for (const [i, { feed, small, large }] of pairs.entries()) {
    tiles.earlier(
      feed,
      small.size,
      large.size,
      ({ root, proof }) => {
        if (equalRoot(small, { root })) joins[i] = { small: small.note, large: large.note, proof };
        end();
      },
      () => {
        ctx.counters.add("read-failed");
        end();
      },
    );
  }
}

/** The notes that witnesses have cosigned of these feeds, at most `limit`: first one of each, then the second; behind the newest those of the past. */
export function cosignedOf(held: readonly HeldHead[], past: PastHeads, limit: number): readonly Uint8Array[] {
  const notes = feedsOf(held).map((feed) =>
    // Of a forked feed the newest may be of the other branch; of the past what joins is of this one.
    [...(feed.forked ? [] : feed.cosigned), ...(past.get(feed) ?? [])].map(({ note }) => note),
  );
  return inTurns(notes).slice(0, limit);
}

/** Whose heads these are, each feed once. */
export function feedsOf(held: readonly HeldHead[]): readonly FeedState[] {
  return [...new Set(held.map(({ feed }) => feed))];
}

interface Pair {
  readonly feed: FeedState;
  readonly small: PastHead;
  readonly large: PastHead;
}

/** Two heads each, of which the larger is not beyond what is held. */
function pairsOf({ feed, head }: HeldHead, past: readonly PastHead[]): readonly Pair[] {
  // Of a forked feed the two heads that prove it: what stands below what they share counts under the head that is held, too.
  const known = feed.forked ? feed.unresolved : feed.cosigned.map((one) => one.head);
  const others = new Map<string, PastHead>([...known, ...past].map((one) => [nameOfHead(one), one]));
  return [...others.values()]
    .filter(({ size }) => size !== head.size && size <= feed.held)
    .map((other) =>
      other.size < head.size ? { feed, small: other, large: head } : { feed, small: head, large: other },
    );
}

function inTurns<Item>(lists: readonly (readonly Item[])[]): Item[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, i) => lists.flatMap((list) => list.slice(i, i + 1))).flat();
}
