/** A run of a command, as it stands beside the result that it gave: for people who look into a result, and no part of any claim. */
import { jsonObject, toHex } from "../bytes/index.ts";
import type { JsonValue } from "../bytes/index.ts";
import { formatTime } from "./time.ts";

export interface CommandRun {
  readonly command: readonly string[];
  /** Its exit status; null = it was ended by a signal. */
  readonly status: number | null;
  /** ms since 1970. */
  readonly started: number;
  readonly finished: number;
  readonly stdout: Printed;
  readonly stderr: Printed;
}

/** What a command printed on one stream: it is not kept, and can be compared. */
export interface Printed {
  readonly sha256: Uint8Array;
  readonly length: number;
}

/** By-products in the words of in-toto (`return-value`, `stdout`, `stderr`), and when the command ran. */
export function runMembers(
  run: CommandRun | null | undefined,
): Readonly<Record<string, JsonValue | undefined>> {
  if (run === null || run === undefined) return {};
  return {
    "return-value": run.status ?? undefined,
    started: formatTime(run.started),
    finished: formatTime(run.finished),
    stdout: printedJson(run.stdout),
    stderr: printedJson(run.stderr),
  };
}

function printedJson({ sha256, length }: Printed): JsonValue {
  return jsonObject({ sha256: toHex(sha256), length });
}
