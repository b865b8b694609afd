import type { Inspection } from "./types.ts";

/** Commands that do nothing: what the inspection's rules say of the files is all there is to it. */
const IDLE: ReadonlySet<string> = new Set(["", "true", "/bin/true", "/usr/bin/true"]);

/** Whether the inspection only looks at files as they are: nothing has to be run for it, so nobody has to allow it. */
export function isIdle({ run }: Inspection): boolean {
  return run.length < 2 && IDLE.has(run[0] ?? "");
}
