/** Nodes that don't play by the rules. They know the protocol well and have valid keys. */
import { ProtocolError } from "../../protocol/errors.ts";
import type { PeerName, Stream, Topic } from "../../protocol/peer/index.ts";
import { readTilesRequest, writeTilesAnswer } from "../../protocol/wire/index.ts";
import type { TilesRequest } from "../../protocol/wire/index.ts";
import type { MemoryFeed } from "./memory-feed.ts";
import { Router } from "./router.ts";
import type { Answered, SimNode, World } from "./world.ts";

/** Forwards what it hears like anybody; answers the `tiles` stream from a feed that it chooses for each asker. */
export abstract class Liar implements SimNode {
  readonly name: PeerName;
  readonly up = true;
  readonly server = true;
  protected readonly world: World;
  protected readonly router: Router;

  constructor(world: World, name: PeerName) {
    this.name = name;
    this.world = world;
    this.router = new Router(world, name);
    world.add(this);
  }

  /** The feed that `peer` gets to see; null = none. */
  protected abstract feedFor(peer: PeerName): MemoryFeed | null;

  /** What it answers about that feed. */
  protected blobs(feed: MemoryFeed, request: TilesRequest): Uint8Array[] {
    return feed.answer(request);
  }

  joined(_peer: PeerName): void {}

  left(_peer: PeerName): void {}

  gossiped(topic: Topic, bytes: Uint8Array, from: PeerName): void {
    if (this.router.isNew(bytes)) this.router.forward(topic, bytes, from);
  }

  asked(stream: Stream, bytes: Uint8Array, from: PeerName, answered: Answered): void {
    const feed = this.feedFor(from);
    if (stream !== "tiles" || feed === null) {
      answered("peer/busy");
      return;
    }
    try {
      const request = readTilesRequest(bytes);
      const blobs = "origin" in request && request.origin !== feed.origin ? [] : this.blobs(feed, request);
      const next = request.kind === "entries" ? request.from + blobs.length : 0;
      answered(writeTilesAnswer({ blobs, next, code: "" }));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      answered(error.code);
    }
  }
}

/** Frames that one who says things again keeps. */
const MAX_KEPT = 200;
/** Octets of entries that fit into a gossip frame with all else in it. */
const MAX_TAIL = 24_000;

/** Shows one feed to everybody: forged leaves, contradictions. */
export class Publisher extends Liar {
  readonly feed: MemoryFeed;

  constructor(world: World, name: PeerName, feed: MemoryFeed) {
    super(world, name);
    this.feed = feed;
  }

  protected override feedFor(): MemoryFeed {
    return this.feed;
  }

  #told = 0;

  /** Gossips what it has not told of yet to all neighbours: entries where they fit into a frame, else the head. */
  publish(): void {
    const { entries } = this.feed;
    const octets = entries.slice(this.#told).reduce((sum, { length }) => sum + length, 0);
    this.router.publish("feeds", this.feed.update(octets < MAX_TAIL ? this.#told : entries.length));
    this.#told = entries.length;
  }
}

/** Shows one branch of its feed to one half of its neighbours and the other branch to the other half. */
export class Forker extends Liar {
  readonly #branches: readonly [MemoryFeed, MemoryFeed];

  constructor(world: World, name: PeerName, branches: readonly [MemoryFeed, MemoryFeed]) {
    super(world, name);
    this.#branches = branches;
  }

  protected override feedFor(peer: PeerName): MemoryFeed {
    return this.#branches[this.#side(peer)];
  }

  /** Gossips each branch to its half; `from` is where they were the same. */
  publish(from: number): void {
    for (const peer of this.world.network.neighbours(this.name)) {
      this.world.send(this.name, peer, "feeds", this.feedFor(peer).update(from));
    }
  }

  #side(peer: PeerName): 0 | 1 {
    return this.world.network.neighbours(this.name).indexOf(peer) % 2 === 0 ? 0 : 1;
  }
}

/** The same, with heads, proofs and tiles alone: nobody gets an entry. */
export class HeadForker extends Forker {
  /** Gossips to each the head of its branch. */
  showHeads(): void {
    for (const peer of this.world.network.neighbours(this.name)) {
      const feed = this.feedFor(peer);
      this.world.send(this.name, peer, "feeds", feed.update(feed.entries.length));
    }
  }

  protected override blobs(feed: MemoryFeed, request: TilesRequest): Uint8Array[] {
    return request.kind === "entries" ? [] : super.blobs(feed, request);
  }
}

/** Serves true heads of an honest feed, and under them what it made up: entries, and proofs that fit them as far as they can. */
export class Poisoner extends Liar {
  readonly #truth: MemoryFeed;
  readonly #madeUp: MemoryFeed;

  constructor(world: World, name: PeerName, truth: MemoryFeed) {
    super(world, name);
    this.#truth = truth;
    this.#madeUp = truth.branch(0);
    for (let i = 0; i < truth.entries.length; i++) this.#madeUp.append(`made up ${i}`);
  }

  protected override feedFor(): MemoryFeed {
    return this.#truth;
  }

  protected override blobs(feed: MemoryFeed, request: TilesRequest): Uint8Array[] {
    return (request.kind === "heads" ? feed : this.#madeUp).answer(request);
  }
}

/** Hides what it promised: gossips heads without entries and answers nothing. */
export class Withholder extends Liar {
  readonly feed: MemoryFeed;

  constructor(world: World, name: PeerName, feed: MemoryFeed) {
    super(world, name);
    this.feed = feed;
  }

  protected override feedFor(): null {
    return null;
  }

  publish(): void {
    this.router.publish("feeds", this.feed.update(this.feed.entries.length));
  }
}

/** Says whatever it is told to say. */
export class Accuser extends Liar {
  protected override feedFor(): null {
    return null;
  }

  say(topic: Topic, bytes: Uint8Array): void {
    for (const peer of this.world.network.neighbours(this.name))
      this.world.send(this.name, peer, topic, bytes);
  }
}

/** Sends octets of all kinds to everybody, as gossip, as questions and as answers: noise, and honest frames with changes. */
export class Junker extends Liar {
  readonly #heard: Uint8Array[] = [];

  protected override feedFor(): null {
    return null;
  }

  override gossiped(topic: Topic, bytes: Uint8Array, from: PeerName): void {
    super.gossiped(topic, bytes, from);
    this.#heard.push(bytes);
    if (this.#heard.length > 20) this.#heard.shift();
  }

  override asked(_stream: Stream, _bytes: Uint8Array, _from: PeerName, answered: Answered): void {
    answered(this.#junk());
  }

  /** One burst to every neighbour. */
  burst(): void {
    const { random } = this.world;
    for (const peer of this.world.network.neighbours(this.name)) {
      this.world.send(this.name, peer, random.pick(["feeds", "evidence"] as const), this.#junk());
      const stream = random.pick(["tiles", "query", "records"] as const);
      this.world.ask(this.name, peer, stream, this.#junk(), 1_000, () => undefined);
    }
  }

  #junk(): Uint8Array {
    const { random } = this.world;
    const heard = this.#heard.length > 0 && random.chance(0.7) ? random.pick(this.#heard) : null;
    if (heard === null) return random.bytes(random.below(200));
    const cut = random.chance(0.3) ? heard.slice(0, random.below(heard.length)) : heard.slice();
    if (cut.length > 0) cut[random.below(cut.length)] = random.below(256);
    return cut;
  }
}

/** Keeps what it hears and says it again later, out of order. */
export class Replayer extends Liar {
  readonly #heard: (readonly [Topic, Uint8Array])[] = [];

  protected override feedFor(): null {
    return null;
  }

  override gossiped(topic: Topic, bytes: Uint8Array, from: PeerName): void {
    super.gossiped(topic, bytes, from);
    this.#heard.push([topic, bytes]);
    if (this.#heard.length > MAX_KEPT) this.#heard.shift();
  }

  /** Some of it again, to every neighbour. */
  burst(): void {
    const { random } = this.world;
    if (this.#heard.length === 0) return;
    for (const peer of this.world.network.neighbours(this.name)) {
      const [topic, bytes] = random.pick(this.#heard);
      this.world.send(this.name, peer, topic, bytes.slice());
    }
  }
}
