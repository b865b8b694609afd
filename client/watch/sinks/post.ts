/** One POST to a place that the operator named: bounded, no redirects, and no way into this machine's own network (RULES R27). */
import { lookup } from "node:dns/promises";
import type { IncomingMessage, RequestOptions } from "node:http";
import type { LookupFunction } from "node:net";
import { ClientError } from "../../errors.ts";

export interface Post {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The operator says that a name may lead to a private address. */
  readonly allowPrivate: boolean;
}

/** That a sink did not take what it was given; it is offered again. */
export class NotTaken extends ClientError {
  /** ms that the other end asks to wait. */
  readonly askedMs: number | null;

  constructor(message: string, askedMs: number | null = null, options?: ErrorOptions) {
    super("watch/not-taken", message, options);
    this.askedMs = askedMs;
  }
}

const TIMEOUT_MS = 10_000;

/** Resolves once it was answered with 2xx; what else the answer says is not read. Rejects with `watch/not-taken`, `watch/private-address`. */
export async function post(what: Post, signal: AbortSignal): Promise<void> {
  const { url, body } = what;
  const end = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
  let answer: IncomingMessage;
  try {
    answer = await send(what, end);
  } catch (error) {
    if (error instanceof ClientError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    const late = end.aborted && !signal.aborted ? `no answer within ${TIMEOUT_MS / 1_000} s` : why;
    throw new NotTaken(`${url.origin} took nothing of ${body.length} characters: ${late}`, null, {
      cause: error,
    });
  }
  const { statusCode = 0, headers } = answer;
  answer.destroy();
  if (statusCode >= 200 && statusCode < 300) return;
  const more =
    statusCode >= 300 && statusCode < 400 ? ", a redirect, which is not followed: name the place itself" : "";
  throw new NotTaken(
    `${url.origin} answers ${statusCode}${more}`,
    readRetryAfter(headers["retry-after"], Date.now()),
  );
}

async function send(
  { url, headers, body, allowPrivate }: Post,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const { request } = url.protocol === "https:" ? await import("node:https") : await import("node:http");
  const lookup = allowPrivate || isWritten(url.hostname) ? null : await publicLookup(url.hostname);
  const options: RequestOptions = {
    method: "POST",
    headers: { ...headers, "content-type": "application/json", "content-length": Buffer.byteLength(body) },
    agent: false,
    signal,
    ...(lookup === null ? {} : { lookup }),
  };
  return new Promise((resolve, reject) => {
    const sent = request(url, options, resolve);
    sent.on("error", reject);
    sent.end(body);
  });
}

/** Whether the operator wrote the address himself: it is one, or is this machine's own name. */
function isWritten(host: string): boolean {
  return host === "localhost" || host.startsWith("[") || /^[0-9.]+$/.test(host);
}

/** The addresses of a name, looked up once, none of which leads into a private network: whoever has the name would choose where it leads. */
async function publicLookup(hostname: string): Promise<LookupFunction> {
  const [addresses, { isPrivateIp }] = await Promise.all([
    lookup(hostname, { all: true }),
    import("../../../node/index.ts"),
  ]);
  const refused = addresses.find(({ address }) => isPrivateIp(address));
  const [first] = addresses;
  if (refused !== undefined || first === undefined)
    throw privateAddress(hostname, refused?.address ?? "nowhere");
  return (_, options, done) => {
    if (options.all === true) done(null, addresses);
    else done(null, first.address, first.family);
  };
}

function privateAddress(hostname: string, address: string): ClientError {
  return new ClientError(
    "watch/private-address",
    `${hostname} leads to ${address}, which is of a private network: write the address itself, or give --allow-private if you mean it`,
  );
}

/** Seconds, or a date (RFC 9110); null for anything else. */
export function readRetryAfter(value: string | undefined, now: number): number | null {
  if (value === undefined) return null;
  if (/^[0-9]{1,9}$/.test(value)) return 1_000 * Number(value);
  const time = Date.parse(value);
  return Number.isNaN(time) ? null : Math.max(0, time - now);
}
