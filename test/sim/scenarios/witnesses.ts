/** Who shows two histories to two halves of the mesh can't have both believed where enough witnesses must have seen them (docs/witnesses.md). */
import { proveFork } from "../../../protocol/evidence/index.ts";
import { verifyCheckpoint, verifyCosignature } from "../../../protocol/feed/index.ts";
import type { Cosigner, SignedHead } from "../../../protocol/feed/index.ts";
import { writeCosignatureNotice } from "../../../protocol/wire/index.ts";
import { cosignedNote, witnessOf } from "../../witness-requests.ts";
import { Builder, packageNumber } from "../builder.ts";
import { Accuser, Publisher } from "../liars.ts";
import { MemoryFeed } from "../memory-feed.ts";
import { Mesh, NETWORK } from "../mesh.ts";
import type { EnginePeer } from "../peer.ts";
import type { Found } from "../verdicts.ts";
import { honestGoOn } from "./liars.ts";
import type { Facts } from "./scenario.ts";

/** The key of the feed with two branches. */
const LIAR = 99;
/** Keys of witnesses begin here. */
const WITNESS = 150;
/** Of the package of which the branches say two things. */
const TARGET = packageNumber(7);
/** ms in which every witness has cosigned what it holds, whenever it did so last. */
const ROUND = 130_000;

/** What one half of the mesh gets to see. */
interface Half {
  readonly contents: string;
  readonly branch: MemoryFeed;
  readonly names: readonly string[];
  /** Asks in the end. */
  readonly client: EnginePeer;
  readonly honest: number;
}

/** Every honest peer is a witness, a third as many lie and cosign both branches. With k > (n + f) / 2 at most one is believed; with less both may be. */
export function witnesses(seed: number, size: number): Facts {
  return new Scene(seed, size).play();
}

class Scene {
  readonly #mesh: Mesh;
  readonly #liar = new Builder(LIAR);
  readonly #seeds: readonly Uint8Array[];
  readonly #lying: readonly Uint8Array[];
  readonly #cosigners: readonly Cosigner[];
  readonly #halves: readonly Half[];

  constructor(seed: number, size: number) {
    const mesh = new Mesh(seed);
    this.#mesh = mesh;
    const lying = Math.max(1, Math.floor(size / 3));
    this.#seeds = Array.from({ length: size + lying }, (_, i) => new Uint8Array(32).fill(WITNESS + i));
    this.#lying = this.#seeds.slice(size);
    this.#cosigners = this.#seeds.map((one) => witnessOf(one, NETWORK));
    const follow = [new Builder(1), this.#liar];
    const choices = { follow, witnesses: this.#cosigners };
    const peers = this.#seeds
      .slice(0, size)
      .map((witness, i) => mesh.add({ ...choices, witness, feed: i === 0 ? 1 : null }).peer);
    const clients = [mesh.add(choices).peer, mesh.add(choices).peer] as const;
    for (const peer of mesh.peers) mesh.start(peer);
    const shuffled = mesh.world.random.shuffled(peers);
    const cut = 1 + mesh.world.random.below(size - 1);
    const common = new MemoryFeed(LIAR, NETWORK).append(this.#liar.link(packageNumber(1), "bits"));
    this.#halves = [shuffled.slice(0, cut), shuffled.slice(cut)].map((some, i) => {
      const client = clients[i === 0 ? 0 : 1];
      return {
        contents: i === 0 ? "bits" : "other bits",
        branch: common.branch(1),
        names: [...some, client].map(({ name }) => name),
        client,
        honest: some.length,
      };
    });
    mesh.invariants.histories.lies(this.#halves.map(({ branch }) => branch));
  }

  play(): Facts {
    const mesh = this.#mesh;
    const [one] = this.#halves;
    if (one === undefined) throw new Error("two halves expected");
    const owner = new Publisher(mesh.world, "owner", one.branch);
    for (const { name } of mesh.peers) mesh.world.connect(owner.name, name);
    owner.publish();
    mesh.world.run(ROUND);
    mesh.world.partition(...this.#halves.map(({ names }) => names));
    for (const half of this.#halves) this.#lie(half);
    mesh.world.run(ROUND);
    const found = this.#asks();
    const told = this.#halves.map((half) => this.#told(half));
    mesh.world.network.heal();
    mesh.connectRing();
    mesh.eventually("everybody knows of the fork", 600_000, () =>
      mesh.holders.every((peer) => mesh.invariants.viewsOf(peer).of(one.branch.origin)?.forked === true),
    );
    this.#prove(told);
    honestGoOn(mesh);
    const after = this.#halves.map((half) => this.#ask(half, 1, null));
    return {
      mesh,
      facts: { witnesses: this.#seeds.length, lying: this.#lying.length, k: this.#enough },
      found: [...found, ...after],
      judged: (verdicts) => {
        const last = verdicts.slice(found.length).map(({ verdict }) => verdict);
        mesh.expect(!last.includes("reproduced"), `nobody believes a forked feed: ${last.join(" ")}`);
      },
    };
  }

  /** The smallest k with 2 k > n + f. */
  get #enough(): number {
    return Math.floor((this.#seeds.length + this.#lying.length) / 2) + 1;
  }

  /** The owner shows this half its branch, in two steps, and the lying witnesses cosign it. */
  #lie({ contents, branch, names }: Half): void {
    const { world } = this.#mesh;
    // Nodes of one half reach nobody in the other: each half has liars of its own, with the same keys.
    const owner = new Publisher(world, `owner of ${contents}`, branch);
    const herald = new Accuser(world, `herald of ${contents}`);
    world.partition(
      ...this.#halves.map((half) => [
        ...half.names,
        `owner of ${half.contents}`,
        `herald of ${half.contents}`,
      ]),
    );
    for (const name of names) {
      world.connect(owner.name, name);
      world.connect(herald.name, name);
    }
    for (const name of names) for (const other of names) if (name < other) world.connect(name, other);
    branch.append(this.#liar.link(TARGET, contents));
    owner.publish();
    world.run(2_000);
    const time = Math.floor(world.now / 1_000);
    for (const seed of this.#lying)
      herald.say("cosignatures", writeCosignatureNotice(cosignedNote(branch, 2, seed, time)));
    world.run(ROUND / 2);
    branch.append(this.#liar.link(packageNumber(2), contents));
    owner.publish();
  }

  /** Each half's client about its file: with enough witnesses, and with as many as both halves have. */
  #asks(): readonly Found[] {
    const least = Math.min(...this.#halves.map(({ honest }) => honest)) + this.#lying.length;
    return this.#halves.flatMap((half) => {
      const hasEnough = half.honest + this.#lying.length >= this.#enough;
      return [
        this.#ask(half, this.#enough, hasEnough ? "reproduced" : "pending"),
        this.#ask(half, least, "reproduced"),
      ];
    });
  }

  #ask({ contents, client }: Half, k: number, expected: Found["expected"]): Found {
    const builders = [this.#liar];
    const question = { targets: [TARGET.key], digests: [], builders: [this.#liar.key.raw] };
    return {
      peer: client.name,
      step: this.#mesh.world.steps,
      target: TARGET,
      contents,
      builders,
      needed: 1,
      witnesses: { k, of: this.#cosigners },
      network: NETWORK,
      now: client.now,
      result: this.#mesh.find(client, question),
      expected,
    };
  }

  /** Heads that this half's client knows to be cosigned. */
  #told({ client, branch }: Half): readonly SignedHead[] {
    const view = this.#mesh.status(client).feeds.find(({ origin }) => origin === branch.origin);
    return (view?.cosigned ?? []).map((note) => verifyCheckpoint(note, NETWORK));
  }

  /** Two cosigned heads that don't join are a proof against the witness too: of all who lied, and of nobody else. */
  #prove([some = [], others = []]: readonly (readonly SignedHead[])[]): void {
    const both = this.#cosigners.filter((witness) => {
      const isOf = (head: SignedHead): boolean => verifyCosignature(head.note, witness) !== null;
      return some
        .filter(isOf)
        .some((a) => others.filter(isOf).some((b) => proveFork(a, b, null, null) !== null));
    });
    const lying = this.#lying.map((seed) => witnessOf(seed, NETWORK).name);
    const names = both.map(({ name }) => name);
    this.#mesh.expect(
      names.join() === lying.join(),
      `who cosigned both is proven: ${names.join()}, not ${lying.join()}`,
    );
  }
}
