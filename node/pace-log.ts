import type { SyncView } from "../protocol/index.ts";
import type { Clock } from "./edges.ts";
import type { Log } from "./log.ts";
import { repeat } from "./repeat.ts";

/** Between two lines: a day of synchronising is not to fill a journal. */
const EVERY_MS = 60_000;

/** Writes down how far the node is while it catches up, a line a minute, and one when it has. Returns how to end that. */
export function logPace(pace: () => Promise<SyncView>, clock: Clock, log: Log): () => void {
  let isBehind = false;
  const say = (sync: SyncView): void => {
    const { feeds, missing, rate, seconds } = sync;
    if (missing > 0 && rate > 0)
      log.info({ event: "catching-up", feeds, missing, rate, left_s: seconds }, "catching up");
    else if (missing === 0 && isBehind) log.info({ event: "caught-up" }, "caught up");
    else return;
    isBehind = missing > 0;
  };
  // A node that stops answers nothing.
  return repeat(clock, EVERY_MS, () => void pace().then(say, () => undefined));
}
