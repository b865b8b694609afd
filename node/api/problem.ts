import type { Context } from "hono";
import { ProtocolError } from "../../protocol/index.ts";
import { NodeError, Refused } from "../errors.ts";
import type { HttpCode } from "../errors.ts";
import type { Log } from "../log.ts";

export const PROBLEM_TYPE = "application/problem+json";

type Status = 400 | 401 | 403 | 404 | 409 | 413 | 415 | 421 | 422 | 429 | 500 | 503;

/** What this interface itself refuses, as an RFC 9457 problem object with its stable code. */
export function problem(context: Context, status: Status, code: HttpCode, detail: string): Response {
  return answer(context, status, code, detail);
}

/** An error as a problem, with the status of errors.md. */
export function problemOf(context: Context, error: unknown, log: Log): Response {
  const status = statusOf(error);
  const isKnown = error instanceof ProtocolError || error instanceof Refused || error instanceof NodeError;
  if (isKnown && status !== 500) return answer(context, status, error.code, error.message);
  const { method, path } = context.req;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  log.error(
    { event: "request-failed", code: "internal/impossible", method, path, error: text },
    "internal/impossible: a request failed by our own fault; please report it",
  );
  return answer(context, 500, "internal/impossible", "this is our bug; the node's log has more");
}

/** An error as anybody may be told of it: what a node cannot do names files and addresses of its machine. */
export function forAnybody(error: unknown): unknown {
  return error instanceof NodeError
    ? new NodeError(
        error.code,
        "the node cannot do that now: ask again later; its log says more to its operator",
      )
    : error;
}

/** Foreign bytes 400, what the engine refuses 409, what this node cannot do 503, our bugs 500. */
function statusOf(error: unknown): Status {
  if (error instanceof NodeError) return 503;
  if (error instanceof Refused) return refusedAs(error.code);
  return error instanceof ProtocolError && error.code !== "internal/impossible" ? 400 : 500;
}

/** What the engine refuses, where it is not 409; of a witness as c2sp.org/tlog-witness has it. */
const REFUSED: ReadonlyMap<string, Status> = new Map([
  ["internal/impossible", 500],
  ["peer/busy", 503],
  ["peer/not-ready", 503],
  ["peer/no-such-finding", 404],
  ["witness/malformed", 400],
  ["witness/old-too-large", 400],
  ["witness/unsigned", 403],
  ["witness/unknown-origin", 404],
  ["witness/not-consistent", 422],
  ["witness/not-held", 503],
  ["witness/busy", 503],
  ["witness/frozen", 503],
  ["witness/stopped", 503],
]);
/** Areas of codes of a witness's request, and of NodeError. */
const BYTES = /^(?:checkpoint|note|cosignature)\//;
const NODE = /^(?:config|data|store|own-head|check|mesh|node)\//;

function refusedAs(code: string): Status {
  return REFUSED.get(code) ?? (BYTES.test(code) ? 400 : NODE.test(code) ? 503 : 409);
}

function answer(context: Context, status: Status, code: string, detail: string): Response {
  return context.body(problemText(status, code, detail), status, { "content-type": PROBLEM_TYPE });
}

/** A problem object (RFC 9457) on one line. */
export function problemText(status: number, code: string, detail: string): string {
  const body = { type: `urn:samebits:error:${code}`, title: code, status, code, detail };
  return `${JSON.stringify(body)}\n`;
}
