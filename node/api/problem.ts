import type { Context } from "hono";
import { ProtocolError } from "../../protocol/index.ts";
import { NodeError, Refused } from "../errors.ts";

type Status = 400 | 401 | 403 | 404 | 409 | 413 | 415 | 421 | 429 | 500 | 503;

/** An RFC 9457 problem object with our stable code. */
export function problem(context: Context, status: Status, code: string, detail: string): Response {
  const body = { type: `urn:samebits:error:${code}`, title: code, status, code, detail };
  return context.body(`${JSON.stringify(body)}\n`, status, { "content-type": "application/problem+json" });
}

/** An error as a problem: foreign bytes 400, what the engine refuses 409, what this node cannot do 503, the rest 500. */
export function problemOf(context: Context, error: unknown): Response {
  if (error instanceof ProtocolError) return problem(context, 400, error.code, error.message);
  if (error instanceof Refused) {
    return problem(context, error.code === "peer/no-such-finding" ? 404 : 409, error.code, error.message);
  }
  if (error instanceof NodeError) return problem(context, 503, error.code, error.message);
  return problem(context, 500, "internal/impossible", "this is our bug; the node's log has more");
}
