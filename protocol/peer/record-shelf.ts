/** Room for the records of the DHT: each slot is a set, and strangers displace only each other (RULES R25). */
import { equalBytes, fromHex, toHex } from "../bytes/index.ts";
import { sha256 } from "../crypto/index.ts";
import {
  MAX_SLOT_CLAIMS,
  MAX_SLOT_RETRACTIONS,
  MAX_SLOT_ROWS,
  MAX_SLOT_SIGNERS,
  RECORD_SECONDS,
} from "../limits.ts";
import type { Context } from "./context.ts";
import type { KnownKeys } from "./keys.ts";
import { byLot } from "./lot.ts";
import { readAll, readPages } from "./reads.ts";
import type { AdmittedRecord } from "./record-admission.ts";
import { RecordCounts } from "./record-counts.ts";
import type { RecordChange } from "./record-counts.ts";
import { RecordLots } from "./record-lots.ts";
import { readRecordRow, recordRemoval, writeRecordRow } from "./record-row.ts";
import type { RecordRow } from "./record-row.ts";
import { expiryKey, expiryOf, recordKey, recordRange, rowsOf, signerOfRecord } from "./rows.ts";
import type { Row, StoreOp } from "./types.ts";

const NOTHING = new Uint8Array(0);

interface Kept {
  readonly key: Uint8Array;
  readonly row: RecordRow;
}

type Stored = (stored: readonly boolean[]) => void;

/** What keeping one record changes. */
interface Plan {
  /** Keys of the expiry rows of what goes. */
  readonly gone: readonly Uint8Array[];
  /** What comes; null where it is there already, and not newer. */
  readonly comes: Kept | null;
  readonly isFollowed: boolean;
}

export class RecordShelf {
  readonly #ctx: Context;
  readonly #keys: KnownKeys;
  readonly #lots: RecordLots;
  readonly #waiting: (() => void)[] = [];
  readonly #counts: RecordCounts;
  #busy = false;

  constructor(ctx: Context, keys: KnownKeys) {
    this.#ctx = ctx;
    this.#keys = keys;
    this.#lots = new RecordLots(ctx, keys);
    this.#counts = new RecordCounts(keys);
  }

  /** Records kept. */
  get count(): number {
    return this.#counts.all;
  }

  /** Counts what an earlier life of this peer has kept. */
  countAll(): void {
    readPages(
      this.#ctx.turn,
      rowsOf("x", Number.MAX_SAFE_INTEGER),
      (rows) => this.#counts.apply({ come: rows.map(({ key }) => expiryOf(key).record), gone: [] }),
      () => undefined,
      () => this.#ctx.counters.add("read-failed"),
    );
  }

  /** What of these is kept, in one write. One question after the other: each may fill a slot for the next. */
  keepAll(records: readonly (AdmittedRecord | null)[], done: Stored): void {
    if (this.#busy) {
      this.#waiting.push(() => this.keepAll(records, done));
      return;
    }
    this.#busy = true;
    this.#keepNow(records, (stored) => {
      this.#busy = false;
      this.#waiting.shift()?.();
      done(stored);
    });
  }

  /** Within a slot one record comes after the other. */
  #keepNow(records: readonly (AdmittedRecord | null)[], done: Stored): void {
    const bySlot = new Map<string, { readonly slot: Uint8Array; readonly places: number[] }>();
    for (const [place, record] of records.entries()) {
      if (record === null) continue;
      const name = toHex(record.slot);
      const known = bySlot.get(name);
      if (known === undefined) bySlot.set(name, { slot: record.slot, places: [place] });
      else known.places.push(place);
    }
    const none = records.map(() => false);
    const slots = [...bySlot.values()];
    readAll(
      this.#ctx.turn,
      slots.map(({ slot }) => recordRange(slot, null, MAX_SLOT_ROWS)),
      (rows) => {
        const plans: (Plan | null)[] = records.map(() => null);
        for (const [i, { places }] of slots.entries()) {
          let held = rows[i] ?? [];
          for (const place of places) {
            const plan = this.#planFor(records[place] ?? null, held);
            plans[place] = plan;
            if (plan !== null) held = after(held, plan);
          }
        }
        this.#makeRoom(plans, (kept) => this.#apply(kept, none, done));
      },
      () => {
        this.#ctx.counters.add("read-failed");
        done(none);
      },
    );
  }

  /** Writes all plans at once; a failure is everybody's. */
  #apply(plans: readonly (Plan | null)[], none: readonly boolean[], done: Stored): void {
    const stored = plans.map((plan) => plan !== null);
    const kept = plans.filter((plan) => plan !== null);
    const ops = kept.flatMap(opsOf);
    const change = {
      come: kept.flatMap(({ comes }) => (comes === null ? [] : [comes.key])),
      gone: kept.flatMap(({ gone }) => gone),
    };
    if (ops.length === 0) done(stored);
    else this.write(ops, change, (written) => done(written ? stored : none));
  }

  /**
   * Where the store is full, each further record takes a stranger's place. A stranger's that finds none is not kept, a followed builder's
   * is, up to bounds of their own.
   */
  #makeRoom(plans: readonly (Plan | null)[], done: (plans: readonly (Plan | null)[]) => void): void {
    const counts = this.#counts.copy();
    const result = [...plans];
    const waiting: { readonly at: number; readonly plan: Plan }[] = [];
    for (const [at, plan] of plans.entries()) {
      if (plan === null || plan.comes === null) continue;
      const { isFollowed, comes, gone } = plan;
      const isMore = addedBy(plan) > 0;
      if (isMore && isFollowed && !counts.allowsFollowed(comes.key)) result[at] = null;
      else if (isMore && counts.isFull && counts.hasStrangers) waiting.push({ at, plan });
      else if (isMore && counts.isFull && !isFollowed) result[at] = null;
      if (result[at] !== null) counts.apply({ come: [comes.key], gone });
    }
    let left = waiting.length;
    if (left === 0) done(result);
    for (const { at, plan } of waiting) {
      this.#lots.take((victim) => {
        if (victim !== null) result[at] = { ...plan, gone: [victim] };
        else if (!plan.isFollowed) result[at] = null;
        if (--left === 0) done(result);
      });
    }
  }

  /** Applies the operations, and counts what they change. */
  write(ops: readonly StoreOp[], change: RecordChange, done: (kept: boolean) => void): void {
    this.#ctx.turn.store(
      ops,
      false,
      () => {
        this.#counts.apply(change);
        done(true);
      },
      () => {
        this.#ctx.counters.add("store-failed");
        done(false);
      },
    );
  }

  /** What keeping a record changes in its slot; null where there is no room for it. */
  #planFor(record: AdmittedRecord | null, rows: readonly Row[]): Plan | null {
    if (record === null) return null;
    const key = keyOf(record);
    const next = { ...record.row, expires: Math.floor(this.#ctx.turn.now / 1_000) + RECORD_SECONDS };
    const isFollowed = this.#keys.follows(record.signer);
    const mine = keptOf(rows.filter((row) => equalBytes(signerOfRecord(row.key), signerOfRecord(key))));
    const before = mine.find((kept) => equalBytes(kept.key, key));
    if (before !== undefined) {
      // Only a newer head shows that the publisher still stands by it: anybody can send old octets again.
      if (!isNewer(next, before.row)) return { gone: [], comes: null, isFollowed };
      return { gone: [expiryOfKept(before)], comes: { key, row: next }, isFollowed };
    }
    const gone = this.#roomInSlot(next, mine, rows, isFollowed);
    return gone && { gone, comes: { key, row: next }, isFollowed };
  }

  /** What must go from the slot so that the record can come: nothing, a stranger's records, or null where there is no room. */
  #roomInSlot(
    next: RecordRow,
    mine: readonly Kept[],
    rows: readonly Row[],
    isFollowed: boolean,
  ): readonly Uint8Array[] | null {
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
    if (mine.length > 0 || signers.size < MAX_SLOT_SIGNERS || isFollowed) return [];
    return this.#victim([...signers.values()]);
  }

  /** The records of one signer that nobody here follows, by lot. */
  #victim(signers: readonly (readonly Row[])[]): readonly Uint8Array[] | null {
    const strangers = signers.filter(
      ([first]) => first !== undefined && !this.#keys.followsHash(signerOfRecord(first.key)),
    );
    const victim = byLot(strangers, this.#ctx.rng);
    return victim === null ? null : keptOf(victim).map(expiryOfKept);
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

/** The rows of a slot once the plan is carried out. */
function after(rows: readonly Row[], { gone, comes }: Plan): readonly Row[] {
  const left = rows.filter(({ key }) => !gone.some((expiry) => equalBytes(expiryOf(expiry).record, key)));
  return comes === null ? left : [...left, { key: comes.key, value: writeRecordRow(comes.row) }];
}

function opsOf({ gone, comes }: Plan): readonly StoreOp[] {
  return [...gone.flatMap(recordRemoval), ...(comes === null ? [] : put(comes))];
}

/** Records more than before. */
function addedBy({ gone, comes }: Plan): number {
  return (comes === null ? 0 : 1) - gone.length;
}

function isNewer(next: RecordRow, before: RecordRow): boolean {
  return next.size > before.size || (next.size === before.size && next.time > before.time);
}

function put(kept: Kept): readonly StoreOp[] {
  return [
    { op: "put", key: kept.key, value: writeRecordRow(kept.row) },
    { op: "put", key: expiryOfKept(kept), value: NOTHING },
  ];
}

function expiryOfKept({ key, row }: Kept): Uint8Array {
  return expiryKey(row.expires, key);
}
