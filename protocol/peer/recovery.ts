/**
 * Collects what others hold of a feed whose publisher lost it. Here it is a followed feed like any other: its heads are joined, its entries
 * fetched, a fork of it proven; this asks for its heads and tells how far that is.
 */
import { verifyCheckpoint } from "../feed/index.ts";
import type { SignedHead } from "../feed/index.ts";
import type { RecoveryView } from "./caution.ts";
import type { Context } from "./context.ts";
import type { EvidenceDesk } from "./evidence-desk.ts";
import type { Forks } from "./forks.ts";
import type { Hints } from "./hints.ts";
import { Inquiry } from "./inquiry.ts";
import { quorumOf } from "./own-check.ts";
import type { Room } from "./room.ts";
import type { Sync } from "./sync.ts";
import type { PeerName } from "./types.ts";

interface Parts {
  readonly room: Room;
  readonly forks: Forks;
  readonly sync: Sync;
  readonly desk: EvidenceDesk;
  readonly hints: Hints;
}

export class Recovery {
  readonly #ctx: Context;
  readonly #parts: Parts;
  readonly #inquiry: Inquiry;
  /** Who has shown a head of the feed. */
  readonly #shown = new Set<PeerName>();
  #largest = 0;
  #begun = false;

  constructor(ctx: Context, parts: Parts) {
    this.#ctx = ctx;
    this.#parts = parts;
    this.#inquiry = new Inquiry(ctx, parts.desk, (peer, heads) => this.#heard(peer, heads));
  }

  tick(): void {
    const { recovers, network } = this.#ctx.config;
    if (recovers === undefined) return;
    if (recovers.known !== null && !this.#begun)
      this.#consider(verifyCheckpoint(recovers.known, network), null);
    this.#begun = true;
    this.#inquiry.askAll(recovers.origin, () => undefined);
  }

  /** How far it is; null for a peer that recovers nothing. */
  view(): RecoveryView | null {
    const { config, feeds } = this.#ctx;
    if (config.recovers === undefined) return null;
    const feed = feeds.get(config.recovers.origin);
    const heads = feed === null ? [] : [feed.head, ...feed.unresolved].filter((head) => head !== null);
    const size = Math.max(this.#largest, ...heads.map((head) => head.size));
    const whole =
      feed !== null &&
      !feed.forked &&
      feed.unresolved.length === 0 &&
      feed.proven?.size === size &&
      feed.held === size;
    return {
      ...quorumOf(this.#shown, config.caution?.anchors ?? []),
      recalled: this.#parts.hints.hasRecalled(config.recovers.origin),
      size,
      held: feed?.held ?? 0,
      forked: feed?.forked ?? false,
      withheld: feed?.withheld ?? false,
      head: whole ? (feed.proven?.note ?? null) : null,
    };
  }

  #heard(peer: PeerName, heads: readonly SignedHead[]): boolean {
    if (heads.length > 0) this.#shown.add(peer);
    for (const head of heads) this.#consider(head, peer);
    // What a source holds grows while others are asked: each is asked as long as it lasts.
    return false;
  }

  #consider(head: SignedHead, from: PeerName | null): void {
    const { room, forks, sync } = this.#parts;
    const feed = room.open(head.origin);
    if (feed === null) return;
    this.#largest = Math.max(this.#largest, head.size);
    forks.consider(feed, head, from);
    sync.kick(feed, null);
  }
}
