/**
 * What others know of the own feed, asked before anything is signed (I1): after an ordinary start of whoever is near, for a moment; after a
 * restored or copied store of so many sources, or of those that the operator named, however long that takes.
 */
import type { SignedHead } from "../feed/index.ts";
import { OWN_CHECK_MS, OWN_SOURCES } from "../limits.ts";
import type { Context } from "./context.ts";
import type { EvidenceDesk } from "./evidence-desk.ts";
import type { Forks } from "./forks.ts";
import { Inquiry } from "./inquiry.ts";
import type { OwnFeed } from "./own-feed.ts";
import type { PeerName } from "./types.ts";

export class OwnCheck {
  readonly #ctx: Context;
  readonly #own: OwnFeed;
  readonly #forks: Forks;
  readonly #inquiry: Inquiry;
  /** Told of a head that was signed when it was allowed again: over entries that a crash had left without one. */
  readonly #signed: (head: SignedHead) => void;
  /** Who has said what it knows: after an ordinary start anything, after a restore a head that the store holds. */
  readonly #answered = new Set<PeerName>();
  #since: number | null = null;

  constructor(
    ctx: Context,
    own: OwnFeed,
    forks: Forks,
    desk: EvidenceDesk,
    signed: (head: SignedHead) => void,
  ) {
    this.#ctx = ctx;
    this.#own = own;
    this.#forks = forks;
    this.#inquiry = new Inquiry(ctx, desk, (peer, heads) => this.#heard(peer, heads));
    this.#signed = signed;
  }

  /** Asks whoever is to be asked, and allows signing as soon as enough is known. */
  tick(): void {
    const { feed } = this.#own;
    if (feed === null || !this.#own.isHeldBack) return;
    this.#since ??= this.#ctx.turn.steady;
    this.#inquiry.askAll(feed.origin, () => this.tick());
    if (this.#isEnough()) this.#own.allow(this.#signed);
  }

  #isEnough(): boolean {
    const { turn, config, peers } = this.#ctx;
    if (this.#own.isUnconfirmed) {
      const { heard, needed } = quorumOf(this.#answered, config.caution?.anchors ?? []);
      this.#own.heardOf(heard, needed);
      return heard >= needed;
    }
    const end = (this.#since ?? turn.steady) + OWN_CHECK_MS;
    if (turn.steady >= end) return true;
    turn.wake(end);
    const isAlone = peers.count === 0 && config.caution?.awaits !== true;
    return isAlone || (this.#answered.size > 0 && this.#inquiry.asking === 0);
  }

  #heard(peer: PeerName, heads: readonly SignedHead[]): boolean {
    const { feed } = this.#own;
    if (feed === null) return false;
    // After a restore "I know nothing of it" says nothing, unless there is nothing to know.
    if (heads.length === 0 && (this.#own.isChecking || feed.held === 0)) this.#answered.add(peer);
    let left = heads.length;
    for (const head of heads) {
      this.#forks.joinOwn(feed, head, () => {
        if (--left > 0) return;
        this.#answered.add(peer);
        this.tick();
      });
    }
    return heads.length > 0 || this.#answered.has(peer);
  }
}

/** How many of those who were heard count, and how many must: of the anchors one, where there are any; else OWN_SOURCES of anybody. */
export function quorumOf(
  heard: ReadonlySet<PeerName>,
  anchors: readonly PeerName[],
): { readonly heard: number; readonly needed: number } {
  if (anchors.length === 0) return { heard: heard.size, needed: OWN_SOURCES };
  return { heard: anchors.filter((name) => heard.has(name)).length, needed: 1 };
}
