/** Stores the own feed's attestations in the DHT, and again before they expire (RULES R25, R26). The job survives a restart. */
import { Cursor, concat, toHex, u64be, utf8 } from "../bytes/index.ts";
import type { Verified } from "../attestation/index.ts";
import type { SignedHead } from "../feed/index.ts";
import { ProtocolError } from "../errors.ts";
import {
  ANSWER_FILL_BYTES,
  ASK_TIMEOUT_MS,
  MAX_RECORD_ENVELOPE_BYTES,
  MAX_STORE_RECORDS,
  REPUBLISH_SECONDS,
  SWEEP_DELAY_MS,
  SWEEP_RETRY_MS,
  SWEEP_STEP_ENTRIES,
} from "../limits.ts";
import { readRecordsAnswer, writeRecordsRequest } from "../wire/index.ts";
import type { StoredRecord } from "../wire/index.ts";
import type { Checker } from "./checker.ts";
import type { Closest } from "./closest.ts";
import type { Context } from "./context.ts";
import type { FeedState } from "./feed-state.ts";
import { parsedEntry } from "./leaves.ts";
import { headRecordKey } from "./hints.ts";
import { noKeys } from "./keys.ts";
import type { OwnFeed } from "./own-feed.ts";
import { readOne } from "./reads.ts";
import { entryRange, jobKey } from "./rows.ts";
import { keysOf, slotsOf } from "./slots.ts";
import type { Tiles } from "./tiles.ts";
import type { PeerName } from "./types.ts";

const JOB = jobKey(utf8("sweep"));

/** A record but for its slot. */
type Unplaced = Omit<StoredRecord, "slot"> & { readonly slots: readonly Uint8Array[] };

export class Sweep {
  readonly #ctx: Context;
  readonly #own: OwnFeed;
  readonly #tiles: Tiles;
  readonly #checker: Checker;
  readonly #closest: Closest;
  /** Own entries below are stored, in the round that began at `#startedAt` (seconds). */
  #cursor = 0;
  #startedAt = 0;
  #loaded = false;
  #busy = false;
  #notBefore = 0;
  /** When the first of the entries was published that no step has taken up; null for none that wait. */
  #waitingSince: number | null = null;

  constructor(ctx: Context, own: OwnFeed, tiles: Tiles, checker: Checker, closest: Closest) {
    this.#ctx = ctx;
    this.#own = own;
    this.#tiles = tiles;
    this.#checker = checker;
    this.#closest = closest;
  }

  /** Puts the head with its time line into the DHT, under origin and key: a hint for whoever knows nobody. */
  announce(head: SignedHead): void {
    const feed = this.#own.feed;
    if (feed === null) return;
    const key = headRecordKey(feed.origin);
    this.#ctx.turn.emit({ kind: "announce", record: "head", key, value: head.note });
  }

  /** More is there to be stored: a little later, so that what is published one by one goes in one question. */
  published(): void {
    this.#waitingSince ??= this.#ctx.turn.now;
    this.tick();
  }

  /** Somebody came who may take records. */
  joined(): void {
    this.#notBefore = Math.min(this.#notBefore, this.#ctx.turn.now + SWEEP_RETRY_MS / 10);
  }

  /** Goes on where there is anything to store and anybody to store it. */
  tick(): void {
    const { turn, peers } = this.#ctx;
    const { feed, state } = this.#own;
    const proven = feed?.proven ?? null;
    if (feed === null || proven === null || state !== "open" || peers.count === 0) return;
    const many = proven.size - this.#cursor >= SWEEP_STEP_ENTRIES;
    const from = Math.max(this.#notBefore, (this.#waitingSince ?? -Infinity) + SWEEP_DELAY_MS);
    if (this.#busy || (turn.now < from && !many)) return;
    if (!this.#loaded) this.#load();
    else if (this.#cursor < proven.size) this.#step(feed, proven);
    else if (turn.now / 1_000 - this.#startedAt > REPUBLISH_SECONDS) {
      this.#cursor = 0;
      this.#startedAt = Math.floor(turn.now / 1_000);
    }
  }

  #load(): void {
    this.#busy = true;
    readOne(
      this.#ctx.turn,
      JOB,
      (value) => {
        this.#busy = false;
        this.#loaded = true;
        this.#startedAt = Math.floor(this.#ctx.turn.now / 1_000);
        if (value !== null) {
          const cursor = new Cursor(value);
          this.#cursor = cursor.u64();
          this.#startedAt = cursor.u64();
        }
        this.tick();
      },
      () => this.#retry(),
    );
  }

  #step(feed: FeedState, proven: SignedHead): void {
    this.#busy = true;
    this.#waitingSince = null;
    const from = this.#cursor;
    const to = Math.min(proven.size, from + SWEEP_STEP_ENTRIES);
    // The head with a time line is the newer one: it lets the records live longer.
    const head = feed.timed?.size === proven.size ? feed.timed : proven;
    this.#records(feed, head, from, to, (records, read) => this.#place(records, from + read));
  }

  /** Records of the entries whose signer is known; others' attestations that nobody here follows are left to their feeds. */
  #records(
    feed: FeedState,
    head: SignedHead,
    from: number,
    to: number,
    done: (records: readonly Unplaced[], read: number) => void,
  ): void {
    const retry = (): void => this.#retry();
    this.#ctx.turn.read(
      entryRange(feed.no, from, to),
      (rows) => {
        const leaves = rows.flatMap(({ value }, i) => {
          if (value.length > MAX_RECORD_ENVELOPE_BYTES) return [];
          const attestation = parsedEntry(this.#ctx, feed.no, from + i, value);
          return attestation === null ? [] : [{ feed, index: from + i, attestation }];
        });
        const verified = (results: readonly (Verified | null)[]): void => {
          const good = leaves.flatMap(({ index }, i) => {
            const one = results[i] ?? null;
            return one === null ? [] : [{ index, verified: one }];
          });
          this.#tiles.inclusion(
            feed,
            good.map(({ index }) => index),
            head.size,
            (paths) => {
              const records = good.map((one, i) =>
                unplaced(feed, head, one.index, one.verified, paths[i] ?? []),
              );
              done(records, rows.length);
            },
            retry,
          );
        };
        this.#checker.verify(leaves, noKeys, verified, retry);
      },
      retry,
    );
  }

  /** Looks all slots up, then hands each peer its share. */
  #place(records: readonly Unplaced[], to: number): void {
    const placed = records.flatMap(({ slots, ...record }) =>
      slots.map((slot): StoredRecord => ({ ...record, slot })),
    );
    const bySlot = new Map<string, StoredRecord[]>();
    for (const record of placed) {
      const name = toHex(record.slot);
      bySlot.set(name, [...(bySlot.get(name) ?? []), record]);
    }
    const byPeer = new Map<PeerName, StoredRecord[]>();
    let left = bySlot.size;
    if (left === 0) {
      this.#advance(to);
      return;
    }
    for (const ofSlot of bySlot.values()) {
      const slot = ofSlot[0]?.slot ?? new Uint8Array(0);
      this.#closest.find(slot, (peers) => {
        for (const peer of peers ?? []) byPeer.set(peer, [...(byPeer.get(peer) ?? []), ...ofSlot]);
        if (--left === 0) this.#hand(byPeer, to);
      });
    }
  }

  #hand(byPeer: ReadonlyMap<PeerName, readonly StoredRecord[]>, to: number): void {
    const asks = [...byPeer].flatMap(([peer, records]) =>
      portions(records).map((portion) => ({ peer, portion })),
    );
    let left = asks.length;
    let stored = 0;
    const one = (count: number): void => {
      stored += count;
      if (--left > 0) return;
      this.#ctx.counters.add("records-stored", stored);
      if (stored > 0) this.#advance(to);
      else this.#retry();
    };
    if (left === 0) this.#retry();
    for (const { peer, portion } of asks) {
      this.#ctx.turn.ask(
        peer,
        "records",
        writeRecordsRequest({ kind: "store", records: portion }),
        ASK_TIMEOUT_MS,
        (bytes) => one(countStored(bytes)),
        () => one(0),
      );
    }
  }

  #advance(to: number): void {
    this.#cursor = to;
    this.#busy = false;
    const value = concat(u64be(this.#cursor), u64be(this.#startedAt));
    this.#ctx.turn.store(
      [{ op: "put", key: JOB, value }],
      false,
      () => this.tick(),
      () => this.#ctx.counters.add("store-failed"),
    );
  }

  #retry(): void {
    this.#busy = false;
    this.#notBefore = this.#ctx.turn.now + SWEEP_RETRY_MS;
  }
}

function unplaced(
  feed: FeedState,
  head: SignedHead,
  index: number,
  verified: Verified,
  path: readonly Uint8Array[],
): Unplaced {
  const signer = verified.signer.raw;
  const slots = keysOf(verified, signer).flatMap(slotsOf);
  return { slots, envelope: verified.bytes, signer, origin: feed.origin, index, path, checkpoint: head.note };
}

/** As many records as one question carries. */
function portions(records: readonly StoredRecord[]): readonly (readonly StoredRecord[])[] {
  const all: StoredRecord[][] = [];
  let octets = 0;
  for (const record of records) {
    const size = record.envelope.length + record.checkpoint.length + 34 * record.path.length + 512;
    const last = all.at(-1);
    if (last === undefined || last.length >= MAX_STORE_RECORDS || octets + size > ANSWER_FILL_BYTES) {
      all.push([record]);
      octets = size;
    } else {
      last.push(record);
      octets += size;
    }
  }
  return all;
}

function countStored(answer: Uint8Array): number {
  try {
    return readRecordsAnswer(answer).stored.filter((kept) => kept).length;
  } catch (error) {
    if (error instanceof ProtocolError) return 0;
    throw error;
  }
}
