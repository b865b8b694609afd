import type { Libp2p, Stream as LibStream } from "@libp2p/interface";
import { peerIdFromString } from "@libp2p/peer-id";
import {
  KEPT_STREAM_IDLE_MS,
  MAX_INBOUND_STREAMS,
  MAX_QUESTION_BYTES,
  MAX_REFUSAL_BYTES,
  MAX_STREAM_BYTES,
} from "../../protocol/index.ts";
import type { Stream } from "../../protocol/index.ts";
import { NodeError, Refused } from "../errors.ts";
import { faultOf } from "./bounds.ts";
import { ANSWERED, asError, framesOf, REFUSED } from "./frames.ts";
import type { Frames } from "./frames.ts";
import { widen } from "./muxer.ts";

/** A stream that carried a question and its answer, kept for the next: with a new one a question costs five times as much. */
interface Line {
  readonly stream: LibStream;
  readonly frames: Frames;
  idle: NodeJS.Timeout | null;
}

/** Codes of refusals that say no more than: ask again later; and those by which the engine knows them. */
const LATER: ReadonlyMap<string, string> = new Map([
  ["peer/busy", "peer/busy"],
  ["peer/over-budget", "peer/over-budget"],
  ["node/busy", "peer/busy"],
]);

/** What one peer is asked on one kind of stream: never more at once than it takes, the others wait their turn. */
interface Desk {
  readonly to: string;
  readonly name: Stream;
  readonly lines: Line[];
  underWay: number;
  readonly waiting: (() => void)[];
}

/**
 * One framed question, one framed answer, the next question on the same stream (protocol/spec/wire.md). Nothing is ever
 * longer than MAX_STREAM_BYTES and nobody sends unasked, so none of js-libp2p's holes in back-pressure opens.
 */
export class Asking {
  readonly #libp2p: Libp2p;
  readonly #protocols: Readonly<Record<Stream, string>>;
  readonly #blame: (peer: string, why: string) => void;
  readonly #desks = new Map<string, Desk>();

  /** `blame` is told who sent what is no frame. */
  constructor(
    libp2p: Libp2p,
    protocols: Readonly<Record<Stream, string>>,
    blame: (peer: string, why: string) => void,
  ) {
    this.#libp2p = libp2p;
    this.#protocols = protocols;
    this.#blame = blame;
  }

  /** Rejects with `mesh/…`, or with `peer/busy` or `peer/over-budget`, at the latest after `timeoutMs`. */
  async ask(to: string, name: Stream, question: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
    if (question.length > MAX_QUESTION_BYTES[name]) {
      throw new NodeError(
        "mesh/too-big",
        `a ${name} question of ${question.length} octets; at most ${MAX_QUESTION_BYTES[name]} are sent: ask for less`,
      );
    }
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), timeoutMs);
    const desk = this.#deskOf(to, name);
    try {
      await takeTurn(desk, abort.signal);
      try {
        return openAnswer(to, name, await this.#exchange(desk, question, abort.signal));
      } finally {
        desk.underWay--;
        desk.waiting.shift()?.();
      }
    } catch (cause) {
      if (cause instanceof NodeError || cause instanceof Refused) throw cause;
      if (abort.signal.aborted) {
        throw new NodeError("mesh/timeout", `${to} did not answer within ${timeoutMs} ms`, { cause });
      }
      throw new NodeError("mesh/unreachable", `cannot ask ${to}: ${String(cause)}; it may have gone`, {
        cause,
      });
    } finally {
      clearTimeout(timer);
      this.#tidy(desk);
    }
  }

  /** Lets go of all kept streams. */
  close(): void {
    for (const desk of this.#desks.values()) for (const line of desk.lines.splice(0)) drop(line);
    this.#desks.clear();
  }

  async #exchange(desk: Desk, question: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    const kept = takeLine(desk);
    if (kept !== null) {
      // The other end may have closed it meanwhile; then, and only then, a new stream is tried.
      const answer = await this.#askOn(kept, desk, question, signal).catch(asError);
      if (!(answer instanceof Error)) return answer;
      if (signal.aborted || faultOf(kept.stream) !== null) throw answer;
    }
    const protocol = this.#protocols[desk.name];
    const stream = await this.#libp2p.dialProtocol(peerIdFromString(desk.to), protocol, { signal });
    const line: Line = { stream, frames: framesOf(stream, MAX_STREAM_BYTES + 1), idle: null };
    return this.#askOn(line, desk, question, signal);
  }

  async #askOn(line: Line, desk: Desk, question: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    try {
      const asked = performance.now();
      await line.frames.write([question], signal);
      const answer = await line.frames.read(signal);
      widen(line.stream, answer.length, performance.now() - asked);
      this.#keep(desk, line);
      return answer;
    } catch (error) {
      drop(line);
      const fault = faultOf(line.stream);
      if (fault !== null) this.#blame(desk.to, fault);
      throw error;
    }
  }

  #keep(desk: Desk, line: Line): void {
    line.idle = setTimeout(() => {
      const at = desk.lines.indexOf(line);
      if (at >= 0) desk.lines.splice(at, 1);
      drop(line);
      this.#tidy(desk);
    }, KEPT_STREAM_IDLE_MS).unref();
    desk.lines.push(line);
  }

  #deskOf(to: string, name: Stream): Desk {
    const key = `${to} ${name}`;
    const desk = this.#desks.get(key) ?? { to, name, lines: [], underWay: 0, waiting: [] };
    this.#desks.set(key, desk);
    return desk;
  }

  /** Forgets a desk that nobody uses. */
  #tidy(desk: Desk): void {
    if (desk.underWay === 0 && desk.lines.length === 0 && desk.waiting.length === 0) {
      this.#desks.delete(`${desk.to} ${desk.name}`);
    }
  }
}

/** The peer would reset a stream beyond those that it takes from one connection. */
async function takeTurn(desk: Desk, signal: AbortSignal): Promise<void> {
  while (desk.underWay >= MAX_INBOUND_STREAMS[desk.name]) {
    const turn = Promise.withResolvers<void>();
    const give = (): void => turn.resolve();
    const tooLate = (): void => turn.reject(signal.reason);
    desk.waiting.push(give);
    signal.addEventListener("abort", tooLate);
    try {
      await turn.promise;
    } catch (error) {
      const at = desk.waiting.indexOf(give);
      if (at >= 0) desk.waiting.splice(at, 1);
      // It was this one's turn when its time was over: the next one's, then.
      else desk.waiting.shift()?.();
      throw error;
    } finally {
      signal.removeEventListener("abort", tooLate);
    }
  }
  desk.underWay++;
}

function takeLine(desk: Desk): Line | null {
  for (let line = desk.lines.pop(); line !== undefined; line = desk.lines.pop()) {
    if (line.idle !== null) clearTimeout(line.idle);
    line.idle = null;
    if (line.stream.status === "open" && line.stream.remoteWriteStatus === "writable") return line;
    drop(line);
  }
  return null;
}

function openAnswer(peer: string, name: Stream, answer: Uint8Array): Uint8Array {
  if (answer[0] === ANSWERED) return answer.subarray(1);
  const code = answer[0] === REFUSED ? answer.subarray(1, 1 + MAX_REFUSAL_BYTES) : new Uint8Array();
  const shown = new TextDecoder().decode(code).replace(/[^a-z/-]/g, "?");
  const later = LATER.get(shown);
  if (later !== undefined) throw new Refused(later, `${peer} has no time for the ${name} question`);
  throw new NodeError("mesh/refused", `${peer} refuses the ${name} question: ${shown}`);
}

function drop(line: Line): void {
  if (line.idle !== null) clearTimeout(line.idle);
  line.stream.abort(new Error("no longer used"));
}
