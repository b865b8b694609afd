import type { Stream as LibStream } from "@libp2p/interface";
import { lpStream } from "@libp2p/utils";
import type { LengthPrefixedStream } from "@libp2p/utils";

/** First octet of an answer: what follows answers the question, or is the code with which it is refused. */
export const ANSWERED = 0;
export const REFUSED = 1;

const SLACK_BYTES = 64 * 1024;

/** Frames of at most `max` octets on a stream, and little more kept in memory of what comes unasked. */
export function framesOf(stream: LibStream, max: number): LengthPrefixedStream {
  return lpStream(stream, { maxDataLength: max, maxBufferSize: max + SLACK_BYTES });
}

/** A copy that is no Buffer and keeps no larger block of memory alive. */
export function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

export function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
