import { setTimeout } from "node:timers/promises";
import { MAX_TIMER_MS } from "../protocol/index.ts";

/** Resolves after so long, or at the signal; by timers one after the other where it is longer than one can be. */
export async function wait(ms: number, signal: AbortSignal): Promise<void> {
  for (let left = ms; left > 0 && !signal.aborted; left -= MAX_TIMER_MS)
    await setTimeout(Math.min(left, MAX_TIMER_MS), undefined, { signal }).catch(() => undefined);
}
