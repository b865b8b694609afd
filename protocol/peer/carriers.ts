/**
 * Finds peers that carry a trust domain, and fetches its documents of them: of those connected, and of those that the DHT names at both
 * slots of the domain. Nothing that they say is believed here or counts for anything: the domain's clients check it.
 */
import { concat } from "../bytes/index.ts";
import {
  CARRIER_ASK_MS,
  LOOKUP_TIMEOUT_MS,
  MAX_CARRIERS,
  MIN_CARRIED_PAGE_BYTES,
  PROVIDER_CALL_MS,
} from "../limits.ts";
import type { TilesAnswer } from "../wire/index.ts";
import { askTiles } from "./ask-tiles.ts";
import type { Context } from "./context.ts";
import type { DomainCommand } from "./domain-commands.ts";
import { domainKey } from "./domain-key.ts";
import { shuffled } from "./lot.ts";
import { likeliest } from "./named-peers.ts";
import type { NamedPeer } from "./provider-effects.ts";
import { slotsOf } from "./slots.ts";
import type { PeerName } from "./types.ts";

/** What every domain has: whoever shows one carries it, or lies. */
const FIRST_ROOT = "1.root.json";

/** A look-round for carriers of one domain. */
interface Search {
  readonly domain: Uint8Array;
  /** Steady ms. */
  readonly deadline: number;
  readonly done: (carriers: readonly PeerName[]) => void;
  readonly except: readonly PeerName[];
  /** Asked before others, where they are connected or the DHT names them. */
  readonly first: readonly PeerName[];
  readonly asked: Set<PeerName>;
  /** Whom the DHT has named. */
  readonly named: Set<PeerName>;
  readonly carriers: PeerName[];
  /** Questions under way. */
  open: number;
}

/** A document as far as it is fetched. */
interface Fetch {
  readonly from: PeerName;
  readonly domain: Uint8Array;
  readonly path: string;
  /** Octets that it may have. */
  readonly most: number;
  readonly pages: Uint8Array[];
  octets: number;
}

export class Carriers {
  readonly #ctx: Context;
  readonly #searches = new Set<Search>();

  constructor(ctx: Context) {
    this.#ctx = ctx;
  }

  /**
   * Peers that show a first root of the domain, at most MAX_CARRIERS, but those in `except`: when all have answered, or at `deadline` (ms since
   * 1970). Everybody can show one: so whom the DHT names has a share of the places, and who has one decides the lot, not who is quick.
   */
  find(
    { domain, deadline, except = [], first = [] }: Extract<DomainCommand, { readonly do: "carriers" }>,
    done: (carriers: readonly PeerName[]) => void,
  ): void {
    const { config, turn, peers } = this.#ctx;
    const sets = { asked: new Set<PeerName>(), named: new Set<PeerName>(), carriers: [] };
    const end = turn.steadyOf(deadline);
    const search: Search = { domain, deadline: end, except, first, done, ...sets, open: 0 };
    this.#searches.add(search);
    turn.wake(end);
    for (const slot of slotsOf(domainKey(config.network, domain))) {
      search.open++;
      turn.providers(
        slot,
        LOOKUP_TIMEOUT_MS,
        (named) => this.#answered(search, () => this.#try(search, named)),
        () => this.#answered(search),
      );
    }
    const known = peers.some(MAX_CARRIERS + except.length, first).filter((peer) => !except.includes(peer));
    for (const peer of known.slice(0, MAX_CARRIERS)) this.#ask(search, peer);
  }

  /** The document, null where the peer has none. `most`: octets that it may have. */
  fetch(
    from: PeerName,
    { domain, path, most }: { readonly domain: Uint8Array; readonly path: string; readonly most: number },
    done: (bytes: Uint8Array | null) => void,
    failed: (code: string) => void,
  ): void {
    this.#page({ from, domain, path, most, pages: [], octets: 0 }, done, failed);
  }

  /** Ends what has taken too long. */
  tick(): void {
    for (const search of this.#searches) if (this.#ctx.turn.steady >= search.deadline) this.#end(search);
  }

  #try(search: Search, named: readonly NamedPeer[]): void {
    const { turn, rng, peers } = this.#ctx;
    const others = named.filter(({ peer }) => !search.except.includes(peer));
    const hinted = others.flatMap(({ peer }) => (search.first.includes(peer) ? [peer] : []));
    for (const peer of new Set([...hinted, ...likeliest(others, rng, MAX_CARRIERS)])) {
      search.named.add(peer);
      if (search.asked.has(peer)) continue;
      if (peers.isConnected(peer)) {
        this.#ask(search, peer);
        continue;
      }
      search.open++;
      turn.call(
        peer,
        PROVIDER_CALL_MS,
        () => this.#answered(search, () => this.#ask(search, peer)),
        () => this.#answered(search),
      );
    }
  }

  #ask(search: Search, peer: PeerName): void {
    if (search.asked.has(peer) || peer === this.#ctx.config.self) return;
    search.asked.add(peer);
    search.open++;
    const { domain } = search;
    this.#once(
      peer,
      { domain, path: FIRST_ROOT, from: 0 },
      ({ blobs }) =>
        this.#answered(search, () => {
          if (blobs.length === 1) search.carriers.push(peer);
        }),
      () => this.#answered(search),
    );
  }

  #answered(search: Search, then: () => void = () => undefined): void {
    search.open--;
    if (!this.#searches.has(search)) return;
    then();
    if (search.open === 0) this.#end(search);
  }

  #end(search: Search): void {
    this.#searches.delete(search);
    search.done(this.#chosen(search));
  }

  /** Those who are asked first; then by lot, of both sorts in turn: what one of them leaves of its share is the other's. */
  #chosen({ carriers, named, first }: Search): readonly PeerName[] {
    const drawn = shuffled(carriers, this.#ctx.rng);
    const shares = [
      drawn.filter((peer) => named.has(peer)),
      drawn.filter((peer) => !named.has(peer)),
    ] as const;
    const turns = Array.from({ length: MAX_CARRIERS }, (_, at) => shares.flatMap((share) => share[at] ?? []));
    const hinted = drawn.filter((peer) => first.includes(peer));
    return [...new Set([...hinted, ...turns.flat()])].slice(0, MAX_CARRIERS);
  }

  #page(fetch: Fetch, done: (bytes: Uint8Array | null) => void, failed: (code: string) => void): void {
    const { from, domain, path, most, pages } = fetch;
    this.#once(
      from,
      { domain, path, from: fetch.octets },
      ({ blobs: [page], next }) => {
        if (page === undefined) {
          done(null);
          return;
        }
        pages.push(page);
        fetch.octets += page.length;
        if (next === 0 && fetch.octets <= most) done(concat(...pages));
        // Octet by octet, each as late as it may come, a document would take days.
        else if (fetch.octets <= most && page.length >= MIN_CARRIED_PAGE_BYTES && next === fetch.octets)
          this.#page(fetch, done, failed);
        else failed("peer/bad-answer");
      },
      failed,
    );
  }

  #once(
    peer: PeerName,
    wanted: { readonly domain: Uint8Array; readonly path: string; readonly from: number },
    answered: (answer: TilesAnswer) => void,
    failed: (code: string) => void,
  ): void {
    askTiles(this.#ctx, peer, { kind: "domain", ...wanted }, answered, failed, CARRIER_ASK_MS);
  }
}
