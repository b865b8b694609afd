import type { Printer } from "./print.ts";

/** One thing that was looked at: how it is, and what to do where it is not well. */
export interface Finding {
  readonly check: string;
  readonly result: "ok" | "warn" | "fail";
  readonly text: string;
}

export function ok(check: string, text: string): Finding {
  return { check, result: "ok", text };
}

export function warn(check: string, text: string): Finding {
  return { check, result: "warn", text };
}

export function fail(check: string, text: string): Finding {
  return { check, result: "fail", text };
}

/** A line, or an object. */
export function tellFinding(finding: Finding, printer: Printer): void {
  const { check, result, text } = finding;
  if (printer.json) printer.object({ samebits: 1, ...finding });
  else printer.data(`${result.padEnd(5)} ${check.padEnd(10)} ${text}`);
}

/** An error in its own words. */
export function why(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
