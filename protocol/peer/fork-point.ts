/** Finds where two branches part, with tiles of our own and of whoever showed them: what stands below still counts (RULES R15). */
import { HeadTiles, forkSearch } from "../evidence/index.ts";
import type { ForkCommon, SearchStep } from "../evidence/index.ts";
import type { SignedHead, TileId } from "../feed/index.ts";
import { MAX_SEARCH_SOURCES } from "../limits.ts";
import { askTiles } from "./ask-tiles.ts";
import type { Context } from "./context.ts";
import type { FeedState } from "./feed-state.ts";
import type { Tiles } from "./tiles.ts";
import type { PeerName } from "./types.ts";

/** One of the two trees: read from our store, as far as its tiles are there, else from the peer that is first in the row. */
interface Side {
  readonly tiles: HeadTiles;
  isHere: boolean;
  readonly sources: PeerName[];
}

type Done = (common: ForkCommon | null) => void;

export class CommonSearch {
  readonly #ctx: Context;
  readonly #tiles: Tiles;

  constructor(ctx: Context, tiles: Tiles) {
    this.#ctx = ctx;
    this.#tiles = tiles;
  }

  /** The tree that both heads begin with, or null where there is none, or where not all of both is served. */
  find(feed: FeedState, a: SignedHead, b: SignedHead, done: Done): void {
    const sides = { a: this.#side(feed, a), b: this.#side(feed, b) };
    this.#step(feed, sides, forkSearch(sides.a.tiles, sides.b.tiles), done);
  }

  #side(feed: FeedState, head: SignedHead): Side {
    return {
      tiles: new HeadTiles(head),
      isHere: head.size <= feed.held,
      sources: [...this.#ctx.peers.some(MAX_SEARCH_SOURCES, feed.sources.toReversed())],
    };
  }

  #step(
    feed: FeedState,
    sides: { readonly a: Side; readonly b: Side },
    search: Generator<SearchStep, ForkCommon | null, void>,
    done: Done,
  ): void {
    const step = search.next();
    if (step.done === true) {
      done(step.value);
      return;
    }
    let left = 2;
    const taken = (): void => {
      if (--left === 0) this.#step(feed, sides, search, done);
    };
    // The first that fails ends it; the other one's answer then counts for nothing.
    const failed = (): void => {
      if (left > 0) done(null);
      left = -1;
    };
    this.#fill(feed, sides.a, step.value.a, taken, failed);
    this.#fill(feed, sides.b, step.value.b, taken, failed);
  }

  #fill(feed: FeedState, side: Side, tiles: readonly TileId[], taken: () => void, failed: () => void): void {
    if (tiles.length === 0) {
      taken();
      return;
    }
    const take = (octets: readonly Uint8Array[], next: () => void): void => {
      if (side.tiles.take(tiles, octets)) taken();
      else {
        next();
        this.#fill(feed, side, tiles, taken, failed);
      }
    };
    if (side.isHere) {
      const elsewhere = (): void => {
        side.isHere = false;
      };
      this.#tiles.raw(feed, tiles, (octets) => take(octets, elsewhere), failed);
      return;
    }
    const [source] = side.sources;
    if (source === undefined) failed();
    else this.#ask(feed, source, tiles, (octets) => take(octets, () => side.sources.shift()));
  }

  /** No answer is the same as one of no use. */
  #ask(
    feed: FeedState,
    source: PeerName,
    tiles: readonly TileId[],
    answered: (octets: readonly Uint8Array[]) => void,
  ): void {
    askTiles(
      this.#ctx,
      source,
      { kind: "tiles", origin: feed.origin, tiles },
      ({ blobs }) => answered(blobs),
      () => answered([]),
    );
  }
}
