import type { Stream as LibStream } from "@libp2p/interface";
import { MAX_HALF_READ_BYTES } from "../../protocol/index.ts";

/**
 * Octets of questions that have come in part, on all streams together. Whoever sends a half and falls silent holds memory
 * for as long as we wait for the rest; when there is too much of it, the one that has taken longest goes first (I9).
 */
export class HalfRead {
  /** Oldest first: an entry begins with the first octets of a question. */
  readonly #streams = new Map<LibStream, number>();
  #octets = 0;

  /** Counts what comes on the stream from now on. */
  watch(stream: LibStream): void {
    stream.addEventListener("message", ({ data }) => this.#add(stream, data.byteLength));
  }

  /** The question on the stream is whole, or will never be. */
  done(stream: LibStream): void {
    this.#octets -= this.#streams.get(stream) ?? 0;
    this.#streams.delete(stream);
  }

  #add(stream: LibStream, octets: number): void {
    this.#streams.set(stream, (this.#streams.get(stream) ?? 0) + octets);
    this.#octets += octets;
    for (const oldest of this.#streams.keys()) {
      if (this.#octets <= MAX_HALF_READ_BYTES) return;
      this.done(oldest);
      oldest.abort(new Error("the rest of a question was waited for too long"));
    }
  }
}
