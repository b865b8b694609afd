import { EXIT } from "../errors.ts";

/** ms after which a node that was told to stop is ended; a second signal ends it at once. */
const STOP_WITHIN_MS = 5_000;

/** Aborted by SIGTERM or SIGINT, or one of `more`; what is not done STOP_WITHIN_MS later is not waited for. */
export function stopSignal(...more: readonly NodeJS.Signals[]): AbortSignal {
  const stop = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT", ...more] as const) {
    process.once(signal, () => {
      stop.abort();
      setTimeout(() => process.exit(EXIT.internal), STOP_WITHIN_MS).unref();
    });
  }
  return stop.signal;
}

/** Tells of hang-ups, which have a service read its configuration again; at a terminal one ends the process, as it ends everything there. */
export function onHangUp(told: () => void): void {
  if (process.stdin.isTTY || process.platform === "win32") return;
  process.on("SIGHUP", told);
}

/** Hang-ups as signals, one after the other. */
export class HangUp {
  #told = new AbortController();

  constructor() {
    onHangUp(() => this.#told.abort());
  }

  /** Aborted by the first hang-up since it was asked for last. */
  next(): AbortSignal {
    if (this.#told.signal.aborted) this.#told = new AbortController();
    return this.#told.signal;
  }
}
