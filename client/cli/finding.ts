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

/** An error in its own words. */
export function why(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
