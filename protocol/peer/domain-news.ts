/**
 * Tells and hears that a trust domain has newer documents (DESIGN 4.5; spec/peer.md, "Trust domains"). What is heard is a hint, and costs little: whoever
 * carries the domain looks for it again soon, at the teller and whoever passed it on before others; all pass it on within a budget.
 */
import { toHex } from "../bytes/index.ts";
import {
  DOMAIN_HINT_BURST,
  DOMAIN_HINT_JITTER_MS,
  DOMAIN_HINT_MS,
  DOMAIN_NEWS_AGAIN_MS,
  DOMAIN_NEWS_BURST,
  DOMAIN_NEWS_PER_SECOND,
  MAX_DOMAIN_HINT_PEERS,
  MAX_DOMAIN_TELLERS,
  MAX_SEEN_DOMAIN_NEWS,
} from "../limits.ts";
import { isNewerDomain, readDomainNotice, writeDomainNotice } from "../wire/index.ts";
import type { DomainNotice, DomainVersions } from "../wire/index.ts";
import { Budget } from "./budget.ts";
import type { Context } from "./context.ts";
import { answerGossip, readOrReject } from "./gossip-verdict.ts";
import { byLot } from "./lot.ts";
import { Seen } from "./seen.ts";
import type { PeerName, Ticket } from "./types.ts";

/** A domain that is carried here. */
interface Own {
  readonly domain: Uint8Array;
  versions: DomainVersions;
  /** When it is told of next; null = not any more. */
  tellAt: number | null;
  /** How often yet. */
  tellings: number;
  /** When whoever looks after it is told to look again; null = nothing was heard. */
  lookAt: number | null;
  /** Whom to ask first then. */
  readonly peers: Set<PeerName>;
  readonly looks: Budget;
  /** What of it is passed on. */
  readonly passing: Budget;
}

export class DomainNews {
  readonly #ctx: Context;
  readonly #own = new Map<string, Own>();
  /** Who told of these versions of a domain, as far as it was passed on. */
  readonly #tellers = new Seen<Set<PeerName>>(MAX_SEEN_DOMAIN_NEWS);
  /** What is passed on of domains that nobody here carries. */
  readonly #strange = new Budget(DOMAIN_NEWS_PER_SECOND, DOMAIN_NEWS_BURST);

  constructor(ctx: Context) {
    this.#ctx = ctx;
  }

  /** It is carried in these versions from now on; null = no more. Others are told where they are newer than before. */
  carried(domain: Uint8Array, versions: DomainVersions | null): void {
    const hex = toHex(domain);
    const own = this.#own.get(hex);
    const { steady } = this.#ctx.turn;
    if (versions === null) this.#own.delete(hex);
    else if (own === undefined) {
      const budgets = {
        looks: new Budget(1_000 / DOMAIN_HINT_MS, DOMAIN_HINT_BURST),
        passing: new Budget(DOMAIN_NEWS_PER_SECOND, DOMAIN_NEWS_BURST),
      };
      const news = { tellAt: steady, tellings: 2, lookAt: null, peers: new Set<PeerName>() };
      this.#own.set(hex, { domain, versions, ...news, ...budgets });
    } else {
      if (isNewerDomain(versions, own.versions)) [own.tellAt, own.tellings] = [steady, 2];
      own.versions = versions;
    }
    this.tick();
  }

  /** A frame of the topic `domains`: the numbered list of spec/wire.md. */
  gossip(bytes: Uint8Array, from: PeerName, ticket: Ticket): void {
    const notice = readOrReject(this.#ctx, from, ticket, () => readDomainNotice(bytes)); // 1
    if (notice === null) return;
    const own = this.#own.get(toHex(notice.domain)) ?? null;
    if (own !== null && !isNewerDomain(notice, own.versions)) {
      answerGossip(this.#ctx, ticket, "ignore", "peer/repeated"); // 2
      return;
    }
    if (own !== null) this.#heard(own, notice.peer, from);
    if (this.#isTold(notice))
      answerGossip(this.#ctx, ticket, "ignore", "peer/repeated"); // 3
    else if (this.#mayCost(own, from)) {
      this.#remember(notice);
      answerGossip(this.#ctx, ticket, "accept", null); // 5
    } else answerGossip(this.#ctx, ticket, "ignore", "peer/over-budget"); // 4
  }

  /** Tells what is to be told, and has looked for what was heard of, where it is time. */
  tick(): void {
    const { turn, peers, config } = this.#ctx;
    if (config.light) return;
    for (const own of this.#own.values()) {
      if (own.tellAt !== null && turn.steady >= own.tellAt && peers.count > 0) this.#tell(own);
      if (own.lookAt === null || turn.steady < own.lookAt || !own.looks.take(1, turn.steady)) continue;
      turn.emit({ kind: "hinted", domain: own.domain, peers: [...own.peers] });
      own.lookAt = null;
      own.peers.clear();
    }
  }

  /** Twice, as who was not met yet hears nothing: minutes later, since gossip takes the same octets for a repetition. */
  #tell(own: Own): void {
    const { turn, config } = this.#ctx;
    const notice = { domain: own.domain, ...own.versions, peer: config.self };
    turn.emit({ kind: "gossip", topic: "domains", bytes: writeDomainNotice(notice) });
    own.tellings--;
    own.tellAt = own.tellings > 0 ? turn.steady + DOMAIN_NEWS_AGAIN_MS : null;
  }

  /** All that carry it hear of it at once: each takes a moment of its own. */
  #heard(own: Own, teller: PeerName, from: PeerName): void {
    const { turn, rng } = this.#ctx;
    for (const peer of [teller, from]) {
      // Whoever tells much has not the room of others: of so many one goes by lot.
      const victim = byLot([...own.peers], rng);
      if (own.peers.size >= MAX_DOMAIN_HINT_PEERS && victim !== null && !own.peers.has(peer))
        own.peers.delete(victim);
      own.peers.add(peer);
    }
    if (own.lookAt !== null) return;
    own.lookAt = turn.steady + Math.floor(DOMAIN_HINT_JITTER_MS * rng());
    turn.wake(own.lookAt);
  }

  /** Each version is passed on by the word of some: more of them tell no more, and further names give others a source. */
  #isTold(notice: DomainNotice): boolean {
    const tellers = this.#tellers.get(nameOf(notice));
    return tellers !== undefined && (tellers.has(notice.peer) || tellers.size >= MAX_DOMAIN_TELLERS);
  }

  #remember(notice: DomainNotice): void {
    const name = nameOf(notice);
    this.#tellers.set(name, (this.#tellers.get(name) ?? new Set()).add(notice.peer));
  }

  #mayCost(own: Own | null, from: PeerName): boolean {
    const { peers, turn } = this.#ctx;
    return (
      peers.of(from).domainNews.take(1, turn.steady) && (own?.passing ?? this.#strange).take(1, turn.steady)
    );
  }
}

function nameOf({ domain, root, targets, delegated, split }: DomainNotice): string {
  return `${toHex(domain)} ${root} ${targets} ${delegated} ${split}`;
}
