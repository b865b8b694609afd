import { request } from "node:http";
import type { ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import { connect } from "node:net";
import { MAX_HTTP_ANSWER_BYTES } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";

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

export interface Answered {
  readonly status: number;
  readonly body: Uint8Array;
}

/** Words of an address for messages. */
export function addressWords(address: Address): string {
  return "socket" in address ? address.socket : address.url.origin;
}

/** The address that `--api` names. Throws `usage/bad-option`. */
export function parseAddress(text: string): Address {
  if (text.startsWith("/")) return { socket: text };
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw new ClientError(
      "usage/bad-option",
      `--api ${text}: use http://host:port, https://host or a socket's path`,
    );
  }
  return { url };
}

/** Whether the address is on this machine: a socket, or loopback. */
export function isLocal(address: Address): boolean {
  if ("socket" in address) return true;
  const { hostname } = address.url;
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.[0-9]{1,3}){3}$/.test(hostname);
}

/** One request, one bounded answer. No redirects. Throws `api/unreachable`, `api/bad-answer`. */
export async function ask(address: Address, what: Ask): Promise<Answered> {
  const answer = await open(address, what, AbortSignal.timeout(Math.ceil(what.timeoutMs)));
  const parts: Uint8Array[] = [];
  let total = 0;
  try {
    for await (const part of answer) {
      if (!(part instanceof Uint8Array)) continue;
      total += part.length;
      if (total > MAX_HTTP_ANSWER_BYTES) {
        answer.destroy();
        throw new ClientError(
          "api/bad-answer",
          `${addressWords(address)}: its answer is over ${MAX_HTTP_ANSWER_BYTES} octets`,
        );
      }
      parts.push(part);
    }
  } catch (error) {
    throw error instanceof ClientError ? error : unreachable(address, error);
  }
  return { status: answer.statusCode ?? 0, body: Uint8Array.from(Buffer.concat(parts)) };
}

/** Opens an answer without reading it, for streams of events. */
export async function open(
  address: Address,
  what: Omit<Ask, "timeoutMs">,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const headers: Record<string, string> = {
    ...("socket" in address ? { host: "localhost" } : {}),
    ...what.headers,
    ...(what.body === undefined
      ? {}
      : { "content-type": "application/json", "content-length": String(Buffer.byteLength(what.body)) }),
  };
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

/** A connection of its own for each request: agents would only keep it for a next one that never comes. */
async function send(
  address: Address,
  path: string,
  options: RequestOptions,
  answered: (answer: IncomingMessage) => void,
): Promise<ClientRequest> {
  if ("socket" in address) {
    const { socket } = address;
    return request({ ...options, path, createConnection: () => connect({ path: socket }) }, answered);
  }
  const url = new URL(path, address.url);
  if (url.protocol === "https:") {
    const tls = await import("node:https");
    return tls.request(url, { ...options, agent: false }, answered);
  }
  const port = url.port === "" ? HTTP_PORT : Number(url.port);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return request(url, { ...options, createConnection: () => connect({ host, port }) }, answered);
}

function unreachable(address: Address, error: unknown): ClientError {
  const why = error instanceof Error ? error.message : String(error);
  return new ClientError("api/unreachable", `no node answers at ${addressWords(address)}: ${why}`, {
    cause: error,
  });
}
