import type { Libp2p, Stream as LibStream } from "@libp2p/interface";
import {
  MAX_ANSWERS,
  MAX_ANSWERS_OF_PEER,
  MAX_INBOUND_STREAMS,
  MAX_QUESTION_BYTES,
  MAX_STREAM_BYTES,
  octetsIn,
  STREAM_READ_IDLE_MS,
  STREAM_WRITE_MS,
} from "../../protocol/index.ts";
import type { Stream } from "../../protocol/index.ts";
import type { TransportListener } from "../edges.ts";
import { codeOf, NodeError } from "../errors.ts";
import { faultOf } from "./bounds.ts";
import { Tally } from "./callers.ts";
import type { Frames } from "./frames.ts";
import { ANSWERED, asError, framesOf, REFUSED } from "./frames.ts";
import { HalfRead } from "./half-read.ts";

/**
 * Answers what peers ask: one question after the other on a stream, MAX_ANSWERS at once in all, MAX_ANSWERS_OF_PEER to
 * one peer.
 */
export class Answering {
  readonly #listener: TransportListener;
  readonly #blame: (peer: string, why: string) => void;
  readonly #halfRead = new HalfRead();
  readonly #ofPeer = new Tally();
  #underWay = 0;

  /** `blame` is told who sent what is no frame. */
  constructor(listener: TransportListener, blame: (peer: string, why: string) => void) {
    this.#listener = listener;
    this.#blame = blame;
  }

  async serve(libp2p: Libp2p, protocols: Readonly<Record<Stream, string>>): Promise<void> {
    for (const name of ["tiles", "query", "records"] as const) {
      await libp2p.handle(
        protocols[name],
        (stream, connection) => this.#answerAll(stream, name, connection.remotePeer.toString()),
        { maxInboundStreams: MAX_INBOUND_STREAMS[name] },
      );
    }
  }

  /** Until the asker has no more questions, or is silent or deaf for too long. */
  async #answerAll(stream: LibStream, name: Stream, from: string): Promise<void> {
    this.#halfRead.watch(stream);
    const frames = framesOf(stream, MAX_QUESTION_BYTES[name]);
    try {
      for (;;) {
        const question = await within(STREAM_READ_IDLE_MS, (signal) => frames.read(signal));
        this.#halfRead.done(stream);
        await this.#answerOne(frames, name, from, question);
      }
    } catch (error) {
      // The usual end of a stream, for which nobody is blamed.
      stream.abort(asError(error));
    } finally {
      this.#halfRead.done(stream);
      const fault = faultOf(stream);
      if (fault !== null) this.#blame(from, fault);
    }
  }

  async #answerOne(frames: Frames, name: Stream, from: string, question: Uint8Array): Promise<void> {
    const leave = this.#ofPeer.enter(from, MAX_ANSWERS_OF_PEER);
    this.#underWay++;
    try {
      const busy = leave === null || this.#underWay > MAX_ANSWERS;
      const answer = busy ? refusal("node/busy") : await this.#answer(name, from, question);
      await within(STREAM_WRITE_MS, (signal) => frames.write(answer, signal));
    } finally {
      this.#underWay--;
      leave?.();
    }
  }

  /** The parts of an answer's frame. */
  async #answer(name: Stream, from: string, question: Uint8Array): Promise<readonly Uint8Array[]> {
    try {
      const parts = await this.#listener.asked(name, from, question);
      const octets = octetsIn(parts);
      if (octets > MAX_STREAM_BYTES)
        throw new NodeError(
          "mesh/too-big",
          `a ${name} answer of ${octets} octets; at most ${MAX_STREAM_BYTES} are sent: ask for less`,
        );
      return [Uint8Array.of(ANSWERED), ...parts];
    } catch (error) {
      return refusal(codeOf(error, "node/no-engine"));
    }
  }
}

function refusal(code: string): readonly Uint8Array[] {
  return [Uint8Array.of(REFUSED), new TextEncoder().encode(code)];
}

async function within<T>(ms: number, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), ms);
  timer.unref();
  try {
    return await run(abort.signal);
  } finally {
    clearTimeout(timer);
  }
}
