/** Requests as octets, also such as no client would send, and what comes back. */
import assert from "node:assert/strict";
import { connect } from "node:net";

/** How long an answer may take to begin, and to end: what takes longer hangs. */
const PATIENCE_MS = 15_000;

export interface RawRequest {
  readonly method: string;
  /** The target, as it is put on the request line. */
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array | null;
}

export interface RawAnswer {
  readonly status: number;
  /** Names in lower case; of one that comes twice the last. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** Octets of a request; each character of target and headers is one octet. */
export function octetsOf({ method, target, headers, body }: RawRequest): Buffer {
  const lines = [`${method} ${target} HTTP/1.1`, ...headers.map(([name, value]) => `${name}: ${value}`)];
  const head = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
  return body === null ? head : Buffer.concat([head, body]);
}

/**
 * Sends octets and reads until the other end is done, or until `enough`; null where it hung up without a word. Rejects where it does not end in time.
 */
export function send(
  port: number,
  octets: Uint8Array,
  enough: (text: string) => boolean = () => false,
): Promise<RawAnswer | null> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    const socket = connect(port, "127.0.0.1");
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`no end after ${PATIENCE_MS} ms: ${Buffer.concat(parts).toString().slice(0, 500)}`));
    }, PATIENCE_MS);
    socket.on("data", (part) => {
      parts.push(part);
      if (enough(part.toString("latin1"))) socket.destroy();
    });
    // Whoever refuses a body while it comes may hang up on it.
    socket.on("error", () => undefined);
    socket.on("close", () => {
      clearTimeout(timer);
      try {
        resolve(readAnswer(Buffer.concat(parts)));
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
    socket.write(octets);
  });
}

function readAnswer(octets: Buffer): RawAnswer | null {
  if (octets.length === 0) return null;
  const end = octets.indexOf("\r\n\r\n");
  assert.notEqual(end, -1, `an answer without an end of its head: ${octets.toString("latin1")}`);
  const [first = "", ...lines] = octets.subarray(0, end).toString("latin1").split("\r\n");
  const status = Number(/^HTTP\/1[.]1 ([0-9]{3}) /.exec(first)?.[1] ?? assert.fail(first));
  const rest = octets.subarray(end + 4);
  if (status === 100) return readAnswer(rest);
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const isChunked = headers.get("transfer-encoding") === "chunked";
  return { status, headers, body: isChunked ? dechunked(rest) : rest };
}

/** Of a chunked body as much as came. */
function dechunked(octets: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < octets.length;) {
    const end = octets.indexOf("\r\n", at);
    const length = Number.parseInt(octets.subarray(at, end).toString("latin1"), 16);
    if (end === -1 || !(length > 0)) break;
    parts.push(octets.subarray(end + 2, end + 2 + length));
    at = end + 2 + length + 2;
  }
  return Buffer.concat(parts);
}
