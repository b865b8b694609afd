import type { ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { MAX_HTTP_ANSWER_BYTES, ProtocolError } from "../../protocol/index.ts";
import { boundedBody } from "../bounded-body.ts";
import { ClientError } from "../errors.ts";
import { apiRule, assertOption } from "../settings/index.ts";
import { exchange, writeRequest } from "./exchange.ts";
import type { Answered } from "./exchange.ts";

const HTTP_PORT = 80;

/** Where a node's HTTP interface is: a unix socket's path, or a base URL. */
export type Address = { readonly socket: string } | { readonly url: URL };

export interface Ask {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
}

/** Words of an address for messages. */
export function addressWords(address: Address): string {
  return "socket" in address ? address.socket : address.url.origin;
}

/** The address that `--api` names. Throws `usage/bad-option`. */
export function parseAddress(text: string): Address {
  if (text.startsWith("/")) return { socket: text };
  assertOption("--api", [text], apiRule);
  return { url: new URL(text) };
}

/** Whether the address is on this machine: a socket, or loopback. */
export function isLocal(address: Address): boolean {
  if ("socket" in address) return true;
  const { hostname } = address.url;
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.[0-9]{1,3}){3}$/.test(hostname);
}

/** One request, one bounded answer. No redirects. Throws `api/unreachable`, `api/bad-answer`. */
export async function ask(address: Address, what: Ask): Promise<Answered> {
  const timeoutMs = Math.ceil(what.timeoutMs);
  const maxBytes = MAX_HTTP_ANSWER_BYTES;
  try {
    if (tlsUrl(address) !== null)
      return await readBounded(await open(address, what, AbortSignal.timeout(timeoutMs)), maxBytes);
    const path = "socket" in address ? what.path : pathAt(address.url, what.path);
    const request = writeRequest(what.method, path, headersOf(address, what), what.body ?? "");
    return await exchange(dial(address), request, { maxBytes, timeoutMs });
  } catch (error) {
    if (error instanceof ProtocolError || (error instanceof ClientError && error.code === "api/bad-answer")) {
      throw new ClientError("api/bad-answer", `${addressWords(address)}: ${error.message}`, { cause: error });
    }
    throw error instanceof ClientError ? error : unreachable(address, error);
  }
}

/** A whole answer of Node's client, `maxBytes` of a body at most. Throws `api/bad-answer`. */
export async function readBounded(answer: IncomingMessage, maxBytes: number): Promise<Answered> {
  const body = await boundedBody(answer, maxBytes, () => {
    answer.destroy();
    return new ClientError("api/bad-answer", `its answer is over ${maxBytes} octets; ask for less at once`);
  });
  return { status: answer.statusCode ?? 0, body };
}

/** Opens an answer without reading it, for streams of events. */
export async function open(
  address: Address,
  what: Omit<Ask, "timeoutMs">,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const headers = headersOf(address, what);
  const answer = Promise.withResolvers<IncomingMessage>();
  try {
    const sent = await send(address, what.path, { method: what.method, headers, signal }, answer.resolve);
    sent.on("error", answer.reject);
    sent.end(what.body);
    return await answer.promise;
  } catch (error) {
    throw unreachable(address, error);
  }
}

function headersOf(address: Address, what: Omit<Ask, "timeoutMs">): Record<string, string> {
  return {
    host: "socket" in address ? "localhost" : address.url.host,
    ...what.headers,
    ...(what.body === undefined
      ? {}
      : { "content-type": "application/json", "content-length": String(Buffer.byteLength(what.body)) }),
  };
}

/** The URL of an address that is reached by TLS, else null. */
function tlsUrl(address: Address): URL | null {
  return "url" in address && address.url.protocol === "https:" ? address.url : null;
}

function pathAt(base: URL, path: string): string {
  const { pathname, search } = new URL(path, base);
  return pathname + search;
}

/** A connection of its own for each request: nodes are near, and one answer is all that most commands need. */
function dial(address: Address): Socket {
  if ("socket" in address) return connect({ path: address.socket });
  const { hostname, port } = address.url;
  return connect({ host: hostname.replace(/^\[|\]$/g, ""), port: port === "" ? HTTP_PORT : Number(port) });
}

/** Node's own client, for TLS and for answers that are read as they come; loaded where it is needed. */
async function send(
  address: Address,
  path: string,
  options: RequestOptions,
  answered: (answer: IncomingMessage) => void,
): Promise<ClientRequest> {
  const tls = tlsUrl(address);
  if (tls !== null) {
    const { request } = await import("node:https");
    return request(new URL(path, tls), { ...options, agent: false }, answered);
  }
  const { request } = await import("node:http");
  const at = "socket" in address ? path : pathAt(address.url, path);
  return request({ ...options, path: at, createConnection: () => dial(address) }, answered);
}

function unreachable(address: Address, error: unknown): ClientError {
  const why = error instanceof Error ? error.message : String(error);
  return new ClientError(
    "api/unreachable",
    `no node answers at ${addressWords(address)}: ${why}; start one (samebits node), or name another with --api`,
    { cause: error },
  );
}
