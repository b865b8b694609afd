import { join } from "node:path";
import { MAX_IMPORT_ANSWER_BYTES, MAX_IMPORT_REQUEST_MS } from "../../protocol/index.ts";
import { readWhole } from "../artifact/index.ts";
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
 * Asks an instance. Only the host that was named: no redirect is followed (RULES R27). Throws `usage/bad-option` for what is no URL.
 */
export function answersAt(text: string): Answers {
  const base = URL.parse(text);
  if (base === null || !/^https?:$/.test(base.protocol) || base.username !== "" || base.search !== "") {
    throw new ClientError(
      "usage/bad-option",
      `${text}: an http(s) URL of an instance, or a folder, is expected`,
    );
  }
  const name = base.href.replace(/\/+$/, "");
  return { name, get: (path) => ask(`${name}${path}`) };
}

/** Reads recorded answers: `/api/v1/packages/binary?…` from `v1_packages_binary.json`. There is one page of each list. */
export function answersIn(folder: string): Answers {
  return {
    name: folder,
    get(path) {
      const { pathname, searchParams } = new URL(path, "http://folder");
      if (searchParams.has("after")) return Promise.resolve(null);
      const file = `${pathname.replace(/^\/api\//, "").replaceAll("/", "_")}.json`;
      try {
        return Promise.resolve(readWhole(join(folder, file), MAX_IMPORT_ANSWER_BYTES));
      } catch (error) {
        if (error instanceof ClientError && error.code === "input/missing") return Promise.resolve(null);
        throw error;
      }
    },
  };
}

async function ask(url: string): Promise<Uint8Array | null> {
  let answer: Response;
  try {
    const signal = AbortSignal.timeout(MAX_IMPORT_REQUEST_MS);
    answer = await (isThisMachine(url) ? askHere(url, signal) : fetch(url, { redirect: "error", signal }));
    if (answer.status === 404) {
      await answer.body?.cancel();
      return null;
    }
    if (answer.ok) return await readBody(answer, url);
  } catch (error) {
    if (error instanceof ClientError) throw error;
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ClientError("rebuilderd/unreachable", `${url}: ${why}`, { cause: error });
  }
  await answer.body?.cancel();
  throw new ClientError("rebuilderd/unreachable", `${url}: it answers with ${answer.status}`);
}

/** RFC 6761: what ends in `.localhost` is this machine, where a node's gateway has a name for each builder. Few resolvers know. */
function isThisMachine(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === "http:" && hostname.endsWith(".localhost");
}

/** As `fetch`, from loopback: that one takes no word for what a name means. */
async function askHere(url: string, signal: AbortSignal): Promise<Response> {
  const { request } = await import("node:http");
  const { hostname, host, port, pathname, search } = new URL(url);
  const asked = request({
    host: "localhost",
    port,
    path: `${pathname}${search}`,
    headers: { host, accept: "*/*" },
    servername: hostname,
    signal,
  });
  asked.end();
  const [message] = (await once(asked, "response")) as [IncomingMessage];
  const status = message.statusCode ?? 0;
  // No redirect is followed.
  return new Response(Readable.toWeb(message) as ReadableStream<Uint8Array>, { status });
}

function readBody({ body }: Response, url: string): Promise<Uint8Array> {
  const parts: AsyncIterable<Uint8Array> =
    body ?? new ReadableStream<Uint8Array>({ start: (empty) => empty.close() });
  return boundedBody(parts, MAX_IMPORT_ANSWER_BYTES, () => {
    const problem = `${url}: its answer has more than ${MAX_IMPORT_ANSWER_BYTES} octets`;
    return new ClientError("rebuilderd/bad-answer", problem);
  });
}
