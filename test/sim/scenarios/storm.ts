/** Everything at once: bad weather, churn, partitions, wrong clocks, witnesses, and every kind of liar; then it calms down. */
import { COSIGN_AFTER_MS } from "../../../protocol/limits.ts";
import { Builder, packageNumber } from "../builder.ts";
import { quantile } from "../delivery.ts";
import { Accuser, Forker, Junker, Poisoner, Publisher, Replayer, Withholder } from "../liars.ts";
import { MemoryFeed } from "../memory-feed.ts";
import { Mesh, NETWORK } from "../mesh.ts";
import type { Member } from "../mesh.ts";
import type { EnginePeer } from "../peer.ts";
import { FAIR } from "../network.ts";
import type { Found } from "../verdicts.ts";
import { forkedFeed, settled } from "./calm.ts";
import { Archive, Jury } from "./extras.ts";
import { linksOf } from "./growth.ts";
import type { Facts } from "./scenario.ts";
import { publishing } from "../../publishing.ts";

/** Keys of liars that all follow. */
const FORKER = 99;
const CONTRADICTOR = 98;
const WITHHOLDER = 97;
/** Strangers' keys begin here. */
const SYBIL = 100;
/** Number of the package that every publisher attests, and of one of which somebody says two things. */
const EVERYBODYS = 100_000;
const CONTRADICTED = 7;
/** Neighbours that a liar has. */
const AUDIENCE = 6;
/** Things that happen, one after the other. */
const ROUNDS = 14;
/** ms by which clocks are wrong at most. */
const SKEW = 120_000;

export function storm(seed: number, size: number): Facts {
  const scene = new Storm(seed, size);
  for (let round = 0; round < ROUNDS; round++) scene.round(round);
  return scene.calm();
}

class Storm {
  readonly mesh: Mesh;
  readonly #forker: Forker;
  readonly #contradictor: Publisher;
  readonly #withholder: Withholder;
  readonly #replayer: Replayer;
  readonly #junker: Junker;
  readonly #herald: Accuser;
  readonly #archive: Archive;
  readonly #jury: Jury;
  readonly #branches: readonly [MemoryFeed, MemoryFeed];
  readonly #follow: readonly Builder[];
  #published = 0;
  #sybils = 0;
  #liedAt = 0;

  constructor(seed: number, size: number) {
    const mesh = new Mesh(seed);
    this.mesh = mesh;
    const publishers = Math.max(1, Math.min(4, Math.floor(size / 5)));
    const keys = [...Array.from({ length: publishers }, (_, i) => i + 1), FORKER, CONTRADICTOR, WITHHOLDER];
    const follow = keys.map((key) => new Builder(key));
    this.#follow = follow;
    for (let i = 0; i < size; i++) {
      const { peer } = mesh.add({
        feed: i < publishers ? i + 1 : null,
        follow: [...follow, ...Archive.followedBy(i)],
        ...Jury.choicesOf(i),
      });
      peer.skew = mesh.world.random.below(2 * SKEW) - SKEW;
    }
    mesh.add({ light: true, follow });
    for (const peer of mesh.peers) mesh.start(peer);
    const { world } = mesh;
    this.#branches = forkedFeed(FORKER);
    const contradictions = new MemoryFeed(CONTRADICTOR, NETWORK);
    const hidden = new MemoryFeed(WITHHOLDER, NETWORK).append("hidden", "entries");
    this.#forker = new Forker(world, "forker", this.#branches);
    this.#contradictor = new Publisher(world, "contradictor", contradictions);
    this.#withholder = new Withholder(world, "withholder", hidden);
    this.#replayer = new Replayer(world, "replayer");
    this.#junker = new Junker(world, "junker");
    this.#herald = new Accuser(world, "herald");
    this.#archive = new Archive(mesh);
    this.#jury = new Jury(mesh);
    // From then on witnesses cosign by themselves.
    world.run(COSIGN_AFTER_MS);
    for (const lies of [this.#branches, [contradictions], [hidden]]) mesh.invariants.histories.lies(lies);
  }

  /** Somebody publishes, and something else happens. */
  round(number: number): void {
    const { world } = this.mesh;
    this.#publish();
    this.#meet();
    if (number === 2) this.#lie();
    else world.random.pick(this.#events)();
    world.run(500 + world.random.below(3_000));
  }

  /** The weather clears, everybody is back: all honest peers come to hold and to know the same. */
  calm(): Facts {
    const { mesh } = this;
    mesh.world.network.heal();
    mesh.world.network.conditions = FAIR;
    for (const peer of mesh.peers) if (!peer.up) mesh.start(peer, peer.disk.ownHead === "none");
    mesh.connectRing();
    this.#archive.meet();
    for (const peer of mesh.holders) this.#forkerMeets(peer.name);
    this.#forker.publish(0);
    for (const member of mesh.publishers)
      mesh.publish(member.peer, ...this.#next(member), ...linksOf(member, EVERYBODYS, 1));
    const ms = settled(mesh, this.#branches[0].origin);
    mesh.eventually("those who follow the archive hold it", 600_000, () => this.#archive.isHeld());
    const evidence = mesh.delivery.evidence("fork", this.#liedAt, mesh.holders).filter((at) => at !== null);
    const light = mesh.peers.filter(({ server }) => !server);
    const askers = [...light, ...mesh.world.random.shuffled(mesh.holders).slice(0, 2)];
    const found = askers.flatMap((peer) => [this.#ask(peer, EVERYBODYS), this.#ask(peer, CONTRADICTED)]);
    return {
      mesh,
      found,
      facts: {
        ms,
        missed: mesh.delivery.missed(mesh.holders),
        deliveries: mesh.delivery.latencies.length,
        "delivery ms": quantile(mesh.delivery.latencies, 0.5),
        "evidence ms": quantile(evidence, 0.5),
        cosigned: mesh.invariants.cosigned,
        checks: mesh.invariants.checks,
      },
    };
  }

  /** About a package: one of which all publishers say the same is reproduced where there are two of them. */
  #ask(peer: EnginePeer, number: number): Found {
    const { mesh } = this;
    const target = packageNumber(number);
    const builders = this.#follow;
    const keys = builders.map(({ key }) => key.raw);
    const result = mesh.find(peer, { targets: [target.key], digests: [], builders: keys });
    const isReproduced = number === EVERYBODYS && mesh.publishers.length > 1;
    return {
      peer: peer.name,
      step: mesh.world.steps,
      target,
      contents: "the same bits",
      builders,
      network: NETWORK,
      now: peer.now,
      result,
      expected: isReproduced ? "reproduced" : null,
    };
  }

  readonly #events: readonly (() => void)[] = [
    () => this.#weather(),
    () => this.#weather(),
    () => this.#churn(),
    () => this.#churn(),
    () => this.#divide(),
    () => this.#divide(),
    () => this.mesh.world.network.heal(),
    () => this.#turnClocks(),
    () => this.#flood(),
    () => this.#freeze(),
    () => this.#eclipse(),
    () => this.#withholder.publish(),
    () => this.#jury.perjure(this.#branches),
    () => this.#junker.burst(),
    () => this.#replayer.burst(),
  ];

  #publish(): void {
    const { random } = this.mesh.world;
    const ready = this.mesh.publishers.filter(({ peer }) => peer.ready);
    if (ready.length === 0) return;
    const member = random.pick(ready);
    member.peer.command(publishing(this.#next(member)));
  }

  #next(member: Member): readonly Uint8Array[] {
    const count = 1 + this.mesh.world.random.below(4);
    this.#published += count;
    return linksOf(member, this.#published - count, count);
  }

  /** Whoever knows few finds others, and liars find victims. */
  #meet(): void {
    this.#archive.meet();
    const { world } = this.mesh;
    const names = this.mesh.peers.filter(({ up }) => up).map(({ name }) => name);
    for (const name of names)
      if (world.network.neighbours(name).length < 3) world.connect(name, world.random.pick(names));
    for (const { name } of [
      ...(this.#liedAt === 0 ? [] : [this.#forker, this.#contradictor]),
      this.#withholder,
      this.#replayer,
      this.#junker,
      this.#herald,
      this.#jury,
    ]) {
      const left = AUDIENCE - world.network.neighbours(name).length;
      for (let i = 0; i < left; i++) world.connect(name, world.random.pick(names));
    }
  }

  #lie(): void {
    this.#liedAt = this.mesh.world.now;
    this.#meet();
    this.#forker.publish(0);
    const owner = new Builder(CONTRADICTOR);
    this.#contradictor.feed.append(
      owner.link(packageNumber(CONTRADICTED), "bits"),
      owner.link(packageNumber(CONTRADICTED), "other bits"),
    );
    this.#contradictor.publish();
    this.#jury.perjure(this.#branches);
  }

  #forkerMeets(name: string): void {
    if (this.mesh.world.network.neighbours(this.#forker.name).length < AUDIENCE)
      this.mesh.world.connect(this.#forker.name, name);
  }

  #weather(): void {
    const { random, network } = this.mesh.world;
    network.conditions = {
      latency: [1 + random.below(40), 60 + random.below(900)],
      loss: random.pick([0, 0.01, 0.05]),
      duplication: random.pick([0, 0.02, 0.1]),
      bandwidth: random.pick([20_000, 200_000, Number.POSITIVE_INFINITY]),
    };
  }

  /** A tenth loses power; those that had lost it before come back. */
  #churn(): void {
    const { random } = this.mesh.world;
    const down = this.mesh.peers.filter(({ up }) => !up);
    const up = this.mesh.peers.filter((peer) => peer.up);
    for (const peer of random.shuffled(up).slice(0, Math.ceil(up.length / 10))) peer.crash();
    for (const peer of down) peer.start(peer.disk.ownHead === "none");
  }

  /** Two halves, drawn by lot. */
  #divide(): void {
    const { world } = this.mesh;
    const names = world.random.shuffled(this.mesh.peers.map(({ name }) => name));
    world.partition(names.slice(names.length / 2), names.slice(0, names.length / 2));
  }

  #turnClocks(): void {
    const { random } = this.mesh.world;
    for (const peer of random.shuffled(this.mesh.peers).slice(0, 5))
      peer.skew += random.below(20_000) - 10_000;
  }

  /** Feeds of keys that nobody knows. */
  #flood(): void {
    for (let i = 0; i < 5; i++) {
      const key = SYBIL + (this.#sybils++ % 100);
      const entry = new Builder(key).link(packageNumber(i), `bits of ${key}`);
      this.#herald.say("feeds", new MemoryFeed(key, NETWORK).append(entry).update(0));
    }
  }

  /** Shows a peer the first head of an honest feed as if there were no other, for ever. */
  #freeze(): void {
    const { world } = this.mesh;
    const frozen = this.#truth();
    if (frozen === null) return;
    const liar = new Publisher(world, `freezer-${world.steps}`, frozen);
    for (const { name } of world.random.shuffled(this.mesh.holders).slice(0, 2))
      world.connect(liar.name, name);
    liar.publish();
  }

  /** One peer loses all its neighbours to liars that make up what they serve. */
  #eclipse(): void {
    const { world } = this.mesh;
    const truth = this.#truth();
    const { holders } = this.mesh;
    if (truth === null || holders.length === 0) return;
    const { name } = world.random.pick(holders);
    for (const other of world.network.neighbours(name)) world.disconnect(name, other);
    for (let i = 0; i < 3; i++)
      world.connect(name, new Poisoner(world, `poisoner-${world.steps}-${i}`, truth).name);
  }

  /** An honest feed as it once was, under a head that it signed; null before it has any. */
  #truth(): MemoryFeed | null {
    const [member] = this.mesh.publishers.filter(({ peer }) => peer.ready);
    if (!member?.builder) return null;
    const origin = this.mesh.originOf(member);
    const { entries } = this.mesh.held(member.peer, origin);
    const sizes = [...this.mesh.invariants.histories.signedBy(origin).keys()];
    const size = Math.min(...sizes);
    if (entries.length < size) return null;
    return new MemoryFeed(member.builder.seed[0] ?? 0, NETWORK).append(...entries.slice(0, size));
  }
}
