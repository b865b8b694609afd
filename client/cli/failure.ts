import { ClientError, EXIT } from "../errors.ts";

/** What went wrong, as a command tells it. */
export interface Failure {
  /** Stable, of protocol/spec/errors.md. */
  readonly code: string;
  /** What, where, and what to do. */
  readonly message: string;
  /** The exit status of a command that ends with it (CONTRACT, "Exit codes"). */
  readonly exit: number;
}

/** What stops a node, by the code or its area; all other codes that are not the client's are about bytes that the user named. */
const EXITS: ReadonlyMap<string, number> = new Map([
  ["config", EXIT.usage],
  ["data/bad-key", EXIT.noInput],
  ["data", EXIT.cannotCreate],
  ["store/closed", EXIT.internal],
  ["store", EXIT.cannotCreate],
  ["own-head", EXIT.cannotCreate],
  ["mesh", EXIT.unavailable],
  ["peer", EXIT.unavailable],
  ["check", EXIT.internal],
  ["node/no-engine", EXIT.internal],
  ["node", EXIT.unavailable],
  ["internal", EXIT.internal],
]);

/** By name, not by class: the published package has the node in a file of its own, with classes of its own. */
const OURS: ReadonlySet<string> = new Set(["ProtocolError", "NodeError", "Refused"]);

/** What an error comes to; one that nobody expected is our bug. */
export function failureOf(error: unknown): Failure {
  if (error instanceof ClientError) {
    return { code: error.code, message: error.message, exit: error.exitCode };
  }
  if (error instanceof Error && OURS.has(error.name) && "code" in error) {
    const code = String(error.code);
    const exit = EXITS.get(code) ?? EXITS.get(code.slice(0, code.indexOf("/"))) ?? EXIT.badBytes;
    return { code, message: error.message, exit };
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    code: "internal/impossible",
    message: `internal error, please report it: ${text}`,
    exit: EXIT.internal,
  };
}
