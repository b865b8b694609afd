/** A mesh of honest peers, as scenarios begin with. */
import { readTilesAnswer, writeTilesRequest } from "../../protocol/wire/index.ts";
import { equalBytes, fromUtf8 } from "../../protocol/bytes/index.ts";
import { publicFromSeed } from "../../protocol/crypto/index.ts";
import { headBody, origin, parseCheckpoint } from "../../protocol/feed/index.ts";
import type { Cosigner } from "../../protocol/feed/index.ts";
import type {
  CommandResult,
  FindResult,
  HeadView,
  Question,
  StatusResult,
} from "../../protocol/peer/index.ts";
import { witnessOf } from "../witness-requests.ts";
import { Builder } from "./builder.ts";
import { Delivery } from "./delivery.ts";
import { Invariants } from "./invariants.ts";
import { MemoryFeed } from "./memory-feed.ts";
import { EnginePeer } from "./peer.ts";
import type { Call } from "./life.ts";
import { World } from "./world.ts";
import { publishing } from "../publishing.ts";

export const NETWORK = "test";
/** ms between looks at the peers. */
const GLANCE = 100;
/** Neighbours that a peer connects to by itself. */
const DEGREE = 3;

/** Octets for feeds of strangers, where a scenario does not say otherwise. */
const ROOM = 64 * 1024 * 1024;
/** And for feeds that are followed. */
const FOLLOWED_ROOM = 2 ** 40;

export interface Choices {
  /** Number of the key of its feed; none by default. */
  readonly feed?: number | null;
  readonly light?: boolean;
  /** Whose feeds and attestations it wants; all by default. */
  readonly follow?: readonly Builder[];
  readonly maxStoreBytes?: number;
  readonly maxFollowedBytes?: number;
  /** Seed of its witness key; none by default. */
  readonly witness?: Uint8Array;
  /** Whose cosignatures it keeps of every feed. */
  readonly witnesses?: readonly Cosigner[];
}

export interface Member {
  readonly peer: EnginePeer;
  /** Signs what this peer publishes; its key is the feed's. Null for peers without a feed. */
  readonly builder: Builder | null;
}

export class Mesh {
  readonly world: World;
  readonly invariants: Invariants;
  readonly delivery: Delivery;
  readonly members: Member[] = [];

  constructor(seed: number) {
    this.world = new World(seed);
    this.invariants = new Invariants((ms, run) => this.world.plan(ms, run));
    this.delivery = new Delivery(this.world);
    this.invariants.listener = this.delivery;
  }

  get peers(): readonly EnginePeer[] {
    return this.members.map(({ peer }) => peer);
  }

  /** Peers that follow every feed; the first `publishers` have one of their own. Started and connected. */
  static of(seed: number, size: number, publishers: number): Mesh {
    const mesh = new Mesh(seed);
    for (let i = 0; i < size; i++) mesh.add({ feed: i < publishers ? i + 1 : null });
    for (const peer of mesh.peers) mesh.start(peer);
    return mesh;
  }

  /** A peer, not yet started. */
  add(choices: Choices = {}): Member {
    const {
      feed = null,
      light = false,
      follow = null,
      maxStoreBytes = ROOM,
      maxFollowedBytes = FOLLOWED_ROOM,
      witness,
      witnesses = [],
    } = choices;
    const name = `${light ? "light" : feed === null ? "peer" : "publisher"}-${this.members.length}`;
    const builder = feed === null ? null : new Builder(feed);
    const seeds = { feed: builder?.seed ?? null, witness: witness ?? null };
    const peer = new EnginePeer(this.world, this.invariants, seeds, {
      ...(witness === undefined ? {} : { witness: witnessOf(witness, NETWORK) }),
      witnesses,
      network: NETWORK,
      self: name,
      first: feed !== null,
      // As if it was told whom to begin from.
      caution: { anchors: [], awaits: true },
      follow: {
        all: follow === null,
        origins: (follow ?? []).map(({ key }) => origin(NETWORK, key.raw)),
        builders: (follow ?? []).map(({ key }) => key),
      },
      light,
      maxStoreBytes,
      maxFollowedBytes,
    });
    this.invariants.honest(peer);
    const member = { peer, builder };
    this.members.push(member);
    return member;
  }

  /** An honest feed whose owner is gone: no head but those told of in this way was ever signed. */
  signed(feed: MemoryFeed): void {
    this.invariants.honestKey(publicFromSeed(feed.seed));
    this.invariants.histories.signs(fromUtf8(headBody(feed.head())));
  }

  /** Starts a peer and connects it, as bootstrap would: to the peer before it and to a few others. */
  start(peer: EnginePeer, first?: boolean): void {
    peer.start(first);
    this.world.runUntil(() => peer.ready, 10_000);
    this.expect(peer.ready, `${peer.name} gets ready`);
    const others = this.peers.filter((other) => other !== peer && other.up);
    const [previous] = others.toReversed();
    const chosen = this.world.random.shuffled(others).slice(0, DEGREE - 1);
    for (const other of new Set([...(previous === undefined ? [] : [previous]), ...chosen])) {
      this.world.connect(peer.name, other.name);
    }
  }

  /** Connects all of them with one another, as far as they are up. */
  connectAll(names: readonly string[]): void {
    for (const a of names) for (const b of names) if (a < b) this.world.connect(a, b);
  }

  /** Connects each with the next, and the last with the first: nobody is cut off. */
  connectRing(): void {
    const names = this.peers.map(({ name }) => name);
    for (const [at, name] of names.entries())
      this.world.connect(name, names[(at + 1) % names.length] ?? name);
  }

  /** Publishes, to the end. Fails the scenario if that is refused. */
  publish(peer: EnginePeer, ...entries: Uint8Array[]): void {
    const result = this.finish(peer.command(publishing(entries)), 30_000);
    this.expect(
      result.ok,
      `${peer.name} publishes ${result.ok ? "" : `(${result.code}: ${result.message})`}`,
    );
  }

  find(peer: EnginePeer, question: Question, ms = 5_000): FindResult {
    const deadline = peer.now + ms;
    const result = this.finish(peer.command({ do: "find", question, network: true, deadline }), ms + 1_000);
    if (!result.ok || result.do !== "find") throw new Error(`find: ${JSON.stringify(result)}`);
    return result.result;
  }

  status(peer: EnginePeer): StatusResult {
    const result = this.finish(peer.command({ do: "status" }), 10_000);
    if (!result.ok || result.do !== "status") throw new Error(`status: ${JSON.stringify(result)}`);
    this.invariants.status(peer, result.result);
    return result.result;
  }

  finish(call: Call, ms: number): CommandResult {
    this.world.runUntil(() => call.result !== null, ms);
    if (call.result === null) throw new Error(`no end to a command after ${ms} ms`);
    return call.result;
  }

  /** Lets time pass until `done` holds, looking every now and then; fails the scenario otherwise. ms it took. */
  eventually(what: string, ms: number, done: () => boolean): number {
    const begin = this.world.now;
    while (!done()) {
      if (this.world.now - begin > ms) throw new Error(`not within ${ms} ms: ${what}`);
      this.world.run(GLANCE);
    }
    return this.world.now - begin;
  }

  expect(holds: boolean, what: string): void {
    if (!holds) throw new Error(`expected: ${what}`);
  }

  /** Whether each of `peers` holds the feed of each of `publishers` to the size that it has. */
  allHold(peers: readonly EnginePeer[], publishers: readonly Member[]): boolean {
    const owns = publishers.flatMap(({ peer }) => this.status(peer).own ?? []).filter(({ size }) => size > 0);
    return peers.every((peer) => {
      const { feeds } = this.status(peer);
      return owns.every(({ origin: name, size }) => {
        const view = feeds.find((feed) => feed.origin === name);
        return view?.size === size && view.held === size;
      });
    });
  }

  /** Origin of a publisher's feed. */
  originOf({ peer, builder }: Member): string {
    if (builder === null) throw new Error(`${peer.name} has no feed`);
    return origin(NETWORK, builder.key.raw);
  }

  /** Those that run and keep feeds. */
  get holders(): readonly EnginePeer[] {
    return this.peers.filter((peer) => peer.up && peer.server);
  }

  get publishers(): readonly Member[] {
    return this.members.filter(({ peer, builder }) => peer.up && builder !== null);
  }

  /** I1: every head that a publisher ever signed belongs to the feed that it serves now; and what `peers` serve is what their heads say. */
  checkHistories(peers: readonly EnginePeer[] = this.holders): void {
    for (const member of this.publishers) {
      const { peer } = member;
      const name = this.originOf(member);
      const feed = this.held(peer, name);
      this.invariants.history(peer, name, (size) => feed.root(Math.min(size, feed.entries.length)));
    }
    for (const peer of peers) this.checkHoldings(peer);
  }

  /** What a peer serves of each feed is what the head that it accepted says. */
  checkHoldings(peer: EnginePeer): void {
    for (const said of this.status(peer).feeds) {
      if (said.size === 0 || said.held !== said.size) continue;
      const { view, feed } = this.#served(peer, said);
      if (view === undefined || view.held !== view.size) continue;
      const { root } = parseCheckpoint(view.checkpoint);
      this.expect(feed.entries.length === view.held, `${peer.name} serves what it holds of ${view.origin}`);
      this.expect(
        equalBytes(feed.root(), root),
        `${peer.name} serves the tree of its head of ${view.origin}`,
      );
    }
  }

  /** What a peer serves of a feed, and what it says of it: once more where it says less, as more comes in meanwhile. */
  #served(
    peer: EnginePeer,
    said: HeadView,
  ): { readonly view: HeadView | undefined; readonly feed: MemoryFeed } {
    const feed = this.held(peer, said.origin);
    if (feed.entries.length <= said.held) return { view: said, feed };
    const view = this.status(peer).feeds.find((one) => one.origin === said.origin);
    return { view, feed: this.held(peer, said.origin) };
  }

  /** A feed as a peer hands it to a stranger, page by page. */
  held(peer: EnginePeer, feed: string): MemoryFeed {
    const held = new MemoryFeed(0, NETWORK);
    for (;;) {
      const from = held.entries.length;
      const request = writeTilesRequest({ kind: "entries", origin: feed, from, count: 1_000 });
      let answer: Uint8Array | string | null = null;
      peer.asked("tiles", request, "stranger", (given) => (answer = given));
      this.world.runUntil(() => answer !== null, 5_000);
      const blobs = answer === null || typeof answer === "string" ? [] : readTilesAnswer(answer).blobs;
      if (blobs.length === 0) return held;
      held.append(...blobs);
    }
  }
}
