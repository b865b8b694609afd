import {
  documentPath,
  filePath,
  MAX_ROOT_BYTES,
  MAX_TARGETS_BYTES,
  TRUST_REQUEST_MS,
} from "../../protocol/index.ts";
import { boundedBody } from "../bounded-body.ts";
import type { TrustSource } from "../edges.ts";
import { ClientError } from "../errors.ts";

/** A domain's folder on a web server. Only the host that was named: no redirect is followed (RULES R27). */
export function webSource(base: URL): TrustSource {
  const name = base.href;
  const folder = name.endsWith("/") ? name : `${name}/`;
  return {
    name,
    root: (version) => get(`${folder}${documentPath({ root: version })}`, MAX_ROOT_BYTES),
    targets: (role) => get(`${folder}${documentPath({ role })}`, MAX_TARGETS_BYTES),
    file: ({ sha256, length }) => get(`${folder}${filePath(sha256)}`, length),
    close: () => Promise.resolve(),
  };
}

async function get(url: string, maxBytes: number): Promise<Uint8Array | null> {
  let answer: Response;
  try {
    answer = await fetch(url, {
      redirect: "error",
      signal: AbortSignal.timeout(TRUST_REQUEST_MS),
      // Proxies in between keep what changes once in a while.
      cache: "no-cache",
    });
    if (answer.ok) return await readBody(answer, url, maxBytes);
  } catch (error) {
    if (error instanceof ClientError) throw error;
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw unreachable(url, cause instanceof Error ? cause.message : String(cause), error);
  }
  await answer.body?.cancel();
  if (answer.status === 404 || answer.status === 410) return null;
  throw unreachable(url, `it answers with ${answer.status}`);
}

function readBody({ body }: Response, url: string, maxBytes: number): Promise<Uint8Array> {
  const parts: AsyncIterable<Uint8Array> =
    body ?? new ReadableStream<Uint8Array>({ start: (empty) => empty.close() });
  return boundedBody(parts, maxBytes, () =>
    unreachable(url, `more than the ${maxBytes} octets that it may have`),
  );
}

function unreachable(url: string, why: string, cause?: unknown): ClientError {
  return new ClientError("trust/unreachable", `${url}: ${why}`, { cause });
}
