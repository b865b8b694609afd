/** How an alert stands. */
import type { Policy } from "../policy/index.ts";
import { pictureOf } from "./picture.ts";
import type { BookedAlert } from "./types.ts";

export type AlertState = "open" | "acknowledged" | "resolved";

/** By the policy at `now`, ms since 1970. */
export function stateOf(
  alert: Pick<BookedAlert, "acknowledged" | "time" | "endedAt" | "voices">,
  policy: Policy | null,
  now: number,
): AlertState {
  if (isOver(alert, policy, now)) return "resolved";
  return alert.acknowledged === null ? "open" : "acknowledged";
}

/** Whether it was reported to be over, and not that it goes on since. */
export function isEnded({ time, endedAt }: Pick<BookedAlert, "time" | "endedAt">): boolean {
  return endedAt !== null && endedAt >= time;
}

/** The same, or nothing is left that differs: of two results one was taken back, or counts for nothing. It stays visible (RULES R17). */
export function isOver(
  alert: Pick<BookedAlert, "time" | "endedAt" | "voices">,
  policy: Policy | null,
  now: number,
): boolean {
  const results = new Set(alert.voices.map(({ sha256 }) => sha256));
  return isEnded(alert) || (results.size > 1 && pictureOf(alert.voices, policy, now).stance === "single");
}
