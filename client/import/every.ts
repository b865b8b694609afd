/** Rounds of a bridge, one after the other, for ever. */
export interface Rounds {
  /** One round; what it throws is told, and the next one waits longer. */
  readonly round: () => Promise<void>;
  readonly everyMs: number;
  /** The longest wait after failures. */
  readonly maxWaitMs: number;
  readonly failed: (error: unknown, waitMs: number) => void;
  /** Resolves after so long, or at once when it is over. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
}

/** Until the signal: a round, then a wait; after failures in a row twice as long each time, up to the longest. */
export async function every({ round, everyMs, maxWaitMs, failed, wait, signal }: Rounds): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    let waitMs = everyMs;
    try {
      await round();
      failures = 0;
    } catch (error) {
      failures++;
      waitMs = Math.max(everyMs, Math.min(everyMs * 2 ** failures, maxWaitMs));
      failed(error, waitMs);
    }
    if (!signal.aborted) await wait(waitMs, signal);
  }
}
