import { createHash, timingSafeEqual } from "node:crypto";
import type { Context, MiddlewareHandler } from "hono";
import { gather, MAX_HTTP_BODY_BYTES, ProtocolError } from "../../protocol/index.ts";
import { problem } from "./problem.ts";

/** Where a request came in. */
export interface Door {
  /** Loopback or the unix socket. */
  readonly local: boolean;
  readonly apiPublic: boolean;
  /** Names that `Host` may have, in lower case; null = any (a unix socket has none that could be rebound). */
  readonly hosts: readonly string[] | null;
}

const OPEN_BEYOND_LOOPBACK = ["/feeds/", "/witness/", "/healthz"];
const NEEDS_TOKEN = [/^\/v1\/attestations$/, /^\/v1\/findings\/[^/]+\/ack$/];

/** The guards of RULES R28, in this order: host, cross-site, reach, content type, body size, token. */
export function guard(door: Door, token: string): MiddlewareHandler {
  const wanted = digest(`Bearer ${token}`);
  return async (context, next) => {
    const refused = refusal(context, door) ?? needsToken(context, wanted);
    if (refused !== null) return refused;
    await next();
    context.header("x-content-type-options", "nosniff");
    context.header("cross-origin-resource-policy", "same-origin");
    return undefined;
  };
}

function refusal(context: Context, door: Door): Response | null {
  const { path, method } = context.req;
  const url = URL.parse(context.req.url);
  // What looks like a number and is no address (256.1.1.1).
  if (url === null) return problem(context, 400, "http/bad-request", "no URL can be made of this Host");
  // A target may name a host too (`GET http://other/…`): then that one counts (RFC 9112, 3.2.2), and Host must be right all the same.
  const named = [context.req.header("host") ?? "", url.host];
  const { hosts } = door;
  if (hosts !== null && !named.every((host) => hostAllowed(host, hosts))) {
    return problem(
      context,
      421,
      "http/wrong-host",
      "this node does not answer to that host name; configure it to",
    );
  }
  const elsewhere = crossSite(context);
  if (elsewhere !== null) return elsewhere;
  if (!servesAll(door) && !OPEN_BEYOND_LOOPBACK.some((start) => path.startsWith(start))) {
    return problem(
      context,
      403,
      "http/local-only",
      "beyond loopback only /feeds, /witness and /healthz are served",
    );
  }
  if (method !== "GET" && method !== "HEAD" && method !== "POST") {
    return problem(context, 404, "http/no-such-route", "only GET and POST are known here");
  }
  return method === "POST" ? bodyRefusal(context) : null;
}

/** Whether whoever comes in here may see all that the node tells, and not what is for anybody alone. */
export function servesAll({ local, apiPublic }: Door): boolean {
  return local || apiPublic;
}

/** The refusal of what a page of another site asks; null for anything else. */
export function crossSite(context: Context): Response | null {
  const host = context.req.header("host") ?? "";
  const origin = context.req.header("origin");
  const isOther = origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`;
  if (!isOther && context.req.header("sec-fetch-site") !== "cross-site") return null;
  return problem(context, 403, "http/cross-site", "pages of other sites may not ask this node");
}

function bodyRefusal(context: Context): Response | null {
  const type = (context.req.header("content-type") ?? "").split(";")[0]?.trim().toLowerCase();
  const wanted = context.req.path.startsWith("/witness/") ? "text/plain" : "application/json";
  if (type !== wanted) return problem(context, 415, "http/wrong-content-type", `send ${wanted}`);
  const length = context.req.header("content-length");
  if (length !== undefined && Number(length) > MAX_HTTP_BODY_BYTES) {
    return problem(context, 413, "http/body-too-big", `a body has at most ${MAX_HTTP_BODY_BYTES} octets`);
  }
  return null;
}

function needsToken(context: Context, wanted: Uint8Array): Response | null {
  if (context.req.method !== "POST" || !NEEDS_TOKEN.some((path) => path.test(context.req.path))) return null;
  // Equal lengths by hashing, so that the comparison takes the same time whatever was sent.
  if (timingSafeEqual(digest(context.req.header("authorization") ?? ""), wanted)) return null;
  return problem(
    context,
    401,
    "http/no-token",
    "send Authorization: Bearer and the token in the node's data directory",
  );
}

/** The body, never more than the limit: a request without a length is cut while it is read. Rejects with `bytes/truncated` where it does not come to its end. */
export async function readBody(
  context: Context,
  max: number = MAX_HTTP_BODY_BYTES,
): Promise<Uint8Array | null> {
  const parts: Uint8Array[] = [];
  let total = 0;
  const body = context.req.raw.body;
  if (body === null) return new Uint8Array();
  try {
    for await (const part of body) {
      if (!(part instanceof Uint8Array)) return null;
      total += part.length;
      if (total > max) return null;
      parts.push(part);
    }
  } catch (cause) {
    // Who asked has hung up: nobody's fault here, and nobody's answer.
    throw new ProtocolError("bytes/truncated", "the body does not come to its end", { cause });
  }
  const bytes = new Uint8Array(total);
  gather(parts, bytes);
  return bytes;
}

function hostAllowed(header: string, hosts: readonly string[]): boolean {
  const name = header
    .replace(/:[0-9]+$/, "")
    .replace(/^\[|\]$/g, "")
    .toLowerCase();
  return isLoopbackName(name) || hosts.includes(name);
}

/** Names as they are compared with what `Host` says. */
export function lowerCase(names: readonly string[]): readonly string[] {
  return names.map((name) => name.toLowerCase());
}

/** Whether a Host, without port and brackets, is of this machine whatever resolves names. */
export function isLoopbackName(name: string): boolean {
  return name === "localhost" || name === "::1" || /^127(?:\.[0-9]{1,3}){3}$/.test(name);
}

function digest(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
