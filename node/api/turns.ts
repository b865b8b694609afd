import type { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { MAX_HTTP_PIPELINED } from "../../protocol/index.ts";

interface Turn {
  readonly response: ServerResponse;
  readonly answer: () => void;
}

/** What was asked on one connection. */
interface Line {
  underWay: ServerResponse;
  readonly waiting: Turn[];
  /** What is said when all of it is answered. */
  last: (() => void) | null;
}

/**
 * One answer at a time on each connection. Node hands out every request as soon as it is read: whoever sends many and reads nothing would have
 * the answers to all of them made and kept at once, however few connections there may be (RULES I9).
 */
export class Turns {
  readonly #lines = new WeakMap<Duplex, Line>();

  /** Answers when all that was asked before on this connection is answered; one on which too much waits is closed. */
  take(socket: Duplex, response: ServerResponse, answer: () => void): void {
    const line = this.#lines.get(socket);
    if (line === undefined) this.#begin(socket, { underWay: response, waiting: [], last: null }, answer);
    else if (line.waiting.length < MAX_HTTP_PIPELINED) line.waiting.push({ response, answer });
    else socket.destroy();
  }

  /** Says the last word on a connection: when all that was asked before is answered, but for a request that never came to its end. */
  end(socket: Duplex, say: () => void): void {
    const line = this.#lines.get(socket);
    if (line === undefined) return say();
    const newest = line.waiting.at(-1)?.response ?? line.underWay;
    if (!newest.req.complete && line.waiting.pop() === undefined) say();
    else line.last ??= say;
  }

  /** The answer that is under way on a connection. */
  underWay(socket: Duplex): ServerResponse | null {
    return this.#lines.get(socket)?.underWay ?? null;
  }

  #begin(socket: Duplex, line: Line, answer: () => void): void {
    this.#lines.set(socket, line);
    line.underWay.once("close", () => this.#next(socket, line));
    answer();
  }

  #next(socket: Duplex, line: Line): void {
    this.#lines.delete(socket);
    const next = line.waiting.shift();
    if (!socket.writable) return;
    if (next === undefined) line.last?.();
    else {
      line.underWay = next.response;
      this.#begin(socket, line, next.answer);
    }
  }
}
