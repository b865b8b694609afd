/** Room for the records of the DHT: each slot is a set, and strangers displace only each other (RULES R25). */
import { equalBytes, fromHex, toHex } from "../bytes/index.ts";
import { sha256 } from "../crypto/index.ts";
import type { PublicKey } from "../crypto/index.ts";
import {
  MAX_RECORDS,
  MAX_SLOT_CLAIMS,
  MAX_SLOT_RETRACTIONS,
  MAX_SLOT_ROWS,
  MAX_SLOT_SIGNERS,
  RECORD_SECONDS,
} from "../limits.ts";
import type { Context } from "./context.ts";
import type { KnownKeys } from "./keys.ts";
import { readWhole } from "./reads.ts";
import type { AdmittedRecord } from "./record-admission.ts";
import { RecordLots } from "./record-lots.ts";
import { readRecordRow, writeRecordRow } from "./record-row.ts";
import type { RecordRow } from "./record-row.ts";
import { expiryKey, recordKey, recordRange, rowsOf, signerOfRecord } from "./rows.ts";
import type { Row, StoreOp } from "./types.ts";

const NOTHING = new Uint8Array(0);

interface Kept {
  readonly key: Uint8Array;
  readonly row: RecordRow;
}

export class RecordShelf {
  readonly #ctx: Context;
  readonly #keys: KnownKeys;
  readonly #lots: RecordLots;
  #count = 0;

  constructor(ctx: Context, keys: KnownKeys) {
    this.#ctx = ctx;
    this.#keys = keys;
    this.#lots = new RecordLots(ctx, keys);
  }

  /** Records kept. */
  get count(): number {
    return this.#count;
  }

  /** Counts what an earlier life of this peer has kept. */
  countAll(): void {
    readWhole(
      this.#ctx.turn,
      rowsOf("x", MAX_RECORDS),
      (rows) => {
        this.#count += rows.length;
      },
      () => this.#ctx.counters.add("read-failed"),
    );
  }

  /** Slots side by side; within one, record after record: each may fill it for the next. Says of each whether it is kept. */
  keepAll(records: readonly (AdmittedRecord | null)[], done: (stored: readonly boolean[]) => void): void {
    const stored = records.map(() => false);
    const bySlot = new Map<string, number[]>();
    for (const [at, record] of records.entries()) {
      const name = record === null ? "" : toHex(record.slot);
      bySlot.set(name, [...(bySlot.get(name) ?? []), at]);
    }
    let left = bySlot.size;
    const next = (waiting: readonly number[]): void => {
      const [at, ...rest] = waiting;
      const record = at === undefined ? null : (records[at] ?? null);
      if (at === undefined) {
        if (--left === 0) done(stored);
      } else if (record === null) next(rest);
      else {
        this.#keep(record, (kept) => {
          stored[at] = kept;
          next(rest);
        });
      }
    };
    for (const waiting of bySlot.values()) next(waiting);
  }

  /** Applies the operations, which make the records `added` more. */
  write(ops: readonly StoreOp[], added: number, done: (kept: boolean) => void): void {
    this.#ctx.turn.store(
      ops,
      false,
      () => {
        this.#count += added;
        done(true);
      },
      () => {
        this.#ctx.counters.add("store-failed");
        done(false);
      },
    );
  }

  #keep(record: AdmittedRecord, done: (kept: boolean) => void): void {
    readWhole(
      this.#ctx.turn,
      recordRange(record.slot, null, MAX_SLOT_ROWS),
      (rows) => {
        const key = keyOf(record);
        const expires = Math.floor(this.#ctx.turn.now / 1_000) + RECORD_SECONDS;
        const next: RecordRow = { ...record.row, expires };
        const mine = keptOf(rows.filter((row) => equalBytes(signerOfRecord(row.key), signerOfRecord(key))));
        const before = mine.find((kept) => equalBytes(kept.key, key));
        if (before !== undefined) {
          // Only a newer head shows that the publisher still stands by it: anybody can send old octets again.
          if (!isNewer(next, before.row)) done(true);
          else this.write([...remove(before), ...put(key, next)], 0, done);
          return;
        }
        const room = this.#roomInSlot(next, mine, rows, record.signer);
        if (room === null) done(false);
        else if (room.length > 0 || this.#count < MAX_RECORDS || this.#keys.follows(record.signer))
          this.write([...room, ...put(key, next)], 1 - room.length / 2, done);
        else {
          this.#lots.take((victim) => {
            if (victim === null) done(false);
            else this.write([...victim, ...put(key, next)], 0, done);
          });
        }
      },
      () => {
        this.#ctx.counters.add("read-failed");
        done(false);
      },
    );
  }

  /** What must go from the slot so that the record can come: nothing, a stranger's rows, or null where there is no room. */
  #roomInSlot(
    next: RecordRow,
    mine: readonly Kept[],
    rows: readonly Row[],
    signer: PublicKey,
  ): readonly StoreOp[] | null {
    const claims = mine.filter(({ row }) => row.isRetraction === next.isRetraction);
    const limit = next.isRetraction ? MAX_SLOT_RETRACTIONS : MAX_SLOT_CLAIMS;
    // Two digests are never reduced to one: a new digest has room beside four claims of the others.
    const digests = new Set(claims.map(({ row }) => toHex(row.digest)));
    const isNewDigest = !digests.has(toHex(next.digest)) && digests.size < MAX_SLOT_CLAIMS;
    if (claims.length >= limit && (next.isRetraction || !isNewDigest)) return null;
    const signers = new Map<string, Row[]>();
    for (const row of rows) {
      const name = toHex(signerOfRecord(row.key));
      signers.set(name, [...(signers.get(name) ?? []), row]);
    }
    if (mine.length > 0 || signers.size < MAX_SLOT_SIGNERS || this.#keys.follows(signer)) return [];
    return this.#victim([...signers.values()]);
  }

  /** The rows of one signer that nobody here follows, by lot. */
  #victim(signers: readonly (readonly Row[])[]): readonly StoreOp[] | null {
    const strangers = signers.filter(
      ([first]) => first !== undefined && !this.#keys.followsHash(signerOfRecord(first.key)),
    );
    const victim = strangers[Math.floor(this.#ctx.rng() * strangers.length)];
    return victim === undefined ? null : keptOf(victim).flatMap(remove);
  }
}

function keyOf({ slot, signer, claimId }: AdmittedRecord): Uint8Array {
  return recordKey(slot, sha256(signer.raw), fromHex(claimId));
}

function keptOf(rows: readonly Row[]): Kept[] {
  return rows.flatMap(({ key, value }) => {
    const row = readRecordRow(value);
    return row === null ? [] : [{ key, row }];
  });
}

function isNewer(next: RecordRow, before: RecordRow): boolean {
  return next.size > before.size || (next.size === before.size && next.time > before.time);
}

function put(key: Uint8Array, row: RecordRow): StoreOp[] {
  return [
    { op: "put", key, value: writeRecordRow(row) },
    { op: "put", key: expiryKey(row.expires, key), value: NOTHING },
  ];
}

function remove({ key, row }: Kept): StoreOp[] {
  return [
    { op: "delete", key },
    { op: "delete", key: expiryKey(row.expires, key) },
  ];
}
