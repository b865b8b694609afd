import { setTimeout } from "node:timers/promises";
import { counted } from "../../protocol/index.ts";
import type { AuditView, SyncView } from "../../protocol/index.ts";
import { durationInWords } from "./duration.ts";
import type { Printer } from "./print.ts";

const EVERY_MS = 1_000;

/** What a node fetches and how fast, in a line. */
export function paceInWords({ feeds, missing, rate, seconds }: SyncView): string {
  const what = `${counted(missing, "entry")} of ${counted(feeds, "feed")}`;
  if (seconds === null) return `${what}, none came of late`;
  return `${what}, ${rate}/s, ${durationInWords(1_000 * seconds)} left`;
}

/** How far a node is with checking others' signatures after their entries were stored. */
export function auditInWords({ audited, left, seconds }: AuditView): string {
  const done = counted(audited, "entry");
  return left === 0 ? done : `${done}, ${left} to go, ${durationInWords(1_000 * seconds)} left`;
}

/**
 * Shows on a terminal how far a node is while it catches up, until `stop`. While nothing comes nothing is shown: of some feeds nobody may
 * have more for days.
 */
export async function showPace(
  printer: Printer,
  pace: () => Promise<SyncView | null>,
  stop: AbortSignal,
  everyMs: number = EVERY_MS,
): Promise<void> {
  let last: SyncView | null = null;
  let end: (() => void) | null = null;
  while (!stop.aborted) {
    // A node that stops or starts anew answers nothing: that is told elsewhere.
    last = await pace().catch(() => null);
    const isMoving = last !== null && last.missing > 0 && last.rate > 0;
    if (isMoving) end ??= printer.progress(() => `samebits: ${last === null ? "" : paceInWords(last)}`);
    else {
      end?.();
      end = null;
    }
    await setTimeout(everyMs, undefined, { signal: stop, ref: false }).catch(() => undefined);
  }
  end?.();
}
