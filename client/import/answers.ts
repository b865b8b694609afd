import { request } from "node:http";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import { MAX_IMPORT_ANSWER_BYTES, MAX_IMPORT_REQUEST_MS } from "../../protocol/index.ts";
import { readIfThere } from "../artifact/index.ts";
import { boundedBody } from "../bounded-body.ts";
import { ClientError } from "../errors.ts";

/** What an instance of rebuilderd answers, at work or recorded. */
export interface Answers {
  /** For messages and records: the base URL, or the folder. */
  readonly name: string;
  /** The body of an answer, bounded; null where there is no such thing. Rejects with `rebuilderd/…`. */
  get(path: string): Promise<Uint8Array | null>;
}

/**
 * Asks an instance, until the signal. Only the host that was named: no redirect is followed (RULES R27). Throws `usage/bad-option` for what is no URL.
 */
export function answersAt(text: string, stop: AbortSignal): Answers {
  const base = URL.parse(text);
  if (base === null || !/^https?:$/.test(base.protocol) || base.username !== "" || base.search !== "") {
    throw new ClientError(
      "usage/bad-option",
      `${text}: an http(s) URL of an instance, or a folder, is expected`,
    );
  }
  const name = base.href.replace(/\/+$/, "");
  return { name, get: (path) => ask(`${name}${path}`, stop) };
}

/** Reads recorded answers: `/api/v1/packages/binary?…` from `v1_packages_binary.json`. There is one page of each list. */
export function answersIn(folder: string): Answers {
  return {
    name: folder,
    get(path) {
      const { pathname, searchParams } = new URL(path, "http://folder");
      if (searchParams.has("after")) return Promise.resolve(null);
      const file = `${pathname.replace(/^\/api\//, "").replaceAll("/", "_")}.json`;
      return Promise.resolve(readIfThere(join(folder, file), MAX_IMPORT_ANSWER_BYTES));
    },
  };
}

/** An answer whose body is still to be read, or let go. */
interface Opened {
  readonly status: number;
  readonly body: AsyncIterable<Uint8Array>;
  drop(): unknown;
}

async function ask(url: string, stop: AbortSignal): Promise<Uint8Array | null> {
  const signal = AbortSignal.any([stop, AbortSignal.timeout(MAX_IMPORT_REQUEST_MS)]);
  let opened: Opened;
  try {
    opened = await (isThisMachine(url) ? openHere(url, signal) : open(url, signal));
    if (opened.status >= 200 && opened.status < 300) return await readBody(opened.body, url);
    await opened.drop();
  } catch (error) {
    if (error instanceof ClientError) throw error;
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ClientError("rebuilderd/unreachable", `${url}: ${why}`, { cause: error });
  }
  if (opened.status === 404) return null;
  throw new ClientError("rebuilderd/unreachable", `${url}: it answers with ${opened.status}`);
}

async function open(url: string, signal: AbortSignal): Promise<Opened> {
  const { status, body } = await fetch(url, { redirect: "error", signal });
  const parts: AsyncIterable<Uint8Array> =
    body ?? new ReadableStream<Uint8Array>({ start: (empty) => empty.close() });
  return { status, body: parts, drop: () => body?.cancel() };
}

/** RFC 6761: what ends in `.localhost` is this machine, where a node has such a name for each builder. Not every resolver knows. */
function isThisMachine(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === "http:" && hostname.endsWith(".localhost");
}

/** From loopback, whatever resolves the name. Follows no redirect either. */
async function openHere(url: string, signal: AbortSignal): Promise<Opened> {
  const { host, port, pathname, search } = new URL(url);
  const asked = request({ host: "localhost", port, path: `${pathname}${search}`, headers: { host }, signal });
  asked.end();
  const message = await new Promise<IncomingMessage>((resolve, reject) => {
    asked.once("response", resolve).once("error", reject);
  });
  return { status: message.statusCode ?? 0, body: message, drop: () => message.destroy() };
}

function readBody(parts: AsyncIterable<Uint8Array>, url: string): Promise<Uint8Array> {
  return boundedBody(parts, MAX_IMPORT_ANSWER_BYTES, () => {
    const problem = `${url}: its answer has more than ${MAX_IMPORT_ANSWER_BYTES} octets`;
    return new ClientError("rebuilderd/bad-answer", problem);
  });
}
