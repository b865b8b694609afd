import { fromUtf8, ProtocolError, readJson, record } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";
import { addressWords } from "./http.ts";
import type { Address } from "./http.ts";
import type { Answered } from "./exchange.ts";

const PROBLEM_BYTES = 64 * 1024;

/** Reads what a node answered. Throws `api/bad-answer` with the node's name in front for what is no answer. */
export function readAnswer<Value>(name: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new ClientError(
      "api/bad-answer",
      `${name}: its answer cannot be read: ${error.message} (${error.code}); is it a samebits node, of this version?`,
      { cause: error },
    );
  }
}

/** A problem object (RFC 9457) as an error with the node's own words. */
export function refused(address: Address, { status, body }: Answered): ClientError {
  const { code, detail } = readProblem(body);
  const words = `${addressWords(address)} answers ${status}: ${detail}${code === "" ? "" : ` (${code})`}`;
  return new ClientError(status === 401 ? "api/unauthorized" : "api/refused", words);
}

function readProblem(body: Uint8Array): { readonly code: string; readonly detail: string } {
  try {
    const problem = record(readJson(body, { maxBytes: PROBLEM_BYTES }), "problem");
    return {
      code: printable(problem.string("code", 128)),
      detail: printable(problem.string("detail", 4_096)),
    };
  } catch {
    return { code: "", detail: body.length > PROBLEM_BYTES ? "" : shown(body) };
  }
}

function shown(body: Uint8Array): string {
  try {
    return printable(fromUtf8(body.subarray(0, 200)));
  } catch {
    return "";
  }
}

/** Nothing that could move a terminal's cursor. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?");
}
