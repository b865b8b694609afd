/** What a storm has beside its liars: a long feed that many lie about, and witnesses. */
import type { Cosigner } from "../../../protocol/feed/index.ts";
import { writeCosignatureNotice } from "../../../protocol/wire/index.ts";
import { cosignedNote, witnessOf } from "../../witness-requests.ts";
import { Builder } from "../builder.ts";
import { Accuser } from "../liars.ts";
import { MemoryFeed } from "../memory-feed.ts";
import { NETWORK } from "../mesh.ts";
import type { Choices, Mesh } from "../mesh.ts";
import { Mirror, Source, tricks } from "../sources.ts";

/** Keys of the long feed, of another one, and of witnesses from here on. */
const ARCHIVE = 90;
const STRANGER = 92;
const WITNESS = 150;
/** Entries of the long feed: enough for bundles. */
const LONG = 1_300;
/** Of so many peers one follows it. */
const ONE_OF = 10;
/** Liars about it, each with a trick by lot. */
const LIARS = 4;
/** Honest witnesses, as far as there are peers, and one more that cosigns all that it sees. */
const WITNESSES = 5;

/** A long feed whose owner is gone: two sources and a mirror have it, and a few lie about it. */
export class Archive {
  readonly #mesh: Mesh;
  readonly #feed: MemoryFeed = longFeed(ARCHIVE);
  readonly #sources: readonly Source[];

  constructor(mesh: Mesh) {
    const { world, invariants } = mesh;
    this.#mesh = mesh;
    const honest = [
      new Source(world, "archive", [this.#feed]),
      new Source(world, "archive-2", [this.#feed]),
      new Mirror(world, "mirror", [this.#feed]),
    ];
    for (const { name } of honest) invariants.honestSource(name);
    mesh.signed(this.#feed);
    const lies = world.random.shuffled([...tricks(longFeed(STRANGER))]).slice(0, LIARS);
    const liars = lies.map(([name, trick]) => new Source(world, `archive-${name}`, [this.#feed], trick));
    this.#sources = [...honest, ...liars];
  }

  /** Whom the peer with this number follows beside others. */
  static followedBy(number: number): readonly Builder[] {
    return number % ONE_OF === 0 ? [new Builder(ARCHIVE)] : [];
  }

  /** Its followers get to know who has it, and who says so. */
  meet(): void {
    const { world, holders } = this.#mesh;
    for (const { name } of holders.filter((peer) => peer.follows(this.#feed.origin)))
      for (const source of world.random.shuffled(this.#sources)) world.connect(source.name, name);
  }

  isHeld(): boolean {
    const { holders, invariants } = this.#mesh;
    const { origin, entries } = this.#feed;
    return holders
      .filter((peer) => peer.follows(origin))
      .every((peer) => (invariants.viewsOf(peer).of(origin)?.stored ?? 0) === entries.length);
  }
}

function longFeed(key: number): MemoryFeed {
  return new MemoryFeed(key, NETWORK).append(
    ...Array.from({ length: LONG }, (_, i) => `entry ${i} of ${key}`),
  );
}

/** Some peers are witnesses, all have pinned them; and one lies. */
export class Jury {
  static readonly #seeds: readonly Uint8Array[] = Array.from({ length: WITNESSES + 1 }, (_, i) =>
    new Uint8Array(32).fill(WITNESS + i),
  );
  static readonly #cosigners: readonly Cosigner[] = Jury.#seeds.map((seed) => witnessOf(seed, NETWORK));
  readonly #world: Mesh["world"];
  readonly #perjurer: Accuser;

  constructor({ world }: Mesh) {
    this.#world = world;
    this.#perjurer = new Accuser(world, "perjurer");
  }

  /** What the peer with this number has of it. */
  static choicesOf(number: number): Pick<Choices, "witness" | "witnesses"> {
    const witness = number < WITNESSES ? Jury.#seeds[number] : undefined;
    return { witnesses: Jury.#cosigners, ...(witness === undefined ? {} : { witness }) };
  }

  get name(): string {
    return this.#perjurer.name;
  }

  /** The one that lies cosigns a head of each branch, and tells of it. */
  perjure(branches: readonly MemoryFeed[]): void {
    const seed = Jury.#seeds[WITNESSES];
    const time = Math.floor(this.#world.now / 1_000);
    if (seed === undefined) return;
    for (const branch of branches) {
      const size = 1 + this.#world.random.below(branch.entries.length);
      this.#perjurer.say("cosignatures", writeCosignatureNotice(cosignedNote(branch, size, seed, time)));
    }
  }
}
