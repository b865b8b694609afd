import type { Socket } from "node:net";
import { fromDecimal, fromHex } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";

/** One answer. */
export interface Answered {
  readonly status: number;
  readonly body: Uint8Array;
}

/** Octets of an answer's head, or of the line before a chunk. */
const MAX_HEAD_BYTES = 16_384;
const HEAD_END = "\r\n\r\n";
const LINE_END = "\r\n";

/**
 * Sends one request over a connection of its own and reads the answer: HTTP/1.1 (RFC 9112) as far as nodes speak it, since loading
 * and starting Node's own client takes longer than a node's answer. Rejects with what breaks the connection, with `api/bad-answer`
 * for more than `maxBytes`, or for what is no answer; after `timeoutMs` it hangs up.
 */
export function exchange(
  connection: Socket,
  request: string,
  limits: { readonly maxBytes: number; readonly timeoutMs: number },
): Promise<Answered> {
  const { promise, resolve, reject } = Promise.withResolvers<Answered>();
  const parts: Uint8Array[] = [];
  let total = 0;
  const timer = setTimeout(() => connection.destroy(new Error("no answer in time")), limits.timeoutMs);
  connection.on("data", (part: Buffer) => {
    total += part.length;
    parts.push(part);
    if (total > limits.maxBytes) {
      connection.destroy(bad(`its answer is over ${limits.maxBytes} octets; ask for less at once`));
    }
  });
  connection.on("error", reject);
  connection.on("close", () => {
    clearTimeout(timer);
    try {
      resolve(readAnswer(Buffer.concat(parts)));
    } catch (error) {
      reject(error);
    }
  });
  // Not end(): to Node a client that closes its half has gone, and a node that still works on the answer drops it.
  connection.write(request);
  return promise;
}

/** The octets of a request that asks for one answer and no more. */
export function writeRequest(
  method: "GET" | "POST",
  path: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): string {
  const lines = Object.entries({ ...headers, connection: "close" }).map(([name, value]) => {
    if (/[\r\n]/.test(value)) throw bad(`a header ${name} of several lines`);
    return `${name}: ${value}`;
  });
  return `${method} ${path} HTTP/1.1${LINE_END}${lines.join(LINE_END)}${HEAD_END}${body}`;
}

/** A whole answer, after which the connection was closed. */
function readAnswer(octets: Buffer): Answered {
  const end = octets.subarray(0, MAX_HEAD_BYTES).indexOf(HEAD_END);
  if (end < 0) throw new Error("the connection was closed without an answer");
  const [first = "", ...lines] = octets.toString("latin1", 0, end).split(LINE_END);
  const status = /^HTTP\/1\.[01] ([1-5][0-9]{2})(?: |$)/.exec(first)?.[1];
  if (status === undefined) throw bad("what it says is no HTTP: something else listens there");
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const rest = octets.subarray(end + HEAD_END.length);
  return { status: Number(status), body: new Uint8Array(readBody(rest, headers)) };
}

function readBody(rest: Buffer, headers: ReadonlyMap<string, string>): Buffer {
  const coding = headers.get("transfer-encoding");
  if (coding !== undefined) {
    if (coding.toLowerCase() === "chunked") return joinChunks(rest);
    throw bad("its answer is in a coding that is not known here");
  }
  const length = headers.get("content-length");
  if (length === undefined) return rest;
  const wanted = fromDecimal(length);
  if (rest.length < wanted) throw new Error("the connection was closed before the answer's end");
  return rest.subarray(0, wanted);
}

function joinChunks(rest: Buffer): Buffer {
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const end = rest.indexOf(LINE_END, at);
    if (end < 0 || end - at > MAX_HEAD_BYTES)
      throw new Error("the connection was closed before the answer's end");
    const digits = rest.toString("latin1", at, end).split(";", 1)[0]?.trim() ?? "";
    const size = readHexNumber(digits);
    at = end + LINE_END.length;
    if (size === 0) return Buffer.concat(chunks);
    if (at + size > rest.length) throw new Error("the connection was closed before the answer's end");
    chunks.push(rest.subarray(at, at + size));
    at += size + LINE_END.length;
  }
}

function readHexNumber(digits: string): number {
  if (!/^[0-9a-f]{1,8}$/i.test(digits)) throw bad("its answer has a chunk without a size");
  return fromHex(digits.toLowerCase().padStart(8, "0")).reduce((sum, octet) => 256 * sum + octet, 0);
}

function bad(why: string): ClientError {
  return new ClientError("api/bad-answer", why);
}
