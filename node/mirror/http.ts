import { lookup } from "node:dns";
import { get as getHttp } from "node:http";
import type { IncomingMessage } from "node:http";
import { get as getHttps } from "node:https";
import type { LookupFunction } from "node:net";
import { CHECKPOINT_PATH, COSIGNED_PATH, PAST_PATH, TIMED_PATH } from "../../protocol/index.ts";
import { NodeError } from "../errors.ts";
import { isPrivateIp } from "../ip.ts";
import type { MirrorFiles } from "./files.ts";

/** Only these files change; all others are asked for once. */
const CHANGING: ReadonlySet<string> = new Set([CHECKPOINT_PATH, TIMED_PATH, COSIGNED_PATH, PAST_PATH]);

/** A file that was read, and the tag that the server gave it. */
interface Tagged {
  readonly etag: string;
  readonly octets: Uint8Array;
}

/**
 * A feed's folder on a web server. No redirect is followed, and a name that stands for an address of a private network is refused: an
 * operator who means one writes the address (RULES R27).
 */
export function httpMirror(url: URL): MirrorFiles {
  const name = url.href;
  const base = url.href.endsWith("/") ? url.href : `${url.href}/`;
  const kept = new Map<string, Tagged>();
  return {
    async read(path, maxBytes, signal): Promise<Uint8Array | null> {
      const known = kept.get(path) ?? null;
      const answer = await ask(new URL(path, base), known?.etag ?? null, signal).catch((error: unknown) => {
        throw failed(name, path, error, signal);
      });
      const { statusCode = 0, headers } = answer;
      if (statusCode === 304 && known !== null) {
        answer.destroy();
        return known.octets;
      }
      if (statusCode !== 200) {
        answer.destroy();
        if (statusCode === 404 || statusCode === 410) return null;
        throw new NodeError("mesh/unreachable", `mirror ${name}: ${path}: status ${statusCode}`);
      }
      const octets = await body(answer, maxBytes).catch((error: unknown) => {
        throw error instanceof NodeError ? error : failed(name, path, error, signal);
      });
      const { etag } = headers;
      if (etag === undefined) kept.delete(path);
      else if (CHANGING.has(path)) kept.set(path, { etag, octets });
      return octets;
    },
  };
}

function ask(url: URL, etag: string | null, signal: AbortSignal): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const headers = { accept: "*/*", ...(etag === null ? {} : { "if-none-match": etag }) };
  const send = url.protocol === "https:" ? getHttps : getHttp;
  send(url, { headers, signal, lookup: publicOnly }, resolve).once("error", reject);
  return promise;
}

/** Octets of an answer, at most `maxBytes`. */
export async function body(answer: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of answer as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > maxBytes) throw new NodeError("mesh/too-big", `an answer of more than ${maxBytes} octets`);
    chunks.push(chunk);
  }
  if (!answer.complete) throw new Error("the answer was cut short");
  return new Uint8Array(Buffer.concat(chunks));
}

/** Looks a name up; addresses are not looked up, so that those which the operator wrote are left alone. */
export const publicOnly: LookupFunction = (host, options, done) => {
  lookup(host, { ...options, all: true }, (error, found) => {
    const inside =
      error === null && host !== "localhost" ? found.find(({ address }) => isPrivateIp(address)) : undefined;
    if (inside !== undefined) {
      done(
        new Error(`${host} is ${inside.address}, in a private network: write the address if you mean it`),
        [],
      );
    } else if (options.all === true) done(error, found);
    else done(error, found[0]?.address ?? "", found[0]?.family);
  });
};

function failed(name: string, path: string, cause: unknown, signal: AbortSignal): NodeError {
  const code = signal.aborted ? "mesh/timeout" : "mesh/unreachable";
  return new NodeError(code, `mirror ${name}: ${path}: ${String(cause)}`, { cause });
}
