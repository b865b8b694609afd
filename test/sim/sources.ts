/** Sources of long feeds: as peers and static folders answer, and as liars may. */
import type { PeerName, Stream } from "../../protocol/peer/index.ts";
import { readTilesRequest, writeTilesAnswer } from "../../protocol/wire/index.ts";
import type { TilesRequest } from "../../protocol/wire/index.ts";
import { Liar } from "./liars.ts";
import type { MemoryFeed } from "./memory-feed.ts";
import type { Answered, World } from "./world.ts";

/** Octets of blobs that a peer puts into one answer. */
const FILL = 960 * 1024;
/** Longest entry. */
const LONGEST = 65_535;

/** What a source gives: blobs, octets that are no frame, a refusal; null = nothing, ever. */
export type Given = Uint8Array[] | { readonly octets: Uint8Array } | { readonly code: string } | null;

/** Makes of an honest answer what this source gives. */
export type Trick = (request: TilesRequest, truth: Uint8Array[], source: Source) => Given;

/** As a peer answers: as many entries as were asked for and fit. */
export function page({ entries }: MemoryFeed, from: number, count: number): Uint8Array[] {
  const given: Uint8Array[] = [];
  let octets = 0;
  for (const entry of entries.slice(from, from + count)) {
    octets += entry.length;
    if (octets > FILL && given.length > 0) break;
    given.push(entry);
  }
  return given;
}

/** Holds feeds whole and answers the `tiles` stream, by its trick and after a while. */
export class Source extends Liar {
  /** Questions for entries that came. */
  asks = 0;
  readonly #feeds: readonly MemoryFeed[];
  readonly #trick: Trick;
  readonly #ms: number;

  constructor(world: World, name: PeerName, feeds: readonly MemoryFeed[], trick: Trick = honest, ms = 0) {
    super(world, name);
    this.#feeds = feeds.toSorted((a, b) => (a.origin < b.origin ? -1 : 1));
    this.#trick = trick;
    this.#ms = ms;
  }

  protected override feedFor(): null {
    return null;
  }

  /** Gossips the heads to all neighbours. */
  publish(): void {
    for (const feed of this.#feeds) this.router.publish("feeds", feed.update(feed.entries.length));
  }

  override asked(stream: Stream, bytes: Uint8Array, _from: PeerName, answered: Answered): void {
    if (stream !== "tiles") {
      answered("peer/busy");
      return;
    }
    const request = readTilesRequest(bytes);
    if (request.kind === "entries") this.asks++;
    const given = this.#trick(request, this.#truth(request), this);
    if (given === null) return;
    this.world.plan(this.#ms, () => {
      if (Array.isArray(given)) answered(writeTilesAnswer({ blobs: given, next: 0, code: "" }));
      else answered("code" in given ? given.code : given.octets);
    });
  }

  #truth(request: TilesRequest): Uint8Array[] {
    if (request.kind === "heads") return this.#feeds.flatMap((feed) => feed.answer(request));
    const feed =
      "origin" in request ? this.#feeds.find(({ origin }) => origin === request.origin) : undefined;
    if (feed === undefined) return [];
    return request.kind === "entries" ? page(feed, request.from, request.count) : feed.answer(request);
  }

  /** Hangs up on everybody and is back after a while. */
  vanish(ms: number): void {
    const neighbours = this.world.network.neighbours(this.name);
    for (const peer of neighbours) this.world.disconnect(this.name, peer);
    this.world.plan(ms, () => {
      for (const peer of neighbours) this.world.connect(this.name, peer);
    });
  }
}

/** A static folder: hands on nothing, and cosigns nothing. */
export class Mirror extends Source {
  override gossiped(): void {}
}

function honest(_request: TilesRequest, truth: Uint8Array[]): Given {
  return truth;
}

/** A trick with entries alone: heads, tiles and proofs are true. */
function withEntries(
  trick: (truth: Uint8Array[], request: Extract<TilesRequest, { kind: "entries" }>, source: Source) => Given,
): Trick {
  return (request, truth, source) => (request.kind === "entries" ? trick(truth, request, source) : truth);
}

/** What liars do where bundles are asked for, by name; `strange` is a feed of another key. */
export function tricks(strange: MemoryFeed): ReadonlyMap<string, Trick> {
  const changed = (truth: Uint8Array[]): Uint8Array[] =>
    truth.map((entry, i) => (i % 256 === 77 ? Uint8Array.of(1) : entry));
  return new Map<string, Trick>([
    ["noise", withEntries(() => ({ octets: Uint8Array.of(1, 2, 3) }))],
    ["strange", withEntries((_, { from, count }) => page(strange, from, count))],
    ["changed", withEntries(changed)],
    ["shifted", withEntries((truth) => truth.slice(256))],
    ["short", withEntries((truth) => truth.slice(0, 100))],
    ["empty", withEntries(() => [])],
    ["drip", withEntries((truth) => truth.slice(0, 1))],
    // As many as fill an answer, and no bundle among them.
    [
      "huge",
      withEntries((truth) => truth.slice(0, FILL / LONGEST).map((_, i) => new Uint8Array(LONGEST).fill(i))),
    ],
    ["hashes", (request, truth) => (request.kind === "tiles" ? strange.answer(request) : truth)],
    ["silent", withEntries(() => null)],
    ["busy", withEntries(() => ({ code: "peer/busy" }))],
    ["turncoat", withEntries((truth, _, { asks }) => (asks > 2 ? changed(truth) : truth))],
    [
      "vanishing",
      withEntries((truth, _, source) => {
        source.vanish(2_000);
        return truth;
      }),
    ],
  ]);
}
