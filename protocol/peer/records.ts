/** The stream `records`: attestations kept for the DHT, each slot a set (RULES R25, R26). */
import { equalBytes, fromHex, toHex } from "../bytes/index.ts";
import { publicKeyOf, sha256 } from "../crypto/index.ts";
import { ProtocolError } from "../errors.ts";
import {
  EVICT_STEP_ROWS,
  MAX_CHECK_ITEMS,
  MAX_RECORDS,
  MAX_SLOT_CLAIMS,
  MAX_SLOT_RETRACTIONS,
  MAX_SLOT_ROWS,
  MAX_SLOT_SIGNERS,
  RECORDS_SWEEP_MS,
  RECORD_SECONDS,
} from "../limits.ts";
import { readRecordsRequest, writeRecordsAnswer } from "../wire/index.ts";
import type { StoredRecord } from "../wire/index.ts";
import type { Context } from "./context.ts";
import type { KnownKeys } from "./keys.ts";
import { readAll, readWhole } from "./reads.ts";
import { RecordFinder } from "./record-find.ts";
import { RecordCheck } from "./record-check.ts";
import type { CheckedRecord, Envelope } from "./record-check.ts";
import { readRecordRow, writeRecordRow } from "./record-row.ts";
import type { HeldEntry, RecordRow } from "./record-row.ts";
import {
  entryKey,
  expiredRange,
  expiryKey,
  expiryOf,
  recordKey,
  recordRange,
  rowAt,
  rowsOf,
  signerOfRecord,
} from "./rows.ts";
import type { Reply } from "./serve.ts";
import type { Tiles } from "./tiles.ts";
import type { Row, StoreOp } from "./types.ts";

const NOTHING = new Uint8Array(0);

interface Kept {
  readonly key: Uint8Array;
  readonly row: RecordRow;
}

export class Records {
  readonly #ctx: Context;
  readonly #keys: KnownKeys;
  readonly #finder: RecordFinder;
  #count = 0;
  #counted = false;
  #nextSweep = 0;

  constructor(ctx: Context, keys: KnownKeys, tiles: Tiles) {
    this.#ctx = ctx;
    this.#finder = new RecordFinder(ctx, tiles);
    this.#keys = keys;
  }

  /** Records kept. */
  get count(): number {
    return this.#count;
  }

  serve(bytes: Uint8Array, reply: Reply): void {
    const request = readRecordsRequest(bytes);
    if (request.kind === "find") this.#finder.find(request, reply);
    else if (this.#ctx.peers.of(reply.from).records.take(request.records.length, this.#ctx.turn.now)) {
      this.#store(request.records, reply);
    } else reply.refuse("peer/over-budget");
  }

  /** Deletes what has expired, step by step. */
  tick(): void {
    const { turn } = this.#ctx;
    if (this.#ctx.config.light || turn.now < this.#nextSweep) return;
    this.#nextSweep = turn.now + RECORDS_SWEEP_MS;
    if (!this.#counted) this.#countAll();
    turn.read(
      expiredRange(Math.floor(turn.now / 1_000), EVICT_STEP_ROWS),
      (rows) => {
        const keys = rows.flatMap(({ key }) => [key, expiryOf(key).record]);
        if (keys.length > 0)
          this.#write(
            keys.map((key) => ({ op: "delete", key })),
            -rows.length,
            () => undefined,
          );
        if (rows.length === EVICT_STEP_ROWS) this.#nextSweep = turn.now;
      },
      () => this.#ctx.counters.add("read-failed"),
    );
  }

  #countAll(): void {
    this.#counted = true;
    readWhole(
      this.#ctx.turn,
      rowsOf("x", MAX_RECORDS),
      (rows) => {
        this.#count += rows.length;
      },
      () => this.#ctx.counters.add("read-failed"),
    );
  }

  /** All signatures are checked in one go, then each record finds its place. */
  #store(records: readonly StoredRecord[], reply: Reply): void {
    const check = new RecordCheck(this.#ctx.config.network);
    const checked = records.map((record) => check.check(record));
    const envelopes = new Set(checked.flatMap((one) => (one === null ? [] : [one.envelope])));
    const items = [...envelopes].flatMap((envelope) => envelope.items.map((item) => ({ envelope, item })));
    const signed = new Set<Envelope>();
    const failed = (code: string): void => reply.refuse(code);
    const slice = (from: number): void => {
      const part = items.slice(from, from + MAX_CHECK_ITEMS);
      if (part.length === 0) {
        const good = checked.map((one) => (one !== null && signed.has(one.envelope) ? one : null));
        this.#keepAll(good, 0, [], (stored) =>
          reply.send(writeRecordsAnswer({ stored, records: [], next: NOTHING, code: "" })),
        );
        return;
      }
      this.#ctx.turn.check(
        part.map(({ item }) => item),
        (holds) => {
          for (const [i, { envelope }] of part.entries()) if (holds[i] === true) signed.add(envelope);
          slice(from + part.length);
        },
        failed,
      );
    };
    slice(0);
  }

  /** One record after the other: each may fill the slot of the next. */
  #keepAll(
    records: readonly (CheckedRecord | null)[],
    at: number,
    stored: readonly boolean[],
    done: (stored: readonly boolean[]) => void,
  ): void {
    const record = records[at];
    if (record === undefined) done(stored);
    else if (record === null) this.#keepAll(records, at + 1, [...stored, false], done);
    else this.#keep(record, (kept) => this.#keepAll(records, at + 1, [...stored, kept], done));
  }

  #keep(checked: CheckedRecord, done: (kept: boolean) => void): void {
    const { slot } = checked.record;
    const failed = (): void => {
      this.#ctx.counters.add("store-failed");
      done(false);
    };
    const place = (next: RecordRow, rows: readonly Row[]): void => {
      const key = keyOf(checked);
      const mine = keptOf(rows.filter((row) => equalBytes(signerOfRecord(row.key), signerOfRecord(key))));
      const before = mine.find((kept) => equalBytes(kept.key, key));
      if (before !== undefined) {
        // Only a newer head shows that the publisher still stands by it: anybody can send old octets again.
        if (!isNewer(next, before.row)) done(true);
        else this.#write([...remove(before), ...put(key, next)], 0, done);
        return;
      }
      const room = this.#roomFor(next, mine, rows, checked);
      if (room === null) done(false);
      else this.#write([...room, ...put(key, next)], 1 - room.length / 2, done);
    };
    const held = this.#heldEntry(checked.record);
    const entry = held === null ? [] : [rowAt(entryKey(held.no, held.index))];
    readAll(
      this.#ctx.turn,
      [recordRange(slot, null, MAX_SLOT_ROWS), ...entry],
      ([rows = [], entries = []]) => {
        const mine = entries[0]?.value;
        const isHeld = held !== null && mine !== undefined && equalBytes(mine, checked.record.envelope);
        place(this.#rowOf(checked, isHeld ? { held } : { record: checked.record }), rows);
      },
      failed,
    );
  }

  /** Where the record's entry stands in a feed that is held here for good: it is not kept twice. */
  #heldEntry({ origin, index }: StoredRecord): HeldEntry | null {
    const feed = this.#ctx.feeds.get(origin);
    if (feed === null || feed.class === "unknown" || index >= (feed.proven?.size ?? 0)) return null;
    return { no: feed.no, index };
  }

  #rowOf({ envelope: { attestation, signer }, head }: CheckedRecord, body: RecordRow["body"]): RecordRow {
    const positive = attestation.claims.find(({ kind }) => kind === "positive");
    return {
      expires: Math.floor(this.#ctx.turn.now / 1_000) + RECORD_SECONDS,
      time: head.time ?? 0,
      size: head.size,
      digest: positive?.sha256 ?? NOTHING,
      isRetraction: attestation.claims.some(({ kind }) => kind === "retraction"),
      signer: signer.raw,
      body,
    };
  }

  /** What must go so that the record can come: nothing, a stranger's rows, or null where there is no room. */
  #roomFor(
    next: RecordRow,
    mine: readonly Kept[],
    rows: readonly Row[],
    { envelope: { signer } }: CheckedRecord,
  ): readonly StoreOp[] | null {
    const claims = mine.filter(({ row }) => row.isRetraction === next.isRetraction);
    const limit = next.isRetraction ? MAX_SLOT_RETRACTIONS : MAX_SLOT_CLAIMS;
    // Two digests are never reduced to one: a new digest has room beside four claims of the others.
    const digests = new Set(claims.map(({ row }) => toHex(row.digest)));
    const isNewDigest = !digests.has(toHex(next.digest)) && digests.size < MAX_SLOT_CLAIMS;
    if (claims.length >= limit && (next.isRetraction || !isNewDigest)) return null;
    if (this.#count >= MAX_RECORDS && !this.#keys.follows(signer)) return null;
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
    const strangers = signers
      .map(keptOf)
      .filter(([first]) => first !== undefined && !this.#followsSigner(first.row.signer));
    const victim = strangers[Math.floor(this.#ctx.rng() * strangers.length)];
    return victim === undefined ? null : victim.flatMap(remove);
  }

  #followsSigner(signer: Uint8Array): boolean {
    try {
      return this.#keys.follows(publicKeyOf(signer));
    } catch (error) {
      if (error instanceof ProtocolError) return false;
      throw error;
    }
  }

  #write(ops: readonly StoreOp[], added: number, done: (kept: boolean) => void): void {
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
}

function keyOf({ record, envelope }: CheckedRecord): Uint8Array {
  return recordKey(record.slot, sha256(record.signer), fromHex(envelope.claimId));
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
