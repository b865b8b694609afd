import { showable, showableLine } from "../../protocol/index.ts";
import { EXIT } from "../errors.ts";
import type { Failure } from "./failure.ts";

/** A failure as it stands on stderr: for people, on one line, or with --json an object (protocol/spec/error.schema.json). */
export function failureLine({ code, message, exit }: Failure, json: boolean): string {
  if (json) return showable(JSON.stringify({ samebits: 1, event: "error", code, message, exit }));
  if (exit !== EXIT.internal) return `samebits: ${showableLine(message)} [${code}]`;
  // Of our own bug the stack is wanted.
  const [first = "", ...more] = showable(message).split("\n");
  return [`samebits: ${first} [${code}]`, ...more].join("\n");
}
