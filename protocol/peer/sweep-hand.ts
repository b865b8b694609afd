/** One batch of the sweep: rows become records, and each peer gets those that it is one of the closest to. */
import { startsWith, toHex } from "../bytes/index.ts";
import type { Verified } from "../attestation/index.ts";
import type { SignedHead } from "../feed/index.ts";
import { ProtocolError } from "../errors.ts";
import {
  ANSWER_FILL_BYTES,
  ASK_TIMEOUT_MS,
  MAX_RECORD_ENVELOPE_BYTES,
  MAX_STORE_RECORDS,
} from "../limits.ts";
import { readRecordsAnswer, writeRecordsRequest } from "../wire/index.ts";
import type { StoredRecord } from "../wire/index.ts";
import type { Checker, Leaf } from "./checker.ts";
import type { Context } from "./context.ts";
import { readEntries } from "./entries.ts";
import type { FeedState } from "./feed-state.ts";
import { noKeys } from "./keys.ts";
import { parsedEntry } from "./leaves.ts";
import { closestTo, placeOfSlot } from "./region.ts";
import { keysOf, slotsOf } from "./slots.ts";
import type { SweepRow } from "./sweep-rows.ts";
import type { Tiles } from "./tiles.ts";
import type { PlacedPeer } from "./region.ts";
import type { PeerName } from "./types.ts";

type Failed = () => void;

/** An own entry whose signer is known, and the slots that its attestation belongs in. */
export interface SlottedEntry {
  readonly index: number;
  readonly verified: Verified;
  readonly slots: readonly Uint8Array[];
}

/** A row with its record. */
export interface PlacedRecord {
  readonly row: SweepRow;
  readonly record: StoredRecord;
}

export class SweepHand {
  readonly #ctx: Context;
  readonly #tiles: Tiles;
  readonly #checker: Checker;

  constructor(ctx: Context, tiles: Tiles, checker: Checker) {
    this.#ctx = ctx;
    this.#tiles = tiles;
    this.#checker = checker;
  }

  /** Of these entries those with a signer known here that are not too large; the others are left to their feed. */
  slotted(
    feed: FeedState,
    indexes: readonly number[],
    done: (entries: readonly SlottedEntry[]) => void,
    failed: Failed,
  ): void {
    readEntries(
      this.#ctx.turn,
      indexes.map((index) => ({ no: feed.no, index })),
      (entries) => {
        const leaves = indexes.flatMap((index, i): Leaf[] => {
          const entry = entries[i] ?? null;
          if (entry === null || entry.length > MAX_RECORD_ENVELOPE_BYTES) return [];
          const attestation = parsedEntry(this.#ctx, feed.no, index, entry);
          return attestation === null ? [] : [{ feed, index, attestation }];
        });
        this.#checker.verify(
          leaves,
          noKeys,
          (results) =>
            done(
              leaves.flatMap(({ index }, i) => {
                const verified = results[i] ?? null;
                if (verified === null) return [];
                const keys = keysOf(verified, verified.signer.raw);
                const slots = new Map(keys.flatMap(slotsOf).map((slot) => [toHex(slot), slot]));
                return [{ index, verified, slots: [...slots.values()] }];
              }),
            ),
          failed,
        );
      },
      failed,
    );
  }

  /** The records of rows, under this head; rows whose entry makes none (any more) are left out. */
  records(
    feed: FeedState,
    head: SignedHead,
    rows: readonly SweepRow[],
    done: (records: readonly PlacedRecord[]) => void,
    failed: Failed,
  ): void {
    const indexes = [...new Set(rows.map(({ index }) => index))].filter((index) => index < head.size);
    const found = (entries: readonly SlottedEntry[]): void => {
      const bySource = new Map(entries.map((entry) => [entry.index, entry]));
      this.#tiles.inclusion(
        feed,
        entries.map(({ index }) => index),
        head.size,
        (paths) => {
          const pathOf = new Map(entries.map(({ index }, i) => [index, paths[i] ?? []]));
          done(
            rows.flatMap((row) => {
              const entry = bySource.get(row.index);
              const slot = entry?.slots.find((one) => startsWith(placeOfSlot(one), row.place));
              if (entry === undefined || slot === undefined) return [];
              const { verified, index } = entry;
              const path = pathOf.get(index) ?? [];
              const signer = verified.signer.raw;
              const proof = { origin: feed.origin, index, path, checkpoint: head.note };
              return [{ row, record: { slot, envelope: verified.bytes, signer, ...proof } }];
            }),
          );
        },
        failed,
      );
    };
    this.slotted(feed, indexes, found, failed);
  }

  /** Hands each record to the peers closest to its slot; tells which somebody keeps now, and who did not answer. */
  hand(
    records: readonly PlacedRecord[],
    peers: readonly PlacedPeer[],
    done: (kept: ReadonlySet<SweepRow>, silent: ReadonlySet<PeerName>) => void,
  ): void {
    const byPeer = new Map<PeerName, PlacedRecord[]>();
    for (const one of records) {
      for (const peer of closestTo(placeOfSlot(one.record.slot), peers)) {
        const share = byPeer.get(peer);
        if (share === undefined) byPeer.set(peer, [one]);
        else share.push(one);
      }
    }
    const asks = [...byPeer].flatMap(([peer, share]) =>
      portions(share).map((portion) => ({ peer, portion })),
    );
    const kept = new Set<SweepRow>();
    const silent = new Set<PeerName>();
    let copies = 0;
    let left = asks.length;
    const ended = (): void => {
      if (--left > 0) return;
      this.#ctx.counters.add("records-stored", copies);
      done(kept, silent);
    };
    if (left === 0) done(kept, silent);
    for (const { peer, portion } of asks) {
      this.#ctx.turn.ask(
        peer,
        "records",
        writeRecordsRequest({ kind: "store", records: portion.map(({ record }) => record) }),
        ASK_TIMEOUT_MS,
        (bytes) => {
          const stored = storedBits(bytes);
          for (const [i, { row }] of portion.entries()) {
            if (stored[i] !== true) continue;
            kept.add(row);
            copies++;
          }
          ended();
        },
        () => {
          silent.add(peer);
          ended();
        },
      );
    }
  }
}

/** As many records as one question carries. */
function portions(records: readonly PlacedRecord[]): readonly (readonly PlacedRecord[])[] {
  const all: PlacedRecord[][] = [];
  let octets = 0;
  for (const one of records) {
    const { envelope, checkpoint, path } = one.record;
    const size = envelope.length + checkpoint.length + 34 * path.length + 512;
    const last = all.at(-1);
    if (last === undefined || last.length >= MAX_STORE_RECORDS || octets + size > ANSWER_FILL_BYTES) {
      all.push([one]);
      octets = size;
    } else {
      last.push(one);
      octets += size;
    }
  }
  return all;
}

function storedBits(answer: Uint8Array): readonly boolean[] {
  try {
    return readRecordsAnswer(answer).stored;
  } catch (error) {
    if (error instanceof ProtocolError) return [];
    throw error;
  }
}
