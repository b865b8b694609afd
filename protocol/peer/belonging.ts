/** Whether what a source gives extends what is held and belongs under a signed head; and if not, whether that is a fork or the source's fault. */
import { checkConsistency, rangeRoot } from "../feed/index.ts";
import type { CompactRange, SignedHead } from "../feed/index.ts";
import { ProtocolError } from "../errors.ts";
import { askTiles } from "./ask-tiles.ts";
import type { Context } from "./context.ts";
import { equalRoot } from "./feed-state.ts";
import type { FeedState } from "./feed-state.ts";
import type { Forks } from "./forks.ts";
import type { PeerName } from "./types.ts";

/** Exactly one of these follows, once. */
export interface Belongs {
  readonly belongs: () => void;
  /** The feed moved on meanwhile, or forked: nothing was found out. */
  readonly moved: () => void;
  readonly failed: () => void;
}

export class Belonging {
  readonly #ctx: Context;
  readonly #forks: Forks;

  constructor(ctx: Context, forks: Forks) {
    this.#ctx = ctx;
    this.#forks = forks;
  }

  /** Of a tree with this right edge, which grew out of what is held. */
  check(feed: FeedState, head: SignedHead, peer: PeerName, edge: CompactRange, then: Belongs): void {
    const root = rangeRoot(edge);
    if (edge.size === head.size) {
      if (equalRoot({ root }, head)) then.belongs();
      else this.#doubt(feed, head, peer, then.failed);
      return;
    }
    const { range, origin } = feed;
    askTiles(
      this.#ctx,
      peer,
      { kind: "consistency", origin, from: edge.size, to: head.size },
      ({ blobs }) => {
        if (feed.range !== range || feed.forked) then.moved();
        else if (isProof(edge.size, root, head, blobs.slice(1))) then.belongs();
        else this.#doubt(feed, head, peer, then.failed);
      },
      then.failed,
    );
  }

  /** What came does not belong behind what is held: the peer's fault, unless it can show that the feed forks. */
  #doubt(feed: FeedState, head: SignedHead, peer: PeerName, failed: () => void): void {
    const accepted = feed.head;
    this.#ctx.counters.add("page-refused");
    if (accepted === null || accepted.size >= head.size) {
      failed();
      return;
    }
    askTiles(
      this.#ctx,
      peer,
      { kind: "consistency", origin: feed.origin, from: accepted.size, to: head.size },
      ({ blobs: [root, ...proof] }) => {
        if (root !== undefined) this.#forks.prove(feed, accepted, head, { root, proof });
        failed();
      },
      failed,
    );
  }
}

function isProof(size: number, root: Uint8Array, head: SignedHead, proof: readonly Uint8Array[]): boolean {
  try {
    checkConsistency(size, head.size, root, head.root, proof);
    return true;
  } catch (error) {
    if (error instanceof ProtocolError) return false;
    throw error;
  }
}
