import type * as Http from "node:http";
import type { ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import { MAX_HTTP_ANSWER_BYTES } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";

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
export function open(
  address: Address,
  what: Omit<Ask, "timeoutMs">,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers: Record<string, string> = {
      ...("socket" in address ? { host: "localhost" } : {}),
      ...what.headers,
      ...(what.body === undefined
        ? {}
        : { "content-type": "application/json", "content-length": String(Buffer.byteLength(what.body)) }),
    };
    const options: RequestOptions = { method: what.method, headers, signal, agent: false };
    const sent = send(address, what.path, options, resolve);
    sent.on("error", (error) => reject(unreachable(address, error)));
    sent.end(what.body);
  });
}

/** By hand, since `import` of a built-in module reads all its exports: of node:http that loads fetch, a third of a verdict's time. */
function loadHttp(protocol: string): { readonly request: typeof Http.request } {
  return protocol === "https:"
    ? process.getBuiltinModule("node:https")
    : process.getBuiltinModule("node:http");
}

function send(
  address: Address,
  path: string,
  options: RequestOptions,
  answered: (answer: IncomingMessage) => void,
): ClientRequest {
  if ("socket" in address) {
    return loadHttp("http:").request({ ...options, socketPath: address.socket, path }, answered);
  }
  const url = new URL(path, address.url);
  return loadHttp(url.protocol).request(url, options, answered);
}

function unreachable(address: Address, error: unknown): ClientError {
  const why = error instanceof Error ? error.message : String(error);
  return new ClientError("api/unreachable", `no node answers at ${addressWords(address)}: ${why}`, {
    cause: error,
  });
}
