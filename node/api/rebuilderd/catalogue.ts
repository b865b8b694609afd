/** All that builders say of packages in the feeds held here: read once, then only what is new. */
import { setImmediate as othersFirst, setTimeout as sleep } from "node:timers/promises";
import {
  claimId,
  GATEWAY_READ_ENTRIES,
  GATEWAY_STEP_ENTRIES,
  keyIdKha,
  keyIdPlain,
  linkReaders,
  MAX_GATEWAY_CLAIMS,
  origin,
  parseAttestation,
  toHex,
  tried,
  verifyWith,
} from "../../../protocol/index.ts";
import type { Attestation, Claim, LinkReaders, StatusResult } from "../../../protocol/index.ts";
import type { ApiNode } from "../api-node.ts";
import { askTiles } from "../ask-tiles.ts";
import type { ServedBuilder, ServedKey } from "./builders.ts";
import { packageName, versionWithEpoch } from "./package-name.ts";
import { Room } from "./room.ts";
import { Shelf } from "./shelf.ts";

/** What it needs of a node. */
export type Feeds = Pick<ApiNode, "network" | "status" | "ask">;

/** Whose key this is, and where what it signed is kept. */
interface Signer {
  readonly shelf: Shelf;
  readonly served: ServedKey;
  /** Number of the key among the builder's. */
  readonly number: number;
  readonly ids: readonly string[];
  /** Its own feed. */
  readonly origin: string;
}

interface Place {
  readonly origin: string;
  readonly index: number;
}

const STEP = "rebuild";

export class Catalogue {
  /** Grows with whatever is added. */
  revision = 0;
  readonly #node: Feeds;
  readonly #builders: readonly ServedBuilder[];
  readonly #most: number;
  #signers: readonly Signer[] = [];
  #shelves: ReadonlyMap<ServedBuilder, Shelf> = new Map();
  /** Entries of each feed that were looked at. */
  #read = new Map<string, number>();
  /** Epochs, which links do not say, as claims with a package URL do: by file and digest of a claim that is held. */
  #versions = new Map<string, string>();
  #reading: Promise<void> | null = null;
  #stopped = false;

  /** `most`: claims that are remembered, of all builders together. */
  constructor(node: Feeds, builders: readonly ServedBuilder[], most: number = MAX_GATEWAY_CLAIMS) {
    this.#node = node;
    this.#most = most;
    this.#builders = builders;
    this.#begin();
  }

  /** What a builder says. */
  shelf(builder: ServedBuilder): Shelf {
    return this.#shelves.get(builder) ?? new Shelf(new Room(0, 0));
  }

  /** The whole version of a .deb, where somebody signed its epoch; else null. */
  versionOf(file: string, digest: string): string | null {
    return this.#versions.get(`${file} ${digest}`) ?? null;
  }

  /** Reads what is new; false where that takes longer than `ms`, and goes on meanwhile. Rejects as the node's questions do. */
  async isReady(ms: number): Promise<boolean> {
    this.#reading ??= this.#readNew().finally(() => (this.#reading = null));
    const late = new AbortController();
    const tooLong = sleep(ms, false, { signal: late.signal, ref: false }).catch(() => false);
    try {
      return await Promise.race([this.#reading.then(() => true), tooLong]);
    } finally {
      late.abort();
    }
  }

  /** The octets of an entry; null where it is not there any more. */
  async bytesAt({ origin: feed, index }: Place): Promise<Uint8Array | null> {
    const [entry] = await this.#entries(feed, index, 1);
    return entry ?? null;
  }

  stop(): void {
    this.#stopped = true;
  }

  #begin(): void {
    this.revision++;
    this.#read = new Map();
    this.#versions = new Map();
    const builders = this.#builders.filter(({ keys }) => keys.some(isRead));
    const room = new Room(this.#most, builders.length);
    this.#shelves = new Map(builders.map((builder) => [builder, new Shelf(room)]));
    const all = builders.flatMap((builder) =>
      builder.keys.map((served, number) => ({ shelf: this.shelf(builder), served, number })),
    );
    this.#signers = all
      .filter(({ served }) => isRead(served))
      .map((one) => ({
        ...one,
        ids: [keyIdKha(one.served.key), keyIdPlain(one.served.key)],
        origin: origin(this.#node.network, one.served.key.raw),
      }));
  }

  async #readNew(): Promise<void> {
    const { feeds } = await this.#node.status();
    const there = new Map(feeds.map((feed) => [feed.origin, Math.min(feed.held, feed.indexed)]));
    // A feed that was dropped here takes what it said with it.
    if ([...this.#read].some(([feed, read]) => (there.get(feed) ?? 0) < read)) this.#begin();
    this.#markForks(feeds);
    for (const [feed, end] of there) await this.#readFeed(feed, end);
  }

  #markForks(feeds: StatusResult["feeds"]): void {
    const forked = new Set(feeds.filter(({ state }) => state === "forked").map((feed) => feed.origin));
    for (const { shelf, origin: own } of this.#signers) {
      if (shelf.forked || !forked.has(own)) continue;
      shelf.forked = true;
      this.revision++;
    }
  }

  async #readFeed(feed: string, end: number): Promise<void> {
    for (let from = this.#read.get(feed) ?? 0; from < end && !this.#stopped;) {
      const entries = await this.#entries(feed, from, Math.min(GATEWAY_READ_ENTRIES, end - from));
      // Dropped meanwhile: the next time says what there is.
      if (entries.length === 0) return;
      for (const [at, entry] of entries.entries()) {
        await this.#take(entry, { origin: feed, index: from + at });
        if (at % GATEWAY_STEP_ENTRIES === GATEWAY_STEP_ENTRIES - 1) await othersFirst();
      }
      from += entries.length;
      this.#read.set(feed, from);
    }
  }

  /** An entry is of interest where it names a builder's key or stands in its feed; who signed it is found by checking (RULES R9). */
  async #take(entry: Uint8Array, place: Place): Promise<void> {
    const text = Buffer.from(entry).toString("latin1");
    const named = this.#signers.filter(
      ({ ids, origin: own }) => own === place.origin || ids.some((id) => text.includes(id)),
    );
    if (named.length === 0) return;
    const attestation = tried(() => parseAttestation(entry));
    if (attestation === null) return;
    for (const signer of named) {
      const { key } = signer.served;
      // Whoever reads a link has found that the signature holds.
      const readers = linkReaders(attestation, key);
      const isGood = readers.rebuilderd || (await verifyWith(attestation, key)) !== null;
      if (isGood) this.#put(attestation, readers, signer, place);
    }
  }

  #put(
    attestation: Attestation,
    readers: LinkReaders,
    { shelf, served, number }: Signer,
    place: Place,
  ): void {
    this.revision++;
    const claim = ownText(claimId(served.key.raw, attestation.signedBytes));
    for (const one of attestation.claims) {
      if (one.kind === "retraction") for (const id of one.retracts) shelf.retract(ownText(id));
      const said = claimed(one);
      if (said === null) continue;
      shelf.put({ claim, key: number, ...said, package: packageName(said.file), readers, ...place });
      const version = one.target === null ? null : versionWithEpoch(one.target.purl);
      if (version !== null && this.#isHeld(said.file, said.sha256))
        this.#versions.set(`${said.file} ${said.sha256}`, version);
    }
  }

  /** By any builder: one may have signed the link, another the epoch. */
  #isHeld(file: string, digest: string): boolean {
    return [...this.#shelves.values()].some((shelf) => shelf.holds(file, digest));
  }

  async #entries(feed: string, from: number, count: number): Promise<readonly Uint8Array[]> {
    return askTiles(this.#node, { kind: "entries", origin: feed, from, count });
  }
}

function isRead({ key }: ServedKey): boolean {
  return key.type === "ed25519";
}

/** What a claim says of a file; null where that is nothing, or of another step. */
function claimed({
  kind,
  step,
  file,
  sha256,
}: Claim): Pick<Parameters<Shelf["put"]>[0], "kind" | "file" | "sha256"> | null {
  if (step !== STEP || sha256 === null || (kind !== "positive" && kind !== "differs")) return null;
  return { kind, file: ownText(file), sha256: ownText(toHex(sha256)) };
}

/** The same text in memory of its own: what was cut out of an entry's text keeps all of that, and what was put together keeps its parts. */
function ownText(text: string): string {
  return Buffer.from(text).toString();
}
