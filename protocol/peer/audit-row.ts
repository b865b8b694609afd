/** Value of a `j audit` row: how far the audit has looked through one feed. A row of its own: the feed's says what the feed is. */
import { Cursor, concat, u32be, u64be, utf8 } from "../bytes/index.ts";
import { MAX_FEEDS } from "../limits.ts";
import { jobKey, rowsUnder, uintOf } from "./rows.ts";
import type { Range, Row } from "./types.ts";

const JOB = utf8("audit");
const NUMBER_BYTES = 4;

export interface Audited {
  /** Entries below are not forged, as far as they are given out as the feed's own. */
  readonly audited: number;
  /** The entry there is: evidence against the feed is kept, and no more is looked for. */
  readonly accused: boolean;
}

/** `j` "audit", feed number: how far it was looked through. */
export function auditKey(no: number): Uint8Array {
  return jobKey(concat(JOB, u32be(no)));
}

/** All of them. */
export function auditRange(): Range {
  return rowsUnder(jobKey(JOB), MAX_FEEDS);
}

export function writeAudited({ audited, accused }: Audited): Uint8Array {
  return concat(Uint8Array.of(accused ? 1 : 0), u64be(audited));
}

/** Which feed's it is, and what it says. Throws `bytes/…` where it is not whole. */
export function readAudited({ key, value }: Row): { readonly no: number } & Audited {
  const cursor = new Cursor(value);
  const accused = cursor.u8() === 1;
  const audited = cursor.u64();
  cursor.done();
  return { no: uintOf(key, key.length - NUMBER_BYTES, NUMBER_BYTES), audited, accused };
}
