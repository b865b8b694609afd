/** One `find` on its way through the network. */
import { equalBytes, toHex } from "../bytes/index.ts";
import { sha256 } from "../crypto/index.ts";
import { origin } from "../feed/index.ts";
import { ProtocolError } from "../errors.ts";
import {
  FIND_ASK_TIMEOUT_MS,
  MAX_FIND_BYTES,
  MAX_FIND_EVIDENCE_FEEDS,
  MAX_FIND_LOOKUPS,
  MAX_FIND_PAGES,
  MAX_FIND_PEERS,
  MAX_FIND_RESULTS,
  MAX_FIND_SLOTS,
  MAX_NAMED_SIGNERS,
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
import { sizeOf } from "./lookup.ts";
import { readFound } from "./query.ts";
import { slotsOf } from "./slots.ts";
import type { FoundEntry, PeerName, Question, Stream } from "./types.ts";

interface Asked {
  asked: number;
  replied: number;
}

/** What came of it. */
export interface Gathered {
  readonly entries: readonly FoundEntry[];
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
  readonly #deadline: number;
  readonly #done: (gathered: Gathered) => void;
  /** By hash of entry and signer: the same from several sources is one. */
  readonly #entries = new Map<string, FoundEntry>();
  readonly #evidence = new Map<string, Uint8Array>();
  readonly #peers: Asked = { asked: 0, replied: 0 };
  readonly #dht: Asked = { asked: 0, replied: 0 };
  /** Slots that each peer was asked for. */
  readonly #slotsAsked = new Map<PeerName, Set<string>>();
  #octets = 0;
  #open = 0;
  #over = false;

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
    this.#builders = question.builders.slice(0, MAX_NAMED_SIGNERS);
    this.#deadline = deadline;
    this.#done = done;
  }

  /** Takes entries in; those of nobody asked for are left out, so that strangers cannot fill the room. */
  add(entries: readonly FoundEntry[]): void {
    for (const entry of entries) {
      const wanted =
        this.#builders.length === 0 || this.#builders.some((key) => equalBytes(key, entry.signer));
      const name = toHex(sha256(entry.signer, entry.entry));
      const size = sizeOf(entry);
      if (!wanted || this.#entries.has(name)) continue;
      if (this.#entries.size >= MAX_FIND_RESULTS || this.#octets + size > MAX_FIND_BYTES) {
        this.#ctx.counters.add("find-full");
        return;
      }
      this.#entries.set(name, entry);
      this.#octets += size;
    }
  }

  start(network: boolean): void {
    this.#open++;
    if (network) {
      this.#ctx.turn.emit({ kind: "wake", at: this.#deadline });
      for (const peer of this.#ctx.peers.some(MAX_FIND_PEERS)) this.#askPeer(peer);
      this.#askForEvidence();
      this.#askDht();
    }
    this.#close();
  }

  tick(): void {
    if (this.#ctx.turn.now >= this.#deadline) this.#finish(false);
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
      };
      this.#ask(
        peer,
        "query",
        writeQueryRequest(request),
        (bytes) => {
          const { entries, next } = readFound(bytes);
          this.add(entries);
          if (next.length > 0 && left > 1) page(next, left - 1);
          else this.#peers.replied++;
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
      for (const key of feeds) {
        const request = { kind: "evidence", origin: origin(this.#ctx.config.network, key) } as const;
        this.#ask(
          peer,
          "tiles",
          writeTilesRequest(request),
          (bytes) => {
            for (const blob of readTilesAnswer(bytes).blobs) this.#evidence.set(toHex(sha256(blob)), blob);
          },
          () => undefined,
        );
      }
    }
  }

  #askDht(): void {
    const { targets, digests } = this.#question;
    const slots = [...targets, ...digests].flatMap(slotsOf).slice(0, MAX_FIND_LOOKUPS);
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
          this.add(
            records.map(({ envelope, signer, index, path, checkpoint }) => {
              return { entry: envelope, signer, index, path, checkpoint };
            }),
          );
          if (next.length > 0 && left > 1) page(next, left - 1);
          else this.#dht.replied++;
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
      entries: [...this.#entries.values()],
      evidence: [...this.#evidence.values()],
      peers: this.#peers,
      dht: this.#dht,
      ended,
    });
  }
}
