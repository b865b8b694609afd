import type { Context, Hono } from "hono";
import {
  fromHex,
  MAX_HTTP_BODY_BYTES,
  MAX_HTTP_QUERIES,
  MAX_HTTP_QUESTIONS,
  MAX_QUERY_MS,
  MAX_SINCE_TIMES,
  parseTarget,
  parseTime,
  readJson,
  record,
  toHex,
} from "../../protocol/index.ts";
import type { Question, Shape } from "../../protocol/index.ts";
import { readBody } from "./guards.ts";
import { problem } from "./problem.ts";
import type { ApiNode } from "./api-node.ts";
import { findView } from "./views.ts";

const DEFAULT_QUERY_MS = 5_000;
const MAX_BUILDERS = 256;
const MAX_KEY_BYTES = 1_024;

/** `POST /v1/query`: envelopes with inclusion proofs and checkpoints; the asker verifies every byte. */
export function addQueryRoutes(app: Hono, node: ApiNode): void {
  let underWay = 0;
  app.post("/v1/query", async (context: Context) => {
    const body = await readBody(context);
    if (body === null) return problem(context, 413, "http/body-too-big", "split the query");
    const request = readQuery(body);
    if (underWay >= MAX_HTTP_QUERIES) {
      return problem(
        context,
        429,
        "http/too-many-queries",
        `${MAX_HTTP_QUERIES} queries are under way; ask later`,
      );
    }
    underWay++;
    try {
      const result = await node.query(request.question, request);
      return context.json({ ...findView(result), network: node.network });
    } finally {
      underWay--;
    }
  });
}

/** Reads a query's body. Throws ProtocolError with the place of the fault. */
export function readQuery(body: Uint8Array): {
  readonly question: Question;
  readonly network: boolean;
  readonly deadlineMs: number;
} {
  const root = record(readJson(body, { maxBytes: MAX_HTTP_BODY_BYTES }), "query");
  const targets = (root.optional("targets")?.list(MAX_HTTP_QUESTIONS) ?? []).map(readTarget);
  const digests = (root.optional("sha256")?.list(MAX_HTTP_QUESTIONS) ?? []).map((item) => item.hex(32));
  const builders = (root.optional("builders")?.list(MAX_BUILDERS) ?? []).map(readKey);
  const since = (root.optional("since")?.list(MAX_SINCE_TIMES) ?? []).map(readSecond);
  const network = root.optional("network")?.boolean() ?? false;
  const deadlineMs = root.optional("deadline_ms")?.integer(1, MAX_QUERY_MS) ?? DEFAULT_QUERY_MS;
  root.done();
  return { question: { targets, digests, builders, since }, network, deadlineMs };
}

/** The key of a target in hex, or `{purl, file}`. */
function readTarget(item: Shape): Uint8Array {
  if (typeof item.value === "string") return item.hex(32);
  const target = item.record();
  const key = parseTarget(target.string("purl"), target.string("file")).key;
  target.done();
  return key;
}

/** A time, in seconds since 1970. */
function readSecond(item: Shape): number {
  const text = item.string();
  return item.within(() => parseTime(text)) / 1_000;
}

function readKey(item: Shape): Uint8Array {
  const key = fromHex(item.string(2 * MAX_KEY_BYTES));
  return key.length === 0
    ? item.fail("shape/out-of-range", `a key in hex expected, not "${toHex(key)}"`)
    : key;
}
