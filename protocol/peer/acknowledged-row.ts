/** Value of a `k` row: that somebody took note of a finding, and when. */
import { concat, fromUtf8, u64be, utf8 } from "../bytes/index.ts";

/** That somebody has seen to a finding. */
export interface Acknowledged {
  /** ms since 1970; null = it was noted before times were. */
  readonly time: number | null;
  readonly note: string;
}

const TIMED = 0;
const HEAD_BYTES = 9;

/** An octet 0, the time in 8 octets, the note. */
export function writeAcknowledged(time: number, note: string): Uint8Array {
  return concat(Uint8Array.of(TIMED), u64be(time), utf8(note));
}

/** Reads it; what begins with another octet is a note alone. Throws `bytes/bad-utf8`. */
export function readAcknowledged(value: Uint8Array): Acknowledged {
  const isTimed = value[0] === TIMED && value.length >= HEAD_BYTES;
  const note = fromUtf8(value.subarray(isTimed ? HEAD_BYTES : 0));
  if (!isTimed) return { time: null, note };
  return { time: value.subarray(1, HEAD_BYTES).reduce((sum, octet) => 256 * sum + octet, 0), note };
}
