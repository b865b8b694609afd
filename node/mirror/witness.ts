/** What a witness knows of a feed, asked by c2sp.org/tlog-witness without anything to add: it answers with the size that it has cosigned. */
import { request as requestHttp } from "node:http";
import type { IncomingMessage } from "node:http";
import { request as requestHttps } from "node:https";
import { concat, fromDecimal, fromUtf8, MAX_NOTE_BYTES, ProtocolError, utf8 } from "../../protocol/index.ts";
import type { SignedHead } from "../../protocol/index.ts";
import { NodeError } from "../errors.ts";
import { body, publicOnly } from "./http.ts";

/** What a witness has cosigned of a feed: so many entries, and whether in the history of the head that it was shown. */
export interface WitnessWord {
  readonly size: number;
  readonly agrees: boolean;
}

/** The submission prefix that `--witness` names. Throws `config/bad-address`. */
export function witnessUrl(name: string): URL {
  const url = URL.parse(name);
  if (url !== null && (url.protocol === "http:" || url.protocol === "https:"))
    return url.href.endsWith("/") ? url : new URL(`${url.href}/`);
  throw new NodeError("config/bad-address", `--witness ${name}: https://HOST/PATH or http://… is expected`);
}

/**
 * Asks by offering a head as the one that follows itself: a witness that has cosigned another size says which (409), and one that has
 * cosigned this one says so. Rejects with a `NodeError` where it can't be asked, or answers nothing of that kind.
 */
export async function askWitness(base: URL, head: SignedHead, signal: AbortSignal): Promise<WitnessWord> {
  const url = new URL("add-checkpoint", base);
  try {
    const answer = await post(url, concat(utf8(`old ${head.size}\n\n`), head.note), signal);
    const text = fromUtf8(await body(answer, MAX_NOTE_BYTES));
    switch (answer.statusCode) {
      case 200:
        return { size: head.size, agrees: true };
      case 404:
        return { size: 0, agrees: true };
      case 409: {
        const size = fromDecimal(text.replace(/\n$/, ""));
        return { size, agrees: size !== head.size };
      }
      case 422:
        return { size: head.size, agrees: false };
      default:
        throw new Error(`status ${answer.statusCode}`);
    }
  } catch (error) {
    const code = signal.aborted ? "mesh/timeout" : "mesh/unreachable";
    const why = error instanceof ProtocolError ? `its answer is no size (${error.code})` : String(error);
    throw new NodeError(code, `witness ${base.href}: ${why}`, { cause: error });
  }
}

function post(url: URL, octets: Uint8Array, signal: AbortSignal): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const send = url.protocol === "https:" ? requestHttps : requestHttp;
  const headers = { "content-type": "text/plain", "content-length": String(octets.length) };
  send(url, { method: "POST", headers, signal, lookup: publicOnly }, resolve)
    .once("error", reject)
    .end(octets);
  return promise;
}
