import type { Stream as LibStream } from "@libp2p/interface";
import { lpStream } from "@libp2p/utils";
import { Uint8ArrayList } from "uint8arraylist";
import { gather } from "../../protocol/index.ts";

/** First octet of an answer: what follows answers the question, or is the code with which it is refused. */
export const ANSWERED = 0;
export const REFUSED = 1;

const SLACK_BYTES = 64 * 1024;

/** Frames on a stream, and little more kept in memory of what comes unasked. */
export interface Frames {
  read(signal: AbortSignal): Promise<Uint8Array>;
  /** One frame of these parts. */
  write(parts: readonly Uint8Array[], signal: AbortSignal): Promise<void>;
}

/** Frames of at most `max` octets. */
export function framesOf(stream: LibStream, max: number): Frames {
  const frames = lpStream(stream, { maxDataLength: max, maxBufferSize: max + SLACK_BYTES });
  return {
    read: async (signal) => {
      const frame = await frames.read({ signal });
      // One copy, and of its own: what is kept of a frame must not keep a pool. Its sender chooses how many chunks it has: too many for `concat`.
      const octets = new Uint8Array(frame.byteLength);
      gather(frame, octets);
      return octets;
    },
    write: (parts, signal) => frames.write(new Uint8ArrayList(...parts), { signal }),
  };
}

export function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
