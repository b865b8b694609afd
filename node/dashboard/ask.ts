/** Asking the node that served this page. */
import { ProtocolError, readJson, record } from "../../protocol/index.ts";
import type { JsonValue, RecordShape } from "../../protocol/index.ts";
import { answer } from "./answers.ts";

/** Octets of a problem object, and characters of it that are shown. */
const PROBLEM_BYTES = 64 * 1024;

/** What went wrong, in words for people. */
export class AskError extends Error {
  override name = "AskError";
}

export async function ask<Value>(
  path: string,
  read: (root: RecordShape) => Value,
  signal: AbortSignal | null = null,
): Promise<Value> {
  return answered(() => fetch(path, { signal }), read);
}

/** POST of JSON; with the node's token where the route wants it. */
export async function send<Value>(
  path: string,
  body: object,
  read: (root: RecordShape) => Value,
  token: string | null = null,
): Promise<Value> {
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (token !== null) headers["authorization"] = `Bearer ${token}`;
  return answered(() => fetch(path, { method: "POST", headers, body: JSON.stringify(body) }), read);
}

async function answered<Value>(
  start: () => Promise<Response>,
  read: (root: RecordShape) => Value,
): Promise<Value> {
  let status: number;
  let body: Uint8Array;
  try {
    const response = await start();
    status = response.status;
    body = new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new AskError("The node does not answer. Is it running?", { cause: error });
  }
  if (status !== 200) throw new AskError(problemIn(body) ?? `The node answers ${status}.`);
  try {
    return read(answer(body));
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new AskError(`The node's answer can't be read: ${error.message}`, { cause: error });
  }
}

/** The node's own words of what it refuses (RFC 9457). */
function problemIn(body: Uint8Array): string | null {
  try {
    return record(parsed(body), "problem").string("detail");
  } catch {
    return null;
  }
}

function parsed(body: Uint8Array): JsonValue {
  return readJson(body, { maxBytes: PROBLEM_BYTES });
}
