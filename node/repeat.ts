import type { Clock } from "./edges.ts";

/** Does something again and again, the first time after so many ms. Returns how to end that. */
export function repeat(clock: Clock, everyMs: number, run: () => void): () => void {
  const next = (): (() => void) =>
    clock.at(clock.now() + everyMs, () => {
      cancel = next();
      run();
    });
  let cancel = next();
  return () => cancel();
}
