/** Newcomers fetch long feeds as bundles from many sources at once, most of which lie, are silent or slow; some come and go. */
import { Builder } from "../builder.ts";
import { MemoryFeed } from "../memory-feed.ts";
import { Mesh, NETWORK } from "../mesh.ts";
import { FAIR } from "../network.ts";
import type { EnginePeer } from "../peer.ts";
import { Mirror, Source, tricks } from "../sources.ts";
import type { Facts } from "./scenario.ts";

/** Keys of the long feeds, whose owners are honest, and of a feed that nobody asked for. */
const OWNERS = [
  { key: 90, count: 4_000, octets: 200 },
  // Of these one bundle fills an answer.
  { key: 91, count: 1_500, octets: 2_200 },
] as const;
const STRANGER = { key: 92, count: 4_500, octets: 200 };
/** Octets a second that each sends at most. */
const BANDWIDTH = 1_000_000;
/** ms after which a slow source answers: just within what a question may take. */
const SLOW = 9_000;
/** ms that liars may cost: three are silent or slow, each is waited for a few times, and there are pauses between failures. */
const COST = 40_000;
/** Questions for entries that one newcomer asks one liar for one feed. */
const BELIEVED = 6;

/** With liars it takes little longer than without; nobody believes them for long, and nobody is taken for a liar who is none. */
export function bulk(seed: number, size: number): Facts {
  const alone = new Bulk(seed, size);
  const before = alone.run();
  const among = new Bulk(seed, size);
  among.lie();
  const ms = among.run();
  among.mesh.expect(ms < before + COST, `${ms} ms with liars, ${before} without`);
  among.isDisbelieved();
  return { mesh: among.mesh, facts: { alone: before, ms, ...among.facts() } };
}

class Bulk {
  readonly mesh: Mesh;
  readonly #feeds: readonly MemoryFeed[];
  readonly #owner: Source;
  readonly #mirrors: readonly Mirror[];
  readonly #keepers: readonly EnginePeer[];
  readonly #newcomers: readonly EnginePeer[];
  #liars: ReadonlyMap<string, Source> = new Map();

  constructor(seed: number, size: number) {
    const mesh = new Mesh(seed);
    this.mesh = mesh;
    this.#feeds = OWNERS.map(longFeed);
    for (const feed of this.#feeds) mesh.signed(feed);
    this.#owner = this.#honest(new Source(mesh.world, "owner", this.#feeds));
    const early = this.#feeds.map((feed) => feed.branch(2_000));
    for (const feed of early) mesh.signed(feed);
    this.#mirrors = [
      this.#honest(new Mirror(mesh.world, "mirror", this.#feeds)),
      this.#honest(new Mirror(mesh.world, "old-mirror", early)),
    ];
    const follow = OWNERS.map(({ key }) => new Builder(key));
    const keepers = Math.max(2, Math.floor(size / 2));
    const peers = Array.from({ length: Math.max(3, size) }, () => mesh.add({ follow }).peer);
    this.#keepers = peers.slice(0, keepers);
    this.#newcomers = peers.slice(keepers);
    for (const peer of this.#keepers) {
      mesh.start(peer);
      mesh.world.connect(this.#owner.name, peer.name);
    }
    this.#allHold("the keepers", this.#keepers);
    mesh.world.network.conditions = { ...FAIR, bandwidth: BANDWIDTH };
  }

  lie(): void {
    const strange = longFeed(STRANGER);
    const { world } = this.mesh;
    this.#liars = new Map(
      [...tricks(strange)].map(([name, trick]) => [
        name,
        new Source(world, name, this.#feeds, trick, name === "drip" ? SLOW : 0),
      ]),
    );
    this.#honest(new Source(world, "slow", this.#feeds, undefined, SLOW));
  }

  /** ms that it took. */
  run(): number {
    const { mesh } = this;
    for (const peer of this.#newcomers) {
      peer.start();
      mesh.world.runUntil(() => peer.ready, 10_000);
    }
    const begin = mesh.world.now;
    for (const peer of this.#newcomers) this.#meet(peer);
    mesh.world.run(2_000);
    this.#come();
    this.#allHold("the newcomers", this.#newcomers);
    const ms = mesh.world.now - begin;
    this.#check();
    return ms;
  }

  /** Liars are asked for little, before and after a newcomer lost power. */
  isDisbelieved(): void {
    const { mesh } = this;
    const most = BELIEVED * (this.#newcomers.length + 1) * this.#feeds.length;
    for (const [name, { asks }] of this.#liars)
      mesh.expect(asks <= most, `${name} was asked ${asks} times, not ${most} at most`);
  }

  facts(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#liars].map(([name, { asks }]) => [`${name} asked`, asks]));
  }

  /** Whom a newcomer gets to know, in whatever order. */
  #meet({ name }: EnginePeer): void {
    const { world } = this.mesh;
    const names = [...this.mesh.peers, ...this.#mirrors, ...this.#liars.values()].map((node) => node.name);
    for (const other of world.random.shuffled(["slow", ...names])) world.connect(name, other);
  }

  /** A source loses power and is back later; the feeds grow; one of the newcomers loses power too. */
  #come(): void {
    const { mesh } = this;
    const [keeper] = mesh.world.random.shuffled(this.#keepers);
    const [newcomer] = mesh.world.random.shuffled(this.#newcomers);
    keeper?.crash();
    mesh.world.run(1_000);
    for (const feed of this.#feeds) {
      feed.append(...entriesOf(feed.entries.length, 300, 200));
      mesh.signed(feed);
    }
    this.#owner.publish();
    newcomer?.crash();
    mesh.world.run(1_000);
    for (const peer of [keeper, newcomer]) {
      if (peer === undefined) continue;
      mesh.start(peer);
      this.#meet(peer);
    }
    if (keeper !== undefined) mesh.world.connect(this.#owner.name, keeper.name);
  }

  #allHold(who: string, peers: readonly EnginePeer[]): void {
    const { mesh } = this;
    mesh.eventually(`${who} hold all`, 300_000, () =>
      peers.every((peer) =>
        this.#feeds.every(
          ({ origin, entries }) => mesh.invariants.viewsOf(peer).of(origin)?.stored === entries.length,
        ),
      ),
    );
  }

  #check(): void {
    const { mesh } = this;
    for (const peer of this.#newcomers) {
      const kinds = peer.findings.map(({ kind }) => kind);
      mesh.expect(kinds.length === 0, `${peer.name} accuses nobody (${kinds.join(" ")})`);
      mesh.checkHoldings(peer);
    }
  }

  #honest<Node extends Source>(source: Node): Node {
    this.mesh.invariants.honestSource(source.name);
    return source;
  }
}

function longFeed({ key, count, octets }: (typeof OWNERS)[number] | typeof STRANGER): MemoryFeed {
  return new MemoryFeed(key, NETWORK).append(...entriesOf(0, count, octets));
}

function entriesOf(first: number, count: number, octets: number): string[] {
  return Array.from({ length: count }, (_, i) => `entry ${first + i} `.padEnd(octets, "."));
}
