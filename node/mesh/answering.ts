import type { Libp2p, Stream as LibStream } from "@libp2p/interface";
import {
  MAX_ANSWERS,
  MAX_INBOUND_STREAMS,
  MAX_QUESTION_BYTES,
  MAX_STREAM_BYTES,
  STREAM_READ_IDLE_MS,
  STREAM_WRITE_MS,
} from "../../protocol/index.ts";
import type { Stream } from "../../protocol/index.ts";
import type { TransportListener } from "../edges.ts";
import { codeOf, NodeError } from "../errors.ts";
import { ANSWERED, asError, framesOf, plain, REFUSED } from "./frames.ts";

/** Answers what peers ask: one question after the other on a stream, MAX_ANSWERS at once in all. */
export class Answering {
  readonly #listener: TransportListener;
  #underWay = 0;

  constructor(listener: TransportListener) {
    this.#listener = listener;
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
    const frames = framesOf(stream, MAX_QUESTION_BYTES[name]);
    try {
      for (;;) {
        const question = await within(STREAM_READ_IDLE_MS, async (signal) => frames.read({ signal }));
        this.#underWay++;
        try {
          const answer = await this.#answer(name, from, plain(question.subarray()));
          await within(STREAM_WRITE_MS, (signal) => frames.write(answer, { signal }));
        } finally {
          this.#underWay--;
        }
      }
    } catch (error) {
      // The usual end of a stream: nobody is blamed for it.
      stream.abort(asError(error));
    }
  }

  async #answer(name: Stream, from: string, question: Uint8Array): Promise<Uint8Array> {
    try {
      if (this.#underWay > MAX_ANSWERS)
        throw new NodeError("node/busy", "too many answers are under way; ask again later");
      const answer = await this.#listener.asked(name, from, question);
      if (answer.length > MAX_STREAM_BYTES)
        throw new NodeError(
          "mesh/too-big",
          `a ${name} answer of ${answer.length} octets; at most ${MAX_STREAM_BYTES} are sent: ask for less`,
        );
      return frame(ANSWERED, answer);
    } catch (error) {
      return frame(REFUSED, new TextEncoder().encode(codeOf(error, "node/no-engine")));
    }
  }
}

function frame(kind: number, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + body.length);
  bytes[0] = kind;
  bytes.set(body, 1);
  return bytes;
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
