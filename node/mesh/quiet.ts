import type { ComponentLogger, Logger } from "@libp2p/interface";

/**
 * A logger for libp2p that says nothing. The one that it brings asks for each stream, several times, whether stderr is
 * a terminal (four system calls) and what `DEBUG` may name; with `DEBUG=libp2p:*` it is wanted, and this returns null.
 */
export function quietLogger(debug: string | undefined = process.env["DEBUG"]): ComponentLogger | null {
  if (debug !== undefined && debug !== "") return null;
  const nothing = (): void => {};
  const logger: Logger = Object.assign(() => {}, {
    error: nothing,
    trace: nothing,
    enabled: false,
    newScope: () => logger,
  });
  return { forComponent: () => logger };
}
