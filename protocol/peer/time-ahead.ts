import type { SignedHead } from "../feed/index.ts";
import { isAhead } from "../lifecycle/index.ts";

/** Whether a head has a time line that is ahead of `now`, in ms since 1970. */
export function isTimedAhead(head: SignedHead | null, now: number): boolean {
  return head !== null && head.time !== null && isAhead(1_000 * head.time, now);
}
