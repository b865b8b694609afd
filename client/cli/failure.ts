import { CommanderError } from "commander";
import { ClientError, EXIT } from "../errors.ts";

/** Why a command ends without having done what it was asked. */
export interface Failure {
  /** Stable: `protocol/spec/errors.md`. */
  readonly code: string;
  /** What was wrong, where, and what to do. */
  readonly message: string;
  /** The exit status. */
  readonly exit: number;
  /** What people are told, without a line end; null where they have been told already. */
  readonly words: string | null;
}

/** What an error comes to; what nobody expected is `internal/impossible` and ends with 70 (RULES R31). Null for help and version. */
export function failureOf(error: unknown): Failure | null {
  if (error instanceof CommanderError) return usageFailure(error);
  if (error instanceof ClientError) {
    const { code, message, exitCode: exit } = error;
    return { code, message, exit, words: `samebits: ${message}` };
  }
  const code = codeOf(error);
  if (error instanceof Error && code !== null) {
    const { message } = error;
    const exit = NODE_EXITS.get(code.slice(0, code.indexOf("/"))) ?? EXIT.badBytes;
    return { code, message, exit, words: `samebits: ${message} (${code})` };
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const words = `samebits: internal error, please report it: ${message}`;
  return { code: "internal/impossible", message, exit: EXIT.internal, words };
}

/** The line on stderr of a command that was asked for JSON (`protocol/spec/error.schema.json`). */
export function failureLine({ code, message, exit }: Failure): string {
  return JSON.stringify({ samebits: 1, event: "error", code, message, exit });
}

/** commander's own complaints, which it writes to stderr itself. */
function usageFailure({ exitCode, code, message }: CommanderError): Failure | null {
  if (exitCode === 0) return null;
  const why =
    code === "commander.help" ? "a subcommand is missing: see its help" : message.replace(/^error: /, "");
  return { code: "usage/bad-option", message: why, exit: EXIT.usage, words: null };
}

/** What stops a node, by the area of its code; all other codes of ours are about bytes that the user named. */
const NODE_EXITS: ReadonlyMap<string, number> = new Map([
  ["config", EXIT.usage],
  ["data", EXIT.cannotCreate],
  ["store", EXIT.cannotCreate],
  ["own-head", EXIT.cannotCreate],
  ["mesh", EXIT.unavailable],
  ["check", EXIT.internal],
  ["node", EXIT.internal],
  ["internal", EXIT.internal],
]);

/** By name, not by class: the published package has the node in a file of its own, with classes of its own. */
const OURS: ReadonlySet<string> = new Set(["ProtocolError", "NodeError", "Refused"]);

function codeOf(error: unknown): string | null {
  if (!(error instanceof Error) || !OURS.has(error.name) || !("code" in error)) return null;
  return typeof error.code === "string" ? error.code : null;
}
