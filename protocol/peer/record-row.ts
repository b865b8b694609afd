/** Value of an `r` row: a record of the DHT and how long it is kept. */
import { Cursor, concat, u16be, u32be, u64be } from "../bytes/index.ts";
import { readRecordsRequest, writeRecordsRequest } from "../wire/index.ts";
import type { StoredRecord } from "../wire/index.ts";
import { expiryOf } from "./rows.ts";
import type { StoreOp } from "./types.ts";

/** An entry of a feed that is held here anyway: the record is made from it when somebody asks. */
export interface HeldEntry {
  /** Number of the feed. */
  readonly no: number;
  readonly index: number;
}

export interface RecordRow {
  /** Seconds since 1970. */
  readonly expires: number;
  /** Time line of its checkpoint, in seconds; 0 = none. */
  readonly time: number;
  readonly size: number;
  /** SHA-256 of the positive product, so that distinct digests have room; or empty. */
  readonly digest: Uint8Array;
  readonly isRetraction: boolean;
  readonly signer: Uint8Array;
  readonly body: { readonly record: StoredRecord } | { readonly held: HeldEntry };
}

const RETRACTION = 1;
const HELD = 2;

/** Octets of a row; a whole record is kept as the question that stores it. */
export function writeRecordRow(row: RecordRow): Uint8Array {
  const { body } = row;
  const flags = (row.isRetraction ? RETRACTION : 0) | ("held" in body ? HELD : 0);
  return concat(
    Uint8Array.of(flags),
    u64be(row.expires),
    u64be(row.time),
    u64be(row.size),
    Uint8Array.of(row.digest.length),
    row.digest,
    u16be(row.signer.length),
    row.signer,
    "held" in body
      ? concat(u32be(body.held.no), u64be(body.held.index))
      : writeRecordsRequest({ kind: "store", records: [body.record] }),
  );
}

/** Reads a row; null where another version wrote it. */
export function readRecordRow(value: Uint8Array): RecordRow | null {
  const cursor = new Cursor(value);
  const flags = cursor.u8();
  const expires = cursor.u64();
  const time = cursor.u64();
  const size = cursor.u64();
  const digest = cursor.take(cursor.u8());
  const signer = cursor.take(cursor.u16());
  const rest = { expires, time, size, digest, signer, isRetraction: (flags & RETRACTION) !== 0 };
  if ((flags & HELD) !== 0) return { ...rest, body: { held: { no: cursor.u32(), index: cursor.u64() } } };
  const request = readRecordsRequest(cursor.take(cursor.left));
  const record = request.kind === "store" ? request.records[0] : undefined;
  return record === undefined ? null : { ...rest, body: { record } };
}

/** What deletes a record, by the key of its expiry row. */
export function recordRemoval(expiry: Uint8Array): readonly StoreOp[] {
  return [
    { op: "delete", key: expiry },
    { op: "delete", key: expiryOf(expiry).record },
  ];
}
