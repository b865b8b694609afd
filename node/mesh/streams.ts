import type { Libp2p, Stream as LibStream } from "@libp2p/interface";
import { peerIdFromString } from "@libp2p/peer-id";
import { lpStream } from "@libp2p/utils";
import type { LengthPrefixedStream } from "@libp2p/utils";
import {
  KEPT_STREAM_IDLE_MS,
  MAX_INBOUND_STREAMS,
  MAX_KEPT_STREAMS,
  MAX_REFUSAL_BYTES,
  MAX_STREAM_BYTES,
  STREAM_READ_IDLE_MS,
  STREAM_WRITE_MS,
} from "../../protocol/index.ts";
import type { Stream } from "../../protocol/index.ts";
import type { TransportListener } from "../edges.ts";
import { codeOf, NodeError } from "../errors.ts";

/** First octet of an answer: what follows answers the question, or is the code with which it is refused. */
const ANSWERED = 0;
const REFUSED = 1;

/** A stream that carried a question and its answer, kept for the next: a new one costs four times as much. */
interface Line {
  readonly stream: LibStream;
  readonly frames: LengthPrefixedStream;
  idle: NodeJS.Timeout | null;
}

/**
 * One framed question, one framed answer, the next question on the same stream (protocol/spec/wire.md). Nothing is ever
 * longer than MAX_STREAM_BYTES and nobody sends unasked, so none of js-libp2p's holes in back-pressure opens.
 */
export class Streams {
  readonly #libp2p: Libp2p;
  readonly #protocols: Readonly<Record<Stream, string>>;
  readonly #lines = new Map<string, Line[]>();

  constructor(libp2p: Libp2p, protocols: Readonly<Record<Stream, string>>) {
    this.#libp2p = libp2p;
    this.#protocols = protocols;
  }

  /** Answers what peers ask. */
  async serve(listener: TransportListener): Promise<void> {
    for (const name of ["tiles", "query", "records"] as const) {
      await this.#libp2p.handle(
        this.#protocols[name],
        (stream, connection) => answerAll(stream, name, connection.remotePeer.toString(), listener),
        { maxInboundStreams: MAX_INBOUND_STREAMS },
      );
    }
  }

  /** Rejects with `mesh/…` at the latest after `timeoutMs`. */
  async ask(to: string, name: Stream, question: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
    if (question.length > MAX_STREAM_BYTES) {
      throw new NodeError("mesh/too-big", `a question has at most ${MAX_STREAM_BYTES} octets`);
    }
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), timeoutMs);
    try {
      const kept = this.#take(`${to} ${name}`);
      if (kept !== null) {
        // The other end may have closed it meanwhile; then, and only then, a new stream is tried.
        const answer = await this.#askOn(kept, to, name, question, abort.signal).catch(asError);
        if (!(answer instanceof Error)) return openAnswer(answer);
        if (abort.signal.aborted) throw answer;
      }
      const line = await this.#open(to, name, abort.signal);
      return openAnswer(await this.#askOn(line, to, name, question, abort.signal));
    } catch (cause) {
      if (cause instanceof NodeError) throw cause;
      if (abort.signal.aborted) {
        throw new NodeError("mesh/timeout", `${to} did not answer within ${timeoutMs} ms`, { cause });
      }
      throw new NodeError("mesh/unreachable", `cannot ask ${to}: ${String(cause)}`, { cause });
    } finally {
      clearTimeout(timer);
    }
  }

  /** Lets go of all kept streams. */
  close(): void {
    for (const line of [...this.#lines.values()].flat()) drop(line);
    this.#lines.clear();
  }

  async #open(to: string, name: Stream, signal: AbortSignal): Promise<Line> {
    const stream = await this.#libp2p.dialProtocol(peerIdFromString(to), this.#protocols[name], { signal });
    return { stream, frames: lpStream(stream, { maxDataLength: MAX_STREAM_BYTES + 1 }), idle: null };
  }

  async #askOn(
    line: Line,
    to: string,
    name: Stream,
    question: Uint8Array,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    try {
      await line.frames.write(question, { signal });
      const answer = plain((await line.frames.read({ signal })).subarray());
      this.#keep(`${to} ${name}`, line);
      return answer;
    } catch (error) {
      drop(line);
      throw error;
    }
  }

  #take(key: string): Line | null {
    const lines = this.#lines.get(key) ?? [];
    for (let line = lines.pop(); line !== undefined; line = lines.pop()) {
      if (lines.length === 0) this.#lines.delete(key);
      if (line.idle !== null) clearTimeout(line.idle);
      line.idle = null;
      if (line.stream.status === "open" && line.stream.remoteWriteStatus === "writable") return line;
      drop(line);
    }
    return null;
  }

  #keep(key: string, line: Line): void {
    const lines = this.#lines.get(key) ?? [];
    if (lines.length >= MAX_KEPT_STREAMS) return drop(line);
    line.idle = setTimeout(() => {
      this.#lines.set(
        key,
        (this.#lines.get(key) ?? []).filter((other) => other !== line),
      );
      if (this.#lines.get(key)?.length === 0) this.#lines.delete(key);
      drop(line);
    }, KEPT_STREAM_IDLE_MS).unref();
    this.#lines.set(key, [...lines, line]);
  }
}

/** Answers one question after the other until the asker has no more, or is silent for STREAM_READ_IDLE_MS. */
async function answerAll(
  stream: LibStream,
  name: Stream,
  from: string,
  listener: TransportListener,
): Promise<void> {
  const frames = lpStream(stream, { maxDataLength: MAX_STREAM_BYTES });
  try {
    for (;;) {
      const question = await within(STREAM_READ_IDLE_MS, async (signal) => frames.read({ signal }));
      const answer = await answerOne(name, from, plain(question.subarray()), listener);
      await within(STREAM_WRITE_MS, (signal) => frames.write(answer, { signal }));
    }
  } catch (error) {
    // The usual end of a stream: nobody is blamed for it.
    stream.abort(asError(error));
  }
}

async function answerOne(
  name: Stream,
  from: string,
  question: Uint8Array,
  listener: TransportListener,
): Promise<Uint8Array> {
  try {
    const answer = await listener.asked(name, from, question);
    if (answer.length <= MAX_STREAM_BYTES) return frame(ANSWERED, answer);
    return frame(REFUSED, new TextEncoder().encode("mesh/too-big"));
  } catch (error) {
    return frame(REFUSED, new TextEncoder().encode(codeOf(error, "node/no-engine")));
  }
}

function frame(kind: number, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + body.length);
  bytes[0] = kind;
  bytes.set(body, 1);
  return bytes;
}

function openAnswer(answer: Uint8Array): Uint8Array {
  if (answer[0] === ANSWERED) return answer.subarray(1);
  const code = answer[0] === REFUSED ? answer.subarray(1, 1 + MAX_REFUSAL_BYTES) : new Uint8Array();
  const shown = new TextDecoder().decode(code).replace(/[^a-z/-]/g, "?");
  throw new NodeError("mesh/refused", `the peer refuses the question: ${shown}`);
}

function drop(line: Line): void {
  if (line.idle !== null) clearTimeout(line.idle);
  line.stream.abort(new Error("no longer used"));
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

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** A copy that is no Buffer and keeps no larger block of memory alive. */
function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}
