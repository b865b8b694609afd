import type { Clock } from "./edges.ts";
import { repeat } from "./repeat.ts";

/** Between two looks. */
const LOOK_MS = 10_000;
/** Of a core, since the last look: what takes more works. What takes less rests, though it may be checking what it has, a tenth of the time. */
const WORKING = 0.3;
const RESTING = 0.15;

/**
 * Gives memory back once, when the node comes to rest after it has worked, as it has at its start: V8 by itself waits until there is much garbage,
 * which takes hours where little comes by the minute. `work`: ms of processor time so far; `giveBack` may take a quarter of a second. Returns how
 * to end that.
 */
export function giveBackAtRest(clock: Clock, work: () => number, giveBack: () => void): () => void {
  let before = work();
  let isOwed = true;
  return repeat(clock, LOOK_MS, () => {
    const took = work() - before;
    if (took > LOOK_MS * WORKING) isOwed = true;
    else if (isOwed && took < LOOK_MS * RESTING) {
      isOwed = false;
      giveBack();
    }
    before = work();
  });
}
