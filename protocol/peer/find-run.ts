/** One `find` on its way through the network. */
import { equalBytes, toHex } from "../bytes/index.ts";
import { sha256 } from "../crypto/index.ts";
import { accusedIn } from "../evidence/index.ts";
import { origin } from "../feed/index.ts";
import { ProtocolError } from "../errors.ts";
import {
  FIND_ASK_TIMEOUT_MS,
  FOUND_BASE,
  FOUND_OF_KEY,
  MAX_EVIDENCE_ANSWERED,
  MAX_FIND_EVIDENCE_FEEDS,
  MAX_FIND_LOOKUPS,
  MAX_FIND_PAGES,
  MAX_FIND_PEERS,
  MAX_FIND_RESULTS,
  MAX_FIND_SLOTS,
  MAX_NAMED_SIGNERS,
  MAX_PEER_EVIDENCE_BYTES,
  MAX_PEER_PAST,
  MAX_QUERY_KEYS,
} from "../limits.ts";
import {
  readRecordsAnswer,
  readTilesAnswer,
  writeQueryRequest,
  writeRecordsRequest,
  writeTilesRequest,
} from "../wire/index.ts";
import type { Closest } from "./closest.ts";
import type { Context } from "./context.ts";
import { FoundCosigned, FoundEntries } from "./found.ts";
import type { Bringer } from "./found.ts";
import type { Found } from "./lookup.ts";
import { readFound } from "./query.ts";
import { slotsOf } from "./slots.ts";
import type { FoundEntry, HeadJoin, PeerName, Question, Stream } from "./types.ts";

interface Asked {
  asked: number;
  replied: number;
}

/** What came of it. */
export interface Gathered {
  readonly entries: readonly FoundEntry[];
  readonly cosigned: readonly Uint8Array[];
  readonly joins: readonly HeadJoin[];
  readonly evidence: readonly Uint8Array[];
  readonly peers: Asked;
  readonly dht: Asked;
  readonly ended: boolean;
}

const NOTHING = new Uint8Array(0);

export class FindRun {
  readonly #ctx: Context;
  readonly #closest: Closest;
  readonly #question: Question;
  readonly #builders: readonly Uint8Array[];
  /** Steady ms. */
  readonly #deadline: number;
  readonly #done: (gathered: Gathered) => void;
  readonly #entries = new FoundEntries();
  readonly #seen: FoundCosigned;
  readonly #evidence = new Map<string, Uint8Array>();
  readonly #peers: Asked = { asked: 0, replied: 0 };
  readonly #dht: Asked = { asked: 0, replied: 0 };
  /** Slots that each peer was asked for. */
  readonly #slotsAsked = new Map<PeerName, Set<string>>();
  /** Entries that each peer came with. */
  readonly #taken = new Map<PeerName, number>();
  #open = 0;
  #over = false;
  /** Nothing was left out for want of room or time. */
  #whole = true;

  constructor(
    ctx: Context,
    closest: Closest,
    question: Question,
    deadline: number,
    done: (gathered: Gathered) => void,
  ) {
    this.#ctx = ctx;
    this.#closest = closest;
    this.#question = question;
    this.#seen = new FoundCosigned((question.since ?? []).length > 0 ? MAX_PEER_PAST : 0);
    this.#builders = question.builders.slice(0, MAX_NAMED_SIGNERS);
    this.#deadline = deadline;
    this.#done = done;
  }

  /** Entries held here: they come first. */
  addLocal({ entries, next }: Found): void {
    this.#add({ by: "store", name: "" }, entries, MAX_FIND_RESULTS);
    if (next !== null) this.#whole = false;
  }

  /**
   * Takes a peer's entries in: those of nobody asked for are left out, and no peer may say more than a few for each key and builder, so
   * that junk takes no room from others' answers (RULES R23).
   */
  #addFrom(bringer: Bringer, entries: readonly FoundEntry[]): void {
    const { targets, digests } = this.#question;
    const share =
      FOUND_BASE + FOUND_OF_KEY * (targets.length + digests.length) * Math.max(1, this.#builders.length);
    const left = share - (this.#taken.get(bringer.name) ?? 0);
    this.#taken.set(bringer.name, share - left + entries.length);
    this.#add(bringer, entries, left);
  }

  #add(bringer: Bringer, entries: readonly FoundEntry[], most: number): void {
    for (const entry of entries.slice(0, Math.max(0, most))) {
      const wanted =
        this.#builders.length === 0 || this.#builders.some((key) => equalBytes(key, entry.signer));
      if (!wanted || this.#entries.add(bringer, entry)) continue;
      this.#ctx.counters.add("find-full");
      this.#whole = false;
      return;
    }
  }

  start(network: boolean): void {
    this.#open++;
    if (network) {
      this.#ctx.turn.wake(this.#deadline);
      for (const peer of this.#ctx.peers.some(MAX_FIND_PEERS)) this.#askPeer(peer);
      this.#askForEvidence();
      this.#askDht();
    }
    this.#close();
  }

  tick(): void {
    if (this.#ctx.turn.steady >= this.#deadline) this.#finish(false);
  }

  #askPeer(peer: PeerName): void {
    const { targets, digests } = this.#question;
    this.#peers.asked++;
    const page = (mark: Uint8Array, left: number): void => {
      const request = {
        targets: targets.slice(0, MAX_QUERY_KEYS),
        digests: digests.slice(0, MAX_QUERY_KEYS),
        builders: this.#builders,
        page: mark,
        since: this.#question.since ?? [],
      };
      this.#ask(
        peer,
        "query",
        writeQueryRequest(request),
        (bytes) => {
          const { entries, cosigned, joins, next } = readFound(bytes);
          this.#addFrom({ by: "query", name: peer }, entries);
          this.#seen.add(peer, cosigned, joins);
          if (next.length === 0) this.#peers.replied++;
          else if (left > 1) page(next, left - 1);
        },
        () => undefined,
      );
    };
    page(NOTHING, MAX_FIND_PAGES);
  }

  /** A fork excludes its builder's votes: some peers are asked whether they know of one (RULES R23). */
  #askForEvidence(): void {
    const feeds = this.#builders.filter(({ length }) => length === 32).slice(0, MAX_FIND_EVIDENCE_FEEDS);
    for (const peer of this.#ctx.peers.some(2)) {
      const room = { left: MAX_PEER_EVIDENCE_BYTES };
      for (const key of feeds) {
        const request = { kind: "evidence", origin: origin(this.#ctx.config.network, key) } as const;
        this.#ask(
          peer,
          "tiles",
          writeTilesRequest(request),
          (bytes) => this.#addEvidence(key, readTilesAnswer(bytes).blobs, room),
          () => undefined,
        );
      }
    }
  }

  /** What accuses the feed of this key by its own word, as far as there is room for it; copied, since a view would keep the whole answer. */
  #addEvidence(key: Uint8Array, blobs: readonly Uint8Array[], room: { left: number }): void {
    for (const blob of blobs.slice(0, MAX_EVIDENCE_ANSWERED)) {
      if (blob.length > room.left || !accusedIn(blob).some((one) => equalBytes(one, key))) continue;
      room.left -= blob.length;
      this.#evidence.set(toHex(sha256(blob)), blob.slice());
    }
  }

  #askDht(): void {
    const { targets, digests } = this.#question;
    const all = [...targets, ...digests].flatMap(slotsOf);
    const slots = all.slice(0, MAX_FIND_LOOKUPS);
    if (slots.length < all.length) this.#whole = false;
    for (const slot of slots) {
      this.#open++;
      this.#closest.find(slot, (peers) => {
        if (!this.#over) for (const peer of peers ?? []) this.#askRecords(peer, slots);
        this.#close();
      });
    }
  }

  /** Asks for all slots at once: whoever is close to one may be close to another, and small networks are asked once. */
  #askRecords(peer: PeerName, slots: readonly Uint8Array[]): void {
    const asked = this.#slotsAsked.get(peer) ?? new Set<string>();
    this.#slotsAsked.set(peer, asked);
    const fresh = slots.filter((slot) => !asked.has(toHex(slot))).slice(0, MAX_FIND_SLOTS);
    if (fresh.length === 0) return;
    for (const slot of fresh) asked.add(toHex(slot));
    this.#dht.asked++;
    const page = (mark: Uint8Array, left: number): void =>
      this.#ask(
        peer,
        "records",
        writeRecordsRequest({ kind: "find", slots: fresh, builders: this.#builders, page: mark }),
        (bytes) => {
          const { records, next } = readRecordsAnswer(bytes);
          const found = records.map(({ envelope, signer, index, path, checkpoint }) => {
            return { entry: envelope, signer, index, path, checkpoint };
          });
          this.#addFrom({ by: "records", name: peer }, found);
          if (next.length === 0) this.#dht.replied++;
          else if (left > 1) page(next, left - 1);
        },
        () => undefined,
      );
    page(NOTHING, MAX_FIND_PAGES);
  }

  #ask(
    peer: PeerName,
    stream: Stream,
    bytes: Uint8Array,
    answered: (bytes: Uint8Array) => void,
    failed: () => void,
  ): void {
    this.#open++;
    this.#ctx.turn.ask(
      peer,
      stream,
      bytes,
      FIND_ASK_TIMEOUT_MS,
      (answer) => {
        try {
          if (!this.#over) answered(answer);
        } catch (error) {
          if (!(error instanceof ProtocolError)) throw error;
          this.#ctx.peers.drop(peer, error.code);
        }
        this.#close();
      },
      () => {
        failed();
        this.#close();
      },
    );
  }

  #close(): void {
    if (--this.#open === 0) this.#finish(true);
  }

  #finish(ended: boolean): void {
    if (this.#over) return;
    this.#over = true;
    this.#done({
      entries: this.#entries.all(),
      cosigned: this.#seen.cosigned(),
      joins: this.#seen.joins(),
      evidence: [...this.#evidence.values()],
      peers: this.#peers,
      dht: this.#dht,
      ended: ended && this.#whole,
    });
  }
}
