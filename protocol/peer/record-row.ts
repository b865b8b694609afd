/** Value of an `r` row: a record of the DHT and how long it is kept. */
import { Cursor, concat, u64be } from "../bytes/index.ts";
import { readRecordsRequest, writeRecordsRequest } from "../wire/index.ts";
import type { StoredRecord } from "../wire/index.ts";

export interface RecordRow {
  /** Seconds since 1970. */
  readonly expires: number;
  /** Time line of its checkpoint, in seconds; 0 = none. */
  readonly time: number;
  readonly size: number;
  /** SHA-256 of the positive product, so that distinct digests have room; or empty. */
  readonly digest: Uint8Array;
  readonly isRetraction: boolean;
  readonly record: StoredRecord;
}

/** Octets of a row; the record is kept as the question that stores it. */
export function writeRecordRow(row: RecordRow): Uint8Array {
  return concat(
    u64be(row.expires),
    u64be(row.time),
    u64be(row.size),
    Uint8Array.of(row.isRetraction ? 1 : 0, row.digest.length),
    row.digest,
    writeRecordsRequest({ kind: "store", records: [row.record] }),
  );
}

/** Reads a row; null where another version wrote it. */
export function readRecordRow(value: Uint8Array): RecordRow | null {
  const cursor = new Cursor(value);
  const expires = cursor.u64();
  const time = cursor.u64();
  const size = cursor.u64();
  const isRetraction = cursor.u8() === 1;
  const digest = cursor.take(cursor.u8());
  const request = readRecordsRequest(cursor.take(cursor.left));
  const record = request.kind === "store" ? request.records[0] : undefined;
  return record === undefined ? null : { expires, time, size, digest, isRetraction, record };
}
